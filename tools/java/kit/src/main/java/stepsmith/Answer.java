package stepsmith;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/** What a tool function may answer. Several of them, in order, are {@link Parts}. */
public sealed interface Answer {
    record Text(String text) implements Answer {}

    /** Any JSON: a node, or a value that Jackson can write. */
    record Json(Object value) implements Answer {}

    /** Rows under columns whose names differ. The model sees a page of it; all of it is kept. Facts are more keys. */
    record Table(List<String> columns, List<? extends List<?>> rows, Map<String, ?> facts) implements Answer {
        public Table(List<String> columns, List<? extends List<?>> rows) {
            this(columns, rows, Map.of());
        }
    }

    /** A picture goes to the artifact store. The name is a file name, not used twice in one answer. */
    record Picture(byte[] data, String name, String mediaType) implements Answer {}

    /** Any other file, like Picture. */
    record File(byte[] data, String name, String mediaType) implements Answer {}

    record Parts(List<Answer> parts) implements Answer {}

    /** A tool: its input has the shape that its schema says. */
    @FunctionalInterface
    interface Tool {
        Answer answer(JsonNode input, Call call) throws Exception;
    }
}
