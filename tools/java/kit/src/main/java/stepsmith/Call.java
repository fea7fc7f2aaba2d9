package stepsmith;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;

/**
 * One call of one tool, as its function sees it.
 *
 * <p>The effect id names the logical call: a repeat carries the same one. The deadline is the earlier of the run's and
 * the function's own.
 */
public final class Call {
    private final Event event;
    private final Instant deadline;
    private final Objects objects;

    Call(Event event, Instant functionEnd, Objects objects) {
        this.event = event;
        this.deadline = functionEnd.isBefore(event.deadline()) ? functionEnd : event.deadline();
        this.objects = objects;
    }

    public String name() {
        return event.name();
    }

    public String id() {
        return event.id();
    }

    public String effectId() {
        return event.effectId();
    }

    public String runId() {
        return event.runId();
    }

    public String agent() {
        return event.agent();
    }

    public long turn() {
        return event.turn();
    }

    public Instant deadline() {
        return deadline;
    }

    public int maxResultBytes() {
        return event.maxResultBytes();
    }

    /** The file of this run that a reference from the model means. Throws ToolError where it may not be read or is none. */
    public byte[] read(String uri) throws IOException {
        Location at = Location.parse(uri)
                .filter(each -> each.isUnder(event.artifacts()))
                .orElseThrow(() -> new ToolError("'" + uri + "' is not one of this run's files. Use a reference exactly as "
                        + "a result of this run gives it; they begin with '" + event.artifacts() + "'."));
        try {
            return objects.get(at.bucket(), at.key()).orElseThrow(() -> missing("'" + at + "'"));
        } catch (AccessDeniedException refused) {
            throw missing("'" + at + "' (or this function may not read it)");
        }
    }

    private static ToolError missing(String file) {
        return new ToolError("There is no file " + file + ". Use a reference that a result of this run gives.");
    }

    /** The same for a reference that comes as bucket and key. */
    public byte[] read(String bucket, String key) throws IOException {
        String slash = bucket.contains("/") ? "//" : "/"; // A bucket with a slash would move part of the key.
        return read("s3://" + bucket + slash + key);
    }

    /**
     * Where a file of this call goes: chart.png becomes {@code <artifacts>chart-1a2b3c4d.png}. The digits come from the
     * effect id, so another call never overwrites it, and a repeat of this one does.
     */
    Location place(String name) {
        String plain = Location.UNPLAIN.matcher(name).replaceAll("_");
        if (plain.contains("/") || List.of("", ".", "..").contains(plain)) {
            throw new IllegalArgumentException("'" + name + "' is no file name; give one without folders");
        }
        int dot = plain.lastIndexOf('.') > 0 ? plain.lastIndexOf('.') : plain.length();
        return event.artifacts().child(plain.substring(0, dot) + "-" + mark() + plain.substring(dot));
    }

    void put(Location at, byte[] data, String mediaType) throws IOException {
        objects.put(at.bucket(), at.key(), data, mediaType);
    }

    private String mark() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(effectId().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 4);
        } catch (NoSuchAlgorithmException error) {
            throw new IllegalStateException(error); // Every Java has it.
        }
    }
}
