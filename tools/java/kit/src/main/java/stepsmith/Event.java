package stepsmith;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;

/** A call as it arrives, parsed once at the edge. Fields that the kit does not know are passed over. */
record Event(
        String name,
        String id,
        JsonNode input,
        String runId,
        String agent,
        long turn,
        String effectId,
        Location artifacts,
        int maxResultBytes,
        Instant deadline) {

    /** Throws ContractError, which names the field. */
    static Event parse(byte[] event) throws IOException {
        JsonNode value;
        try {
            value = Json.MAPPER.readTree(event);
        } catch (JsonProcessingException error) {
            throw new ContractError("", "the event is no JSON");
        }
        Fields call = new Fields(object(value, ""), "");
        JsonNode input = call.object("input");
        Fields context = new Fields(call.object("context"), "context.");
        return new Event(
                call.text("name"),
                call.text("id"),
                input,
                context.text("run_id"),
                context.text("agent"),
                context.integer("turn", 0),
                context.text("effect_id"),
                prefix(context.text("artifacts")),
                (int) Math.min(Integer.MAX_VALUE, context.integer("max_result_bytes", 1)),
                instant(context.text("deadline")));
    }

    private record Fields(JsonNode object, String path) {
        String text(String name) {
            JsonNode value = given(name);
            if (!value.isTextual()) {
                throw wrong(name, "a string is needed", value);
            }
            return value.textValue();
        }

        JsonNode object(String name) {
            return Event.object(given(name), path + name);
        }

        long integer(String name, long least) {
            JsonNode value = given(name);
            if (!value.isNumber() || value.doubleValue() != Math.rint(value.doubleValue()) || !value.canConvertToLong()) {
                throw wrong(name, "an integer is needed", value);
            }
            if (value.longValue() < least) {
                throw wrong(name, "at least " + least + " is needed", value);
            }
            return value.longValue();
        }

        private JsonNode given(String name) {
            if (!object.has(name)) {
                throw new ContractError(path + name, "is missing");
            }
            return object.get(name);
        }

        private ContractError wrong(String name, String needed, JsonNode value) {
            return new ContractError(path + name, needed + ", not " + Json.shown(value));
        }
    }

    private static JsonNode object(JsonNode value, String field) {
        if (!value.isObject()) {
            throw new ContractError(field, "an object is needed, not " + Json.shown(value));
        }
        return value;
    }

    private static Instant instant(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException error) {
            String needed = "a time like 2026-01-31T12:00:00Z is needed, not ";
            throw new ContractError("context.deadline", needed + Json.shown(text));
        }
    }

    private static Location prefix(String text) {
        String needed = "a prefix like s3://bucket/artifacts/ is needed, not ";
        return Location.parse(text)
                .filter(Location::isPrefix)
                .orElseThrow(() -> new ContractError("context.artifacts", needed + Json.shown(text)));
    }
}
