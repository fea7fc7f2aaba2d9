package stepsmith;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Compact JSON as every reader counts it: UTF-8, no blanks, no escapes that JSON does not need. */
final class Json {
    static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private static final Pattern LONE_SURROGATE =
            Pattern.compile("[\\uD800-\\uDBFF](?![\\uDC00-\\uDFFF])|(?<![\\uD800-\\uDBFF])[\\uDC00-\\uDFFF]");

    private Json() {}

    /** The text of a value; one that JSON cannot hold is a bug of the tool. */
    static String text(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException error) {
            throw new IllegalArgumentException("an answer is no JSON: " + error.getOriginalMessage(), error);
        }
    }

    /** UTF-8 bytes of a value as JSON. */
    static int size(Object value) {
        return text(value).getBytes(StandardCharsets.UTF_8).length;
    }

    /** A text that UTF-8 can hold. */
    static String wellFormed(String text) {
        return LONE_SURROGATE.matcher(text).replaceAll("\uFFFD");
    }

    /** A wrong value, cut short: it may be long, and nothing of it belongs into a log whole. */
    static String shown(Object value) {
        String text = wellFormed(text(value));
        return text.length() <= 60 ? text : text.substring(0, 60) + "...";
    }
}
