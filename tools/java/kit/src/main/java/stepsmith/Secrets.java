package stepsmith;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Secrets by their names in tool.json: the environment variable of that name where it is set (on a laptop), else the
 * Secrets Manager secret that {@code <name>_SECRET_ARN} names, asked for again after five minutes.
 */
public final class Secrets {
    private static final Duration LIFE = Duration.ofMinutes(5);
    private static final Map<String, Kept> KEPT = new HashMap<>();

    private record Kept(String value, Instant until) {}

    private Secrets() {}

    /** The secret's text. Throws IOException, which says where to put it, or that it cannot be read. */
    public static synchronized String secret(String name) throws IOException {
        String value = System.getenv(name);
        if (value != null && !value.isEmpty()) {
            return value;
        }
        String arn = Signed.setting(name + "_SECRET_ARN")
                .orElseThrow(() -> new IOException(
                        name + " is not set: put it into the environment or .env (" + name + "_SECRET_ARN on AWS)."));
        Kept kept = KEPT.get(arn);
        if (kept == null || kept.until().isBefore(Instant.now())) {
            kept = new Kept(fetch(arn), Instant.now().plus(LIFE));
            KEPT.put(arn, kept);
        }
        return kept.value();
    }

    private static String fetch(String arn) throws IOException {
        String vendor = "https://secretsmanager." + Signed.region() + ".amazonaws.com";
        Map<String, String> headers = Map.of(
                "content-type", "application/x-amz-json-1.1", "x-amz-target", "secretsmanager.GetSecretValue");
        byte[] body = Json.text(Map.of("SecretId", arn)).getBytes(StandardCharsets.UTF_8);
        URI uri = URI.create(Signed.endpoint("SECRETS_MANAGER").orElse(vendor) + "/");
        HttpResponse<byte[]> response = new Signed("secretsmanager").send("POST", uri, headers, body);
        String text = response.statusCode() == 200
                ? Json.MAPPER.readTree(response.body()).path("SecretString").textValue()
                : null;
        if (text == null) {
            throw new IOException("The secret '" + arn + "' cannot be read: check that it is a text, and that the "
                    + "function's role may read it.");
        }
        return text;
    }
}
