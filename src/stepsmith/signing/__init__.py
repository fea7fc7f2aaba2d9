"""AWS Signature Version 4, as both sides compute it: who sends requests (`stepsmith.objects`, the CLI) and who verifies
them (`stepsmith.local.endpoint`).

    headers = {"host": host, "x-amz-date": iso(now), "x-amz-content-sha256": payload_sha256}
    authorization(key, region, "s3", Asked("GET", path, query, headers), payload_sha256)

Steps and names follow "Create a signed AWS API request" of the IAM user guide; S3 differs in two details: its path is
encoded once, and its payload's hash is a header.
"""

from .signature import (
    ALGORITHM,
    S3,
    UNSIGNED,
    Asked,
    Key,
    authorization,
    canonical_request,
    iso,
    mac,
    sign,
    signing_key,
)

__all__ = [
    "ALGORITHM",
    "S3",
    "UNSIGNED",
    "Asked",
    "Key",
    "authorization",
    "canonical_request",
    "iso",
    "mac",
    "sign",
    "signing_key",
]
