"""S3 on loopback: buckets are folders, objects are files that people can open.

    keys        object keys as file names, and back
    folder      objects, their metadata, listing
    uploads     multipart uploads
    signature   who calls: SigV4 in headers and in presigned URLs
    body        what arrives: aws-chunked bodies, checksums, bounds
    server      the requests of the S3 API that clients make
    faults, documents  the words of its answers

Shapes, names and rules are those of the "Amazon S3 API Reference" and of botocore's service model `s3`.
"""

from .folder import Buckets
from .server import ObjectServer

__all__ = ["Buckets", "ObjectServer"]
