package stock_analyzer;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import stepsmith.Call;
import stepsmith.ToolError;

/**
 * Daily prices by ticker, oldest first, from CSV rows {@code ticker,v1,v2,...}; NaN is a gap.
 *
 * <p>An empty cell is a gap, and so is a price that is not positive or not finite: no such price was ever paid, and no
 * return can be computed from it. A first row without a number in it is a header.
 */
record Prices(Map<String, double[]> byTicker) {

    /** The file that the input's bucket and key mean. Throws ToolError for one that holds no prices. */
    static Prices read(JsonNode input, Call call) throws IOException {
        byte[] data = call.read(input.get("bucket").textValue(), input.get("key").textValue());
        return parse(new String(data, StandardCharsets.UTF_8));
    }

    static Prices parse(String csv) {
        Map<String, double[]> byTicker = new LinkedHashMap<>();
        int number = 0;
        for (String line : csv.split("\\R")) {
            number++;
            if (line.isBlank() || (number == 1 && isHeader(line))) {
                continue;
            }
            String[] cells = line.split(",", -1);
            String ticker = cells[0].strip();
            if (ticker.isEmpty() || byTicker.put(ticker, row(cells, number)) != null) {
                throw new ToolError("Row " + number + " of the file has no ticker, or one that came before. Use the file "
                        + "that download_tickers_data wrote.");
            }
        }
        if (byTicker.isEmpty()) {
            throw new ToolError("The file holds no prices. Use the file that download_tickers_data wrote.");
        }
        return new Prices(byTicker);
    }

    private static boolean isHeader(String line) {
        String[] cells = line.split(",", -1);
        for (int index = 1; index < cells.length; index++) {
            if (cells[index].isBlank() || isNumber(cells[index])) {
                return false;
            }
        }
        return cells.length > 1;
    }

    private static double[] row(String[] cells, int number) {
        double[] prices = new double[cells.length - 1];
        for (int index = 0; index < prices.length; index++) {
            String cell = cells[index + 1].strip();
            if (!cell.isEmpty() && !isNumber(cell)) {
                throw new ToolError("Row " + number + " of the file holds what is no price: '"
                        + cell.substring(0, Math.min(40, cell.length())) + "'. Use the file that download_tickers_data wrote.");
            }
            double price = cell.isEmpty() ? Double.NaN : Double.parseDouble(cell);
            prices[index] = price > 0 && price < Double.POSITIVE_INFINITY ? price : Double.NaN;
        }
        return prices;
    }

    private static boolean isNumber(String cell) {
        try {
            Double.parseDouble(cell.strip());
            return true;
        } catch (NumberFormatException error) {
            return false;
        }
    }
}
