package stepsmith;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The kit passes the cases that the kits of all languages must pass (tests/contracts/tool_calls/README.md). */
class CasesTest {
    private static final Path CASES = Path.of("../../../tests/contracts/tool_calls");
    private static final List<String> GROUPS = List.of("results", "spilled", "references", "errors", "malformed");

    private static final class Conformance extends ToolHandler {
        Conformance(Objects objects) throws IOException {
            super(
                    Map.of(
                            "echo", (in, call) -> new Answer.Text(in.get("text").textValue().repeat(times(in, "times"))),
                            "data", (in, call) -> new Answer.Json(in.get("value")),
                            "table", (in, call) -> table(in),
                            "read", (in, call) -> new Answer.Text(read(in, call)),
                            "draw", (in, call) -> new Answer.Picture(
                                    in.get("base64").binaryValue(), in.get("name").textValue(), "image/png"),
                            "refuse", (in, call) -> {
                                throw new ToolError(in.get("advice").textValue());
                            },
                            "crash", (in, call) -> {
                                throw new IllegalStateException("a bug");
                            }),
                    json("tool.json"),
                    objects);
        }

        private static Answer table(JsonNode in) {
            List<String> columns = new ArrayList<>();
            in.get("columns").forEach(column -> columns.add(column.textValue()));
            List<List<JsonNode>> rows = new ArrayList<>();
            for (int time = 0; time < times(in, "repeat"); time++) {
                for (JsonNode row : in.get("rows")) {
                    List<JsonNode> cells = new ArrayList<>();
                    row.forEach(cells::add);
                    rows.add(cells);
                }
            }
            return new Answer.Table(columns, rows);
        }

        private static String read(JsonNode in, Call call) throws IOException {
            byte[] data = in.has("file")
                    ? call.read(in.get("file").textValue())
                    : call.read(in.get("bucket").textValue(), in.get("key").textValue());
            return new String(data, StandardCharsets.UTF_8);
        }

        private static int times(JsonNode in, String name) {
            return in.path(name).asInt(1);
        }
    }

    private static final class Memory implements Objects {
        final Map<String, byte[]> held = new HashMap<>();
        final Set<String> forbidden = new HashSet<>();

        @Override
        public Optional<byte[]> get(String bucket, String key) throws AccessDeniedException {
            if (forbidden.contains("s3://" + bucket + "/" + key)) {
                throw new AccessDeniedException(key);
            }
            return Optional.ofNullable(held.get("s3://" + bucket + "/" + key));
        }

        @Override
        public void put(String bucket, String key, byte[] data, String mediaType) {
            held.put("s3://" + bucket + "/" + key, data);
        }
    }

    @TestFactory
    Stream<DynamicTest> theKitAnswersAsTheCasesSay() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (String group : GROUPS) {
            for (JsonNode each : json(group + ".json").get("cases")) {
                tests.add(dynamicTest(group + ": " + each.get("name").textValue(), () -> check(each)));
            }
        }
        return tests.stream();
    }

    private static void check(JsonNode each) throws IOException {
        Memory memory = new Memory();
        each.path("objects").properties().forEach(object ->
                memory.held.put(object.getKey(), object.getValue().textValue().getBytes(StandardCharsets.UTF_8)));
        each.path("forbidden").forEach(uri -> memory.forbidden.add(uri.textValue()));
        Set<String> before = new HashSet<>(memory.held.keySet());
        JsonNode event = filled(each.get("event"));
        byte[] sent = Json.text(event).getBytes(StandardCharsets.UTF_8);
        Conformance handler = new Conformance(memory);
        if (each.has("error")) {
            Exception raised = assertThrows(Exception.class, () -> handler.handle(sent, Instant.now().plusSeconds(30)));
            checkError(each.get("error"), raised);
        } else {
            checkResult(each.get("result"), handler.handle(sent, Instant.now().plusSeconds(30)), event);
        }
        checkStored(each.get("stored"), before, memory);
    }

    private static void checkError(JsonNode expected, Exception raised) {
        if (expected.path("type").asText().equals("ContractError")) {
            assertEquals(ContractError.class, raised.getClass());
        }
        assertTrue(matches(expected.get("message"), Json.MAPPER.valueToTree(raised.getMessage())), raised::getMessage);
    }

    private static void checkResult(JsonNode expected, String actual, JsonNode event) throws IOException {
        assertTrue(matches(expected, Json.MAPPER.readTree(actual)), actual);
        int most = event.get("context").get("max_result_bytes").intValue();
        assertTrue(actual.getBytes(StandardCharsets.UTF_8).length <= most, "over the budget");
    }

    private static void checkStored(JsonNode expected, Set<String> before, Memory memory) throws IOException {
        Set<String> made = new HashSet<>(memory.held.keySet());
        made.removeAll(before);
        Set<String> wanted = new HashSet<>();
        expected.fieldNames().forEachRemaining(wanted::add);
        assertEquals(wanted, made);
        for (String uri : made) {
            assertTrue(matches(expected.get(uri), worded(memory.held.get(uri), expected.get(uri))), uri);
        }
    }

    private static JsonNode worded(byte[] data, JsonNode expected) throws IOException {
        if (expected.has("base64")) {
            return Json.MAPPER.valueToTree(Map.of("base64", Base64.getEncoder().encodeToString(data)));
        }
        return expected.has("json")
                ? Json.MAPPER.valueToTree(Map.of("json", Json.MAPPER.readTree(data)))
                : Json.MAPPER.valueToTree(new String(data, StandardCharsets.UTF_8));
    }

    /** Whether a value is as expected; strings may be described (README.md). */
    private static boolean matches(JsonNode expected, JsonNode actual) {
        if (expected.asText().equals("$any")) {
            return true;
        }
        if (expected.has("$json")) {
            try {
                return matches(expected.get("$json"), Json.MAPPER.readTree(actual.textValue()));
            } catch (IOException error) {
                return false;
            }
        }
        if (expected.has("$starts") || expected.has("$contains")) {
            return startsAndContains(expected, actual.textValue());
        }
        if (expected.isObject()) {
            return expected.size() == actual.size()
                    && expected.properties().stream()
                            .allMatch(each -> actual.has(each.getKey())
                                    && matches(each.getValue(), actual.get(each.getKey())));
        }
        if (expected.isArray()) {
            boolean same = expected.size() == actual.size();
            for (int index = 0; same && index < expected.size(); index++) {
                same = matches(expected.get(index), actual.get(index));
            }
            return same;
        }
        return expected.isNumber() ? expected.doubleValue() == actual.doubleValue() : expected.equals(actual);
    }

    private static boolean startsAndContains(JsonNode expected, String text) {
        boolean all = text.startsWith(expected.path("$starts").asText());
        for (JsonNode part : expected.path("$contains")) {
            all = all && text.contains(part.textValue());
        }
        return all;
    }

    private static JsonNode filled(JsonNode event) throws IOException {
        if (!event.isObject()) {
            return event;
        }
        ObjectNode context = (ObjectNode) json("context.json");
        context.setAll((ObjectNode) event.get("context"));
        return ((ObjectNode) event.deepCopy()).set("context", context);
    }

    private static JsonNode json(String name) throws IOException {
        return Json.MAPPER.readTree(Files.readAllBytes(CASES.resolve(name)));
    }
}
