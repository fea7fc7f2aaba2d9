"""What a client may send in place of a request: it is refused in AWS's words, and nobody breaks on it."""

import gzip

import pytest

from stepsmith.local.moto.faults import Fault
from stepsmith.local.moto.request import MAX_BYTES, understood
from stepsmith.local.moto.services import SERVICES

HEADERS = {"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0"}


@pytest.mark.parametrize("body", [b"{", b"[]", b"3", b"null", b'"a"', b"\xff"])
def test_a_body_that_is_no_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(Fault) as refused:
        understood(SERVICES["dynamodb"], "POST", "/", HEADERS, body)
    assert (refused.value.code, refused.value.status) == ("SerializationException", 400)


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_nothing_is_a_request_without_members(body: bytes) -> None:
    asked = understood(SERVICES["dynamodb"], "POST", "/", HEADERS, body)
    assert (asked.operation, asked.parameters) == ("ListTables", {})


def test_what_a_client_packed_is_unpacked() -> None:
    headers = {**HEADERS, "Content-Encoding": "gzip"}
    asked = understood(SERVICES["dynamodb"], "POST", "/", headers, gzip.compress(b'{"Limit": 1}'))
    assert asked.parameters == {"Limit": 1} and "content-encoding" not in asked.headers


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"no gzip", "SerializationException"),
        (gzip.compress(b"{}")[:-12], "SerializationException"),
        (gzip.compress(b" " * (MAX_BYTES + 1)), "RequestEntityTooLarge"),
    ],
    ids=["another", "cut off", "bomb"],
)
def test_what_cannot_be_unpacked_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(Fault) as refused:
        understood(SERVICES["dynamodb"], "POST", "/", {**HEADERS, "Content-Encoding": "gzip"}, body)
    assert refused.value.code == code
