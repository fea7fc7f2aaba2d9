package stepsmith;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

/**
 * Requests to AWS, signed by AWS's own signer and sent by Java's own client: AWS's client for S3 is ten megabytes and a
 * second of cold start. The role's credentials lie in the environment for as long as the process lives.
 */
final class Signed {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Set<String> SET_BY_CLIENT = Set.of("host", "content-length");

    private final String service;

    /** Made by the first request: a call that reads no file need not wait for them, a sixth of a cold start. */
    private static final class Made {
        static final HttpClient HTTP = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
        static final AwsV4HttpSigner SIGNER = AwsV4HttpSigner.create();
    }

    Signed(String service) {
        this.service = service;
    }

    static String region() {
        return setting("AWS_REGION").or(() -> setting("AWS_DEFAULT_REGION")).orElse("us-east-1");
    }

    /** The endpoint that the environment names for a service, without a slash at its end. */
    static Optional<String> endpoint(String service) {
        return setting("AWS_ENDPOINT_URL_" + service)
                .or(() -> setting("AWS_ENDPOINT_URL"))
                .map(url -> url.replaceAll("/+$", ""));
    }

    static Optional<String> setting(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isEmpty());
    }

    HttpResponse<byte[]> send(String method, URI uri, Map<String, String> headers, byte[] body) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(TIMEOUT);
        sign(method, uri, headers, body).headers().entrySet().stream()
                .filter(header -> !SET_BY_CLIENT.contains(header.getKey().toLowerCase(Locale.ROOT)))
                .flatMap(header -> header.getValue().stream().map(value -> List.of(header.getKey(), value)))
                .forEach(header -> request.header(header.get(0), header.get(1)));
        request.method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        try {
            return Made.HTTP.send(request.build(), BodyHandlers.ofByteArray());
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", error);
        }
    }

    private SdkHttpRequest sign(String method, URI uri, Map<String, String> headers, byte[] body) {
        SdkHttpRequest.Builder unsigned = SdkHttpRequest.builder().method(SdkHttpMethod.fromValue(method)).uri(uri);
        headers.forEach(unsigned::putHeader);
        return Made.SIGNER.sign(request -> request.identity(credentials())
                        .request(unsigned.build())
                        .payload(ContentStreamProvider.fromByteArray(body))
                        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, service)
                        .putProperty(AwsV4HttpSigner.REGION_NAME, region())
                        .putProperty(AwsV4HttpSigner.DOUBLE_URL_ENCODE, !service.equals("s3"))
                        .putProperty(AwsV4HttpSigner.NORMALIZE_PATH, !service.equals("s3")))
                .request();
    }

    private static AwsCredentialsIdentity credentials() {
        List<String> given = Stream.of("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
                .map(name -> setting(name).orElse("none"))
                .toList();
        return setting("AWS_SESSION_TOKEN")
                .<AwsCredentialsIdentity>map(
                        token -> AwsSessionCredentialsIdentity.create(given.get(0), given.get(1), token))
                .orElseGet(() -> AwsCredentialsIdentity.create(given.get(0), given.get(1)));
    }
}
