"""Claims on signatures: AWS's own examples for S3 come out as its documentation prints them.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html ("Examples: Signature Calculations")
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from stepsmith.signing import S3, Asked, authorization, canonical_request, iso


@dataclass(frozen=True)
class Example:
    """The key of AWS's examples."""

    access_key: str = "AKIAIOSFODNN7EXAMPLE"
    secret: str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


WHEN = iso(datetime(2013, 5, 24, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "body", "signature"),
    [
        pytest.param(
            *("GET", "/test.txt", "", {"range": "bytes=0-9"}, b""),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            id="GET Object",
        ),
        pytest.param(
            *("PUT", "/test%24file.text", ""),
            {"date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
            *(b"Welcome to Amazon S3.", "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
            id="PUT Object",
        ),
        pytest.param(
            *("GET", "/", "lifecycle", {}, b""),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
            id="GET Bucket Lifecycle",
        ),
        pytest.param(
            *("GET", "/", "max-keys=2&prefix=J", {}, b""),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
            id="GET Bucket (List Objects)",
        ),
    ],
)
def test_the_examples_of_aws_are_signed_as_its_documentation_says(
    method: str, path: str, query: str, headers: dict[str, str], body: bytes, signature: str
) -> None:
    payload = hashlib.sha256(body).hexdigest()
    always = {"host": "examplebucket.s3.amazonaws.com", "x-amz-content-sha256": payload, "x-amz-date": WHEN}
    signed = authorization(Example(), "us-east-1", S3, Asked(method, path, query, headers | always), payload)
    assert signed.endswith(f"Signature={signature}"), signed
    assert "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, " in signed


@pytest.mark.parametrize(("service", "canonical"), [("s3", "/a%20b"), ("states", "/a%2520b")])
def test_the_path_of_s3_alone_is_encoded_once(service: str, canonical: str) -> None:
    assert canonical_request(Asked("GET", "/a%20b", "", {}), service, (), "").split("\n")[1] == canonical
