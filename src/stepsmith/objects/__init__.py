"""Objects of the artifact store, by their ``s3://`` URI: what the kits read and write.

    objects = S3Objects()
    objects.put("s3://bucket/artifacts/sql/r1/a.csv", b"a,b", "text/csv")
    objects.get("s3://bucket/artifacts/sql/r1/a.csv")

    uri            `Location`: a URI as a value, and whether one lies under another
    store          `Objects`: what every store can do
    s3             `S3Objects`: S3, or the endpoint of the local runtime
    connections    the connections that it keeps
    memory         `MemoryObjects`: a dictionary, for tests of tools

Errors are Python's own: `FileNotFoundError`, `FileExistsError`, `PermissionError`, and `ObjectsUnavailable` for a store
that does not answer.
"""

from .memory import MemoryObjects
from .s3 import S3Objects
from .store import Objects, ObjectsUnavailable
from .uri import Location

__all__ = ["Location", "MemoryObjects", "Objects", "ObjectsUnavailable", "S3Objects"]
