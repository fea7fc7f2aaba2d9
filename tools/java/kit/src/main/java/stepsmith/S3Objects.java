package stepsmith;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** S3 as the function's role sees it, or the endpoint that AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL names (path style). */
final class S3Objects implements Objects {
    private final Signed s3 = new Signed("s3");

    @Override
    public Optional<byte[]> get(String bucket, String key) throws IOException {
        HttpResponse<byte[]> response = s3.send("GET", uri(bucket, key), Map.of(), new byte[0]);
        String body = response.statusCode() == 404 ? new String(response.body(), StandardCharsets.UTF_8) : "";
        if (body.contains("NoSuchKey")) {
            return Optional.empty();
        }
        if (response.statusCode() == 403) {
            throw new AccessDeniedException("s3://" + bucket + "/" + key);
        }
        return Optional.of(served(response, bucket, key).body());
    }

    @Override
    public void put(String bucket, String key, byte[] data, String mediaType) throws IOException {
        served(s3.send("PUT", uri(bucket, key), Map.of("content-type", mediaType), data), bucket, key);
    }

    /** Tells of the object, not the store's own words: they can hold a signature. */
    private static HttpResponse<byte[]> served(HttpResponse<byte[]> response, String bucket, String key)
            throws IOException {
        if (response.statusCode() != 200) {
            throw new IOException(
                    "The artifact store did not serve s3://" + bucket + "/" + key + " (HTTP " + response.statusCode() + ")");
        }
        return response;
    }

    private static URI uri(String bucket, String key) {
        String path = Arrays.stream(key.split("/", -1))
                .map(step -> URLEncoder.encode(step, StandardCharsets.UTF_8).replace("+", "%20"))
                .collect(Collectors.joining("/"));
        return Signed.endpoint("S3")
                .map(endpoint -> URI.create(endpoint + "/" + bucket + "/" + path))
                .orElseGet(() -> URI.create("https://" + bucket + ".s3." + Signed.region() + ".amazonaws.com/" + path));
    }
}
