"""Requests that nobody should make, against a real `stepsmith up`: AWS's codes as boto3 reads them."""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from tests.endpoint.conftest import Up


@pytest.fixture(scope="module")
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One `up` for all tests of this file: they change nothing."""
    import os
    import sys

    from tests.endpoint.conftest import ROOT

    data = tmp_path_factory.mktemp("door") / "data"
    path = os.pathsep.join([*(str(ROOT / each) for each in ("src", "tools/python", ".")), *sys.path])
    words = [sys.executable, "-m", "stepsmith.cli", "up", "--data", str(data), "--port", "0"]
    up = Up(words, {**os.environ, "PYTHONPATH": path, "COLUMNS": "200"}, data)
    up.until("stepsmith env")
    yield up
    up.process.kill()
    up.process.wait()


def code(action: Any, **given: Any) -> str:
    with pytest.raises(ClientError) as refused:
        action(**given)
    assert refused.value.response["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]
    return str(refused.value.response["Error"]["Code"])


def raw(up: Up, head: str, body: bytes = b"") -> tuple[int, dict[str, Any]]:
    """Status and JSON of the answer to bytes that no client library would send."""
    parts = urlsplit(up.url)
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        response = http.client.HTTPResponse(connection)
        response.begin()
        return response.status, json.loads(response.read())


def test_another_key_or_secret_is_refused_by_name(place: Up) -> None:
    assert code(place.client(aws_access_key_id="AKIANOBODY").list_activities) == "UnrecognizedClientException"
    assert code(place.client(aws_secret_access_key="guess").list_activities) == "InvalidSignatureException"


def test_a_service_that_is_not_here_yet_is_named(place: Up) -> None:
    assert code(place.client("glue").list_jobs) == "UnsupportedOperationException"
    with pytest.raises(ClientError, match="'rds' is not part of this endpoint yet"):
        place.client("rds").describe_db_instances()


@pytest.mark.parametrize(
    ("head", "status", "error"),
    [
        ("POST / HTTP/1.1\nHost: localhost\nX-Amz-Target: A.B", 400, "MissingAuthenticationTokenException"),
        (
            "POST / HTTP/1.1\nHost: localhost\nX-Amz-Target: A.B\nContent-Type: application/x-www-form-urlencoded",
            400,
            "MissingAuthenticationTokenException",
        ),
        ("POST / HTTP/1.1\nHost: evil.example\nX-Amz-Target: A.B", 403, "AccessDeniedException"),
        ("POST / HTTP/1.1\nHost: localhost\nOrigin: null\nX-Amz-Target: A.B", 403, "AccessDeniedException"),
        ("GET /_stepsmith/health HTTP/1.1\nHost: evil.example", 403, "AccessDeniedException"),
        ("OPTIONS /_stepsmith/health HTTP/1.1\nHost: localhost\nOrigin: http://a", 403, "AccessDeniedException"),
    ],
)
def test_strangers_are_refused_in_order(place: Up, head: str, status: int, error: str) -> None:
    answered = raw(place, head)
    assert (answered[0], answered[1]["__type"]) == (status, error)


def test_a_request_over_the_bound_is_refused(place: Up) -> None:
    with pytest.raises(ClientError) as refused:
        place.client().create_state_machine(name="big", definition="x" * 5_000_000, roleArn="arn:aws:iam::0:role/r")
    assert refused.value.response["Error"]["Code"] == "RequestEntityTooLargeException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


@pytest.mark.parametrize(
    ("head", "body"),
    [("NONSENSE", b""), ("POST / HTTP/9.9\nHost: localhost", b""), ("GET " + "/x" * 9000 + " HTTP/1.1", b"")],
)
def test_what_is_no_http_is_refused_and_bothers_nobody(place: Up, head: str, body: bytes) -> None:
    parts = urlsplit(place.url)
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        assert b" 400 " in connection.recv(4096).split(b"\r\n")[0]
    assert "activities" in place.client().list_activities()
    assert "Traceback" not in "".join(place.said)


def test_a_thousand_clients_at_once_are_served(place: Up) -> None:
    parts = urlsplit(place.url)
    address = (parts.hostname, parts.port)
    connections = [socket.create_connection(address) for _ in range(1000)]
    try:
        for connection in connections:
            connection.sendall(b"GET /_stepsmith/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answers = [connection.recv(15) for connection in connections]
    finally:
        for connection in connections:
            connection.close()
    assert set(answers) == {b"HTTP/1.1 200 OK"}
    assert "activities" in place.client().list_activities()
