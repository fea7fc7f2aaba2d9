package stepsmith;

import java.io.IOException;
import java.util.Optional;

/** The artifact store. */
public interface Objects {
    /**
     * The whole object, or nothing where there is none. Throws AccessDeniedException where the function's role may not
     * read it, or may not list the bucket and there is none.
     */
    Optional<byte[]> get(String bucket, String key) throws IOException;

    void put(String bucket, String key, byte[] data, String mediaType) throws IOException;
}
