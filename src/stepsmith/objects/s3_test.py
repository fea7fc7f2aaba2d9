"""Claims on S3's client, on a server on loopback that answers what it is told. What a whole store answers to it is
claimed in local/s3/objects_test.py."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from stepsmith.objects import ObjectsUnavailable, S3Objects
from stepsmith.objects.connections import Connections
from stepsmith.objects.s3 import WAITS_SECONDS, NoCredentials

Reply = tuple[int, str] | Callable[["Handler"], None]
SLOW_DOWN = (503, "<Error><Code>SlowDown</Code></Error>")
KEY = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-central-1"}
A = "s3://b/artifacts/r/a.txt"


@dataclass
class Seen:
    line: str
    headers: dict[str, str]
    body: bytes
    client: Any


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline()
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append(Seen(f"{self.command} {self.path}", headers, body, self.client_address))
        reply = self.server.replies.pop(0)
        if callable(reply):
            reply(self)
        else:
            answer(self, *reply)

    def log_message(self, *_: Any) -> None: ...


class Server(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: list[Reply] = []
        self.seen: list[Seen] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@dataclass
class Store:
    """Objects of the server, and the waits that were asked for."""

    server: Server
    waits: list[float] = field(default_factory=list)

    def objects(self, timeout_seconds: float = 5, **environment: str) -> S3Objects:
        given = {"AWS_ENDPOINT_URL": self.server.url, **KEY, **environment}
        return S3Objects(given, Connections(timeout_seconds), self.waits.append)


def answer(handler: Handler, status: int, body: str) -> None:
    handler.send_response(status)
    handler.send_header("content-length", str(len(body.encode())))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body.encode())


def hang_up(handler: Handler) -> None:
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def answer_and_hang_up(handler: Handler) -> None:
    """As a server does that has waited long enough for the next request: it says nothing of it."""
    answer(handler, 200, "first")
    hang_up(handler)


def break_off(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
    hang_up(handler)


@pytest.fixture
def store() -> Iterator[Store]:
    with Server() as server:
        Thread(target=server.serve_forever, args=(0.01,)).start()
        yield Store(server)
        server.shutdown()


def test_a_request_is_signed_with_all_its_headers_but_never_sends_the_secret(store: Store) -> None:
    store.server.replies = [(200, "")]
    store.objects(AWS_SESSION_TOKEN="token").put("s3://b/artifacts/r/ü b+~.txt", b"data", "text/plain", mode="create")
    [seen] = store.server.seen
    assert seen.line == "PUT /b/artifacts/r/%C3%BC%20b%2B~.txt"
    assert seen.body == b"data"
    assert seen.headers["if-none-match"] == "*" and seen.headers["content-type"] == "text/plain"
    names = "content-type;host;if-none-match;x-amz-content-sha256;x-amz-date;x-amz-security-token"
    assert f"/eu-central-1/s3/aws4_request, SignedHeaders={names}, Signature=" in seen.headers["authorization"]
    assert "secret" not in str(seen)


def test_one_connection_serves_many_requests(store: Store) -> None:
    store.server.replies = [(200, "1"), (404, "<Code>NoSuchKey</Code>"), (200, "3")]
    objects = store.objects()
    assert objects.get(A) == b"1"
    assert not objects.exists(A)
    assert objects.get(A) == b"3"
    assert len({seen.client for seen in store.server.seen}) == 1


def test_a_connection_that_was_closed_meanwhile_is_opened_again_without_waiting(store: Store) -> None:
    store.server.replies = [answer_and_hang_up, (200, "second")]
    objects = store.objects()
    assert [objects.get(A), objects.get(A)] == [b"first", b"second"]
    assert store.waits == []


@pytest.mark.parametrize(
    "passing", [SLOW_DOWN, (500, ""), (409, "<Code>ConditionalRequestConflict</Code>"), hang_up, break_off]
)
def test_what_may_pass_is_tried_again_after_a_wait(store: Store, passing: Reply) -> None:
    store.server.replies = [passing, passing, (200, "whole")]
    assert store.objects().get(A) == b"whole"
    assert len(store.waits) == 2
    assert all(0 <= wait <= bound for wait, bound in zip(store.waits, WAITS_SECONDS, strict=False))


def test_after_four_attempts_it_is_given_up(store: Store) -> None:
    store.server.replies = [SLOW_DOWN] * 9
    with pytest.raises(ObjectsUnavailable) as failed:
        store.objects().get(A)
    assert str(failed.value) == f"The artifact store did not serve {A!r} (HTTP 503 (SlowDown))."
    assert len(store.server.seen) == 4


def test_a_server_that_says_nothing_is_given_up(store: Store) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        objects = store.objects(0.02, AWS_ENDPOINT_URL_S3=f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(ObjectsUnavailable, match=r"did not serve 's3://b/.*' \(TimeoutError\)"):
            objects.get(A)


def test_nobody_there_is_said_so(store: Store) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(ObjectsUnavailable, match="ConnectionRefusedError"):
        store.objects(AWS_ENDPOINT_URL=url).get(A)


@pytest.mark.parametrize(
    ("reply", "error", "message"),
    [
        ((404, "<Code>NoSuchKey</Code>"), FileNotFoundError, f"There is no object {A!r}."),
        ((412, "<Code>PreconditionFailed</Code>"), FileExistsError, f"The object {A!r} exists already."),
        ((403, "<Code>AccessDenied</Code>"), PermissionError, f"role may not reach {A!r} (AccessDenied)."),
        ((400, "<Code>ExpiredToken</Code>"), ObjectsUnavailable, f"did not serve {A!r} (HTTP 400 (ExpiredToken))."),
        ((301, ""), ObjectsUnavailable, f"did not serve {A!r} (HTTP 301)."),
    ],
)
def test_a_refusal_is_one_of_pythons_errors_and_is_not_tried_again(
    store: Store, reply: tuple[int, str], error: type[Exception], message: str
) -> None:
    store.server.replies = [(reply[0], f"<Error>{reply[1]}<Signature>0123abcd</Signature></Error>")]
    with pytest.raises(error) as refused:
        store.objects().get(A)
    assert str(refused.value).endswith(message)
    assert "0123abcd" not in str(refused.value)
    assert store.waits == []


@pytest.mark.parametrize("missing", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_without_credentials_it_says_what_is_missing(missing: str) -> None:
    given = {name: value for name, value in KEY.items() if name != missing}
    with pytest.raises(NoCredentials, match=f"{missing} is not in the environment"):
        S3Objects(given).get(A)


def test_pages_of_a_listing_are_joined(store: Store) -> None:
    def page(key: str, token: str = "") -> tuple[int, str]:
        more = f"<NextContinuationToken>{token}</NextContinuationToken>" if token else ""
        item = f"<Contents><Key>{key}</Key><Size>3</Size></Contents>"
        return 200, f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{item}{more}</ListBucketResult>'

    store.server.replies = [page("artifacts/r/b &amp; c", "1/+="), page("artifacts/r/a")]
    listed = store.objects().list("s3://b/artifacts/r/")
    assert [(str(at), size) for at, size in listed] == [("s3://b/artifacts/r/a", 3), ("s3://b/artifacts/r/b & c", 3)]
    first, second = (seen.line for seen in store.server.seen)
    assert first == "GET /b/?list-type=2&prefix=artifacts%2Fr%2F"
    assert second == f"{first}&continuation-token=1%2F%2B%3D"


@pytest.mark.parametrize(
    ("environment", "bucket", "scheme", "host", "folder"),
    [
        ({}, "data", "https", "data.s3.us-east-1.amazonaws.com", ""),
        ({"AWS_REGION": "eu-west-1"}, "data", "https", "data.s3.eu-west-1.amazonaws.com", ""),
        ({"AWS_DEFAULT_REGION": "eu-west-1"}, "my.data", "https", "s3.eu-west-1.amazonaws.com", "/my.data"),
        ({"AWS_ENDPOINT_URL": "http://[::1]:80/s3/"}, "data", "http", "[::1]:80", "/s3/data"),
        ({"AWS_ENDPOINT_URL_S3": "https://a:1", "AWS_ENDPOINT_URL": "http://b"}, "data", "https", "a:1", "/data"),
    ],
)
def test_a_bucket_has_its_place(environment: dict[str, str], bucket: str, scheme: str, host: str, folder: str) -> None:
    server, path = S3Objects(environment)._place(bucket)
    assert (server.scheme, server.host, path) == (scheme, host, folder)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of localhost, signed by itself, with its key in the same file."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    shown = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path / "localhost.pem"
    file.write_bytes(key.private_bytes(*shown) + made.sign(key, hashes.SHA256()).public_bytes(shown[0]))
    return file


def test_only_who_shows_a_trusted_certificate_is_spoken_to(
    store: Store, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    store.server.socket = context.wrap_socket(store.server.socket, server_side=True)
    store.server.replies = [(200, "1"), answer_and_hang_up, (200, "3")]
    at = f"https://localhost:{store.server.server_port}"
    with pytest.raises(ObjectsUnavailable, match="SSLCertVerificationError"):
        store.objects(AWS_ENDPOINT_URL=at).get(A)
    assert store.server.seen == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    objects = store.objects(AWS_ENDPOINT_URL=at)
    assert [objects.get(A), objects.get(A), objects.get(A)] == [b"1", b"first", b"3"]
