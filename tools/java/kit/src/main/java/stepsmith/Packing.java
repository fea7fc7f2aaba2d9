package stepsmith;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * An answer as a tool_result within its budget: UTF-8 bytes of its JSON. Pictures and files always go to the artifact
 * store and cost a reference; the texts share what remains, in order. A text over its share is stored whole, as
 * {@code <tool>.txt} or {@code <tool>.json}, and in its place stand a preview, the size and the URI.
 */
final class Packing {
    private static final String JSON = "application/json";
    private static final String TEXT = "text/plain; charset=utf-8";

    private final Call call;
    private final Set<String> names = new HashSet<>(); // Each once in an answer.

    Packing(Call call) {
        this.call = call;
    }

    /** The result as a JSON value. */
    Map<String, Object> result(Answer answer, boolean isError) throws IOException {
        List<Answer> parts = answer instanceof Answer.Parts several ? several.parts() : List.of(answer);
        List<List<Map<String, Object>>> blocks = new ArrayList<>();
        for (Answer part : parts) {
            blocks.add(kept(part));
        }
        int room = call.maxResultBytes() - Json.size(result(flat(blocks), isError));
        int texts = (int) blocks.stream().filter(List::isEmpty).count();
        for (int index = 0; index < parts.size(); index++) {
            if (blocks.get(index).isEmpty()) {
                blocks.set(index, told(parts.get(index), room / texts));
                room -= blocks.get(index).stream().mapToInt(block -> Json.size(block) + 1).sum();
                texts--;
            }
        }
        return result(flat(blocks), isError);
    }

    private Map<String, Object> result(List<Map<String, Object>> content, boolean isError) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("type", "tool_result");
        result.put("tool_use_id", call.id());
        result.put("name", call.name());
        result.put("content", content);
        result.put("is_error", isError);
        return result;
    }

    private static List<Map<String, Object>> flat(List<List<Map<String, Object>>> blocks) {
        return blocks.stream().flatMap(List::stream).toList();
    }

    /** The reference of a part that is a file. */
    private List<Map<String, Object>> kept(Answer part) throws IOException {
        if (part instanceof Answer.Picture picture) {
            return List.of(file("image", picture.name(), picture.data(), picture.mediaType()));
        }
        if (part instanceof Answer.File file) {
            return List.of(file("file", file.name(), file.data(), file.mediaType()));
        }
        return List.of();
    }

    /** A part's text in at most {@code room} bytes, and its file where it does not fit. */
    private List<Map<String, Object>> told(Answer part, int room) throws IOException {
        if (part instanceof Answer.Text text) {
            return text(Json.wellFormed(text.text()), "txt", TEXT, room);
        }
        if (part instanceof Answer.Json json) {
            return text(Json.wellFormed(Json.text(json.value())), "json", JSON, room);
        }
        if (part instanceof Answer.Table table) {
            return table(table, room);
        }
        throw new IllegalArgumentException("Parts within Parts are no answer");
    }

    private List<Map<String, Object>> text(String text, String suffix, String mediaType, int room) throws IOException {
        if (Json.size(textBlock(text)) <= room) {
            return List.of(textBlock(text));
        }
        byte[] data = text.getBytes(StandardCharsets.UTF_8);
        Map<String, Object> file = file("file", call.name() + "." + suffix, data, mediaType);
        String cut = "\n\n[Cut here: this text has %,d bytes. All of it is in %s]";
        String note = String.format(Locale.ENGLISH, cut, data.length, file.get("uri"));
        int left = room - Json.size(file) - Json.size(textBlock(note)) - 1;
        return List.of(textBlock(fitting(text, left) + note), file);
    }

    private List<Map<String, Object>> table(Answer.Table table, int room) throws IOException {
        String whole = Page.whole(table);
        if (table.rows().size() <= Page.ROWS && Json.size(textBlock(whole)) <= room) {
            return List.of(textBlock(whole));
        }
        Map<String, Object> file = file("file", call.name() + ".json", whole.getBytes(StandardCharsets.UTF_8), JSON);
        int left = room - Json.size(file) - 1;
        String page = Page.of(table, String.valueOf(file.get("uri")), text -> Json.size(textBlock(text)) <= left);
        return List.of(textBlock(page), file);
    }

    private Map<String, Object> file(String type, String name, byte[] data, String mediaType) throws IOException {
        Location at = call.place(name);
        if (!names.add(at.key())) {
            throw new IllegalArgumentException("Two files of one answer are called '" + name + "'; give each its own name.");
        }
        call.put(at, data, mediaType);
        Map<String, Object> block = new LinkedHashMap<>();
        block.put("type", type);
        block.put("uri", at.toString());
        block.put("media_type", mediaType);
        block.put("title", name);
        return block;
    }

    private static Map<String, Object> textBlock(String text) {
        Map<String, Object> block = new LinkedHashMap<>();
        block.put("type", "text");
        block.put("text", text);
        return block;
    }

    /** The longest beginning of {@code text} that takes at most {@code room} bytes as a JSON string. */
    private static String fitting(String text, int room) {
        int low = 0;
        int high = text.length();
        while (low < high) {
            int middle = (low + high + 1) / 2;
            if (Json.size(whole(text, middle)) <= room) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return whole(text, low);
    }

    /** The first letters, without half of a pair. */
    private static String whole(String text, int length) {
        boolean cutsPair = length > 0 && Character.isHighSurrogate(text.charAt(length - 1));
        return text.substring(0, cutsPair ? length - 1 : length);
    }
}
