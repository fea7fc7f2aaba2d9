package stepsmith;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/** A table as JSON text: whole, or a page of it that fits. Cells are shortened only where few rows would fit otherwise. */
final class Page {
    static final int ROWS = 100;
    private static final int[] WIDTHS = {Integer.MAX_VALUE, 1000, 200, 40}; // Characters of a cell, tried in this order.
    private static final int ENOUGH = 10; // So many rows are worth more than whole cells.

    private Page() {}

    /** The text that holds every row whole. A table without rows names its columns. */
    static String whole(Answer.Table table) {
        Map<String, Object> columns = table.rows().isEmpty() ? Map.of("columns", table.columns()) : Map.of();
        return text(table, columns, table.rows().size(), Integer.MAX_VALUE);
    }

    /** The text of as many rows as {@code fits} lets pass. */
    static String of(Answer.Table table, String uri, Predicate<String> fits) {
        String text = "";
        for (int width : WIDTHS) {
            int shown = most(table, uri, width, fits);
            text = part(table, uri, shown, width);
            if (shown >= Math.min(ENOUGH, table.rows().size())) {
                break;
            }
        }
        return text;
    }

    private static int most(Answer.Table table, String uri, int width, Predicate<String> fits) {
        int low = 0;
        int high = Math.min(ROWS, table.rows().size());
        while (low < high) {
            int middle = (low + high + 1) / 2;
            if (fits.test(part(table, uri, middle, width))) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private static String part(Answer.Table table, String uri, int shown, int width) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("rows_shown", shown);
        facts.put("all_rows", uri);
        return text(table, facts, shown, width);
    }

    private static String text(Answer.Table table, Map<String, Object> facts, int shown, int width) {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("row_count", table.rows().size());
        value.putAll(facts);
        value.putAll(table.facts());
        value.put("rows", rows(table, shown, width));
        return Json.text(value);
    }

    private static List<Map<String, Object>> rows(Answer.Table table, int shown, int width) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (List<?> row : table.rows().subList(0, shown)) {
            Map<String, Object> named = new LinkedHashMap<>();
            for (int column = 0; column < table.columns().size(); column++) {
                named.put(table.columns().get(column), cut(row.get(column), width));
            }
            rows.add(named);
        }
        return rows;
    }

    private static Object cut(Object cell, int width) {
        if (width == Integer.MAX_VALUE) {
            return cell;
        }
        Object plain = cell instanceof JsonNode node && node.isTextual() ? node.textValue() : cell;
        String text = plain instanceof String given ? given : Json.text(plain);
        return text.length() <= width
                ? cell
                : String.format(Locale.ENGLISH, "%s... (%,d characters)", Json.wellFormed(text.substring(0, width)), text.length());
    }
}
