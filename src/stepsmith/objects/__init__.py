"""Objects of the artifact store, by their ``s3://`` URI: what the kits read and write.

One thin layer over obstore (a Rust client with Python bindings: 30 ms to import where boto3 takes ten times that).
Endpoint, region and credentials come from the environment, as in any AWS SDK: ``AWS_ENDPOINT_URL``, ``AWS_REGION``,
``AWS_ACCESS_KEY_ID`` and its kin; so the same code reaches S3 from a Lambda and the folder of the local runtime.

Errors are Python's own: `FileNotFoundError`, `FileExistsError`, `PermissionError`, and `ObjectsUnavailable` for a store
that does not answer.
"""

from .store import Objects, ObjectsUnavailable
from .uri import Location

__all__ = ["Location", "Objects", "ObjectsUnavailable"]
