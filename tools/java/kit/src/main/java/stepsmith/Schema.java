package stepsmith;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import com.networknt.schema.resource.DisallowSchemaLoader;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A tool's input schema (draft 2020-12), compiled once, and what to tell a model whose input does not fit it. */
final class Schema {
    private static final int FAULTS = 5; // So many are named at once.
    private static final int WIDTH = 200; // Characters of one: it can quote the value, and a value can be long.

    private static final JsonSchemaFactory FACTORY = JsonSchemaFactory.getInstance(
            VersionFlag.V202012, made -> made.schemaLoaders(loaders -> loaders.add(DisallowSchemaLoader.getInstance())));

    private final String tool;
    private final JsonSchema schema;

    Schema(String tool, JsonNode source) {
        this.tool = tool;
        SchemaValidatorsConfig config = SchemaValidatorsConfig.builder()
                .pathType(PathType.JSON_PATH)
                .formatAssertionsEnabled(true)
                .locale(Locale.ENGLISH)
                .build();
        schema = FACTORY.getSchema(source, config);
    }

    /** Throws ToolError, which names what does not fit. */
    void check(JsonNode input) {
        var faults = schema.validate(input);
        if (!faults.isEmpty()) {
            String advice = "The input of " + tool + " does not fit its schema. Correct this and call it again:";
            throw new ToolError(Stream.concat(Stream.of(advice), faults.stream().limit(FAULTS).map(Schema::told))
                    .collect(Collectors.joining("\n")));
        }
    }

    private static String told(ValidationMessage fault) {
        String place = fault.getInstanceLocation().toString().replaceFirst("^\\$\\.?", "");
        String named = fault.getProperty() == null || fault.getMessage().contains(fault.getProperty())
                ? ""
                : ": '" + fault.getProperty() + "'";
        String message = fault.getMessage().replaceFirst("^\\$[^:]*: ", "") + named;
        return "- " + (place.isEmpty() ? "input" : place) + ": " + shortened(message);
    }

    private static String shortened(String text) {
        return text.length() <= WIDTH
                ? text
                : text.substring(0, WIDTH / 2) + " ... " + text.substring(text.length() - WIDTH / 2);
    }
}
