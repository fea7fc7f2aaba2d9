package stepsmith;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * The Lambda handler of a function's tools: parse, validate, call one pure function, answer within the budget. The log
 * says whose call it was and how it ended; never what was said.
 */
public abstract class ToolHandler implements RequestStreamHandler {
    private static final Duration MARGIN = Duration.ofSeconds(2); // For storing and answering; at most a fifth.

    private final Map<String, Answer.Tool> tools;
    private final Map<String, Schema> schemas = new HashMap<>();
    private final Objects objects;
    private final String service;

    /** Serves these tools, by their names in the tool.json at the top of the classes. */
    protected ToolHandler(Map<String, Answer.Tool> tools) {
        this(tools, description(), new S3Objects());
    }

    /** The same over a description and an artifact store of the caller's. Throws where the two do not fit each other. */
    protected ToolHandler(Map<String, Answer.Tool> tools, JsonNode description, Objects objects) {
        this.tools = Map.copyOf(tools);
        this.objects = objects;
        this.service = description.path("function").asText();
        for (JsonNode tool : description.path("tools")) {
            String name = tool.path("name").asText();
            schemas.put(name, new Schema(name, tool.path("input_schema")));
        }
        if (!schemas.keySet().equals(this.tools.keySet())) {
            throw new IllegalArgumentException("tool.json describes the tools " + new TreeSet<>(schemas.keySet())
                    + ", but the handler was given " + new TreeSet<>(tools.keySet()) + ": make them the same.");
        }
    }

    @Override
    public final void handleRequest(InputStream event, OutputStream answer, Context context) throws IOException {
        Instant end = end(Duration.ofMillis(context.getRemainingTimeInMillis()));
        answer.write(handle(event.readAllBytes(), end).getBytes(StandardCharsets.UTF_8));
    }

    /** One call: the event's bytes in, the result's JSON out. The tool must have ended by {@code end}. */
    final String handle(byte[] event, Instant end) throws IOException {
        Instant began = Instant.now();
        Event asked = Event.parse(event);
        Answer.Tool tool = tools.get(asked.name());
        if (tool == null) {
            String known = String.join(", ", new TreeSet<>(tools.keySet()));
            throw new ContractError("name", "one of " + known + " is needed, not " + Json.shown(asked.name()));
        }
        Call call = new Call(asked, end, objects);
        Map<String, Object> made = answered(tool, asked.input(), call);
        String text = Json.text(made);
        Map<String, Object> outcome = new LinkedHashMap<>();
        outcome.put("is_error", made.get("is_error"));
        outcome.put("bytes", text.getBytes(StandardCharsets.UTF_8).length);
        outcome.put("ms", Duration.between(began, Instant.now()).toMillis());
        log("INFO", "tool call", call, outcome);
        return text;
    }

    private Map<String, Object> answered(Answer.Tool tool, JsonNode input, Call call) throws IOException {
        Packing packing = new Packing(call);
        try {
            schemas.get(call.name()).check(input);
            return packing.result(tool.answer(input, call), false);
        } catch (ToolError error) {
            return packing.result(new Answer.Text(error.getMessage()), true);
        } catch (IOException | RuntimeException error) {
            log("ERROR", "tool raised", call, Map.of("error", error.getClass().getName()));
            throw error;
        } catch (Exception error) {
            log("ERROR", "tool raised", call, Map.of("error", error.getClass().getName()));
            throw new IllegalStateException(error.getMessage(), error);
        }
    }

    private static Instant end(Duration left) {
        Duration fifth = left.dividedBy(5);
        return Instant.now().plus(left).minus(fifth.compareTo(MARGIN) < 0 ? fifth : MARGIN);
    }

    private void log(String level, String message, Call call, Map<String, ?> facts) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("level", level);
        line.put("service", service);
        line.put("message", message);
        line.put("tool", call.name());
        line.put("agent", call.agent());
        line.put("run_id", call.runId());
        line.put("turn", call.turn());
        line.put("effect_id", call.effectId());
        line.putAll(facts);
        System.out.println(Json.text(line));
    }

    private static JsonNode description() {
        try (InputStream file = ToolHandler.class.getResourceAsStream("/tool.json")) {
            if (file == null) {
                throw new IllegalStateException("There is no tool.json at the top of the classes: put it beside them.");
            }
            return Json.MAPPER.readTree(file);
        } catch (IOException error) {
            throw new IllegalStateException("tool.json is no JSON: " + error.getMessage(), error);
        }
    }
}
