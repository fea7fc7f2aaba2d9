"""S3 on loopback: buckets are folders, objects are files that people can open.

    server         the service that the endpoint serves (stepsmith.local.endpoint: who calls)
    actions        what clients ask for, action by action, and the table that finds one
    request, body  what arrives: names, rights, aws-chunked bodies, bounds
    headers, conditions, ranges, checksums, tags    what requests and answers say of an object
    listing, documents, faults                      the words of answers
    folder, keys, records                           objects as files, and what is known of them besides
    uploads        multipart uploads
    configuration  what is set of a bucket and kept elsewhere

Shapes, names and rules are those of the "Amazon S3 API Reference" and of botocore's service model `s3`.
"""

from .configuration import Configuration
from .folder import Buckets
from .server import ObjectServer, ObjectService

__all__ = ["Buckets", "Configuration", "ObjectServer", "ObjectService"]
