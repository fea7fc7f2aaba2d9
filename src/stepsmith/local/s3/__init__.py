"""S3 on loopback: buckets are folders, objects are files that people can open.

    keys        object keys as file names, and back
    folder      objects, their metadata, listing
    uploads     multipart uploads
    body        what arrives: aws-chunked bodies, checksums, bounds
    server      the service that the endpoint serves (stepsmith.local.endpoint: who calls)
    faults, documents  the words of its answers

Shapes, names and rules are those of the "Amazon S3 API Reference" and of botocore's service model `s3`.
"""

from .folder import Buckets
from .server import ObjectServer, ObjectService

__all__ = ["Buckets", "ObjectServer", "ObjectService"]
