package stock_analyzer;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import stepsmith.Answer;
import stepsmith.Call;

/** Simple moving averages: of each day with a whole window of days before and at it. */
final class MovingAverage {
    private static final int WINDOW = 20;

    private MovingAverage() {}

    static Answer answer(JsonNode input, Call call) throws IOException {
        int window = input.path("window").asInt(WINDOW);
        Map<String, Object> tickers = new LinkedHashMap<>();
        Prices.read(input, call).byTicker().forEach((ticker, prices) -> tickers.put(ticker, told(prices, window)));
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("window", window);
        told.put("tickers", tickers);
        return new Answer.Json(told);
    }

    private static Map<String, Object> told(double[] prices, int window) {
        List<Double> averages = of(prices, window);
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("last", averages.isEmpty() ? null : averages.get(averages.size() - 1));
        told.put("averages", averages);
        if (averages.isEmpty()) {
            told.put("reason", "only " + prices.length + " prices: ask for more days, or a smaller window");
        }
        return told;
    }

    /** One average a day from the first whole window on; null where a price of the window is missing. */
    static List<Double> of(double[] prices, int window) {
        List<Double> averages = new ArrayList<>();
        for (int end = window; end <= prices.length; end++) {
            double sum = 0;
            for (int day = end - window; day < end; day++) {
                sum += prices[day] / window; // Divided first: a sum of huge prices would be infinite.
            }
            averages.add(Double.isNaN(sum) ? null : sum);
        }
        return averages;
    }
}
