package stepsmith;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An object of the artifact store, or a prefix of objects, in plain spelling: no %, no empty, "." or ".." step. */
record Location(String bucket, String key) {
    static final Pattern UNPLAIN = Pattern.compile("[%?#\\\\\\x00-\\x1f\\x7f]");
    private static final Pattern URI = Pattern.compile("s3://([A-Za-z0-9][A-Za-z0-9._-]*)/(.+)", Pattern.DOTALL);

    static Optional<Location> parse(String uri) {
        Matcher found = URI.matcher(uri);
        if (!found.matches() || UNPLAIN.matcher(found.group(2)).find()) {
            return Optional.empty();
        }
        String key = found.group(2);
        String steps = key.endsWith("/") ? key.substring(0, key.length() - 1) : key;
        boolean plain = Arrays.stream(steps.split("/", -1)).noneMatch(List.of("", ".", "..")::contains);
        return plain ? Optional.of(new Location(found.group(1), key)) : Optional.empty();
    }

    boolean isPrefix() {
        return key.endsWith("/");
    }

    /** Whether it is an object below a prefix. */
    boolean isUnder(Location prefix) {
        return bucket.equals(prefix.bucket) && key.startsWith(prefix.key) && !isPrefix();
    }

    Location child(String name) {
        return new Location(bucket, key + name);
    }

    @Override
    public String toString() {
        return "s3://" + bucket + "/" + key;
    }
}
