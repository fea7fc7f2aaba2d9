"""Claims on where a secret comes from, and for how long it is kept. Secrets Manager is a server on loopback."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from stepsmith.secrets import LIFE, Kept, MissingSecret, UnreadableSecret, fetch, optional_secret, secret

ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:stepsmith/KEY"


class Answers(BaseHTTPRequestHandler):
    """GetSecretValue of the JSON 1.1 protocol (AWS Secrets Manager API Reference)."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.headers["X-Amz-Target"] == "secretsmanager.GetSecretValue"
        if asked["SecretId"].endswith("EMPTY"):
            self.answer(400, {"__type": "ResourceNotFoundException", "Message": "AWSCURRENT"})
            return
        binary = asked["SecretId"].endswith("BINARY")
        value = {"SecretBinary": "AAE="} if binary else {"SecretString": f"value of {asked['SecretId']}"}
        self.answer(200, {"ARN": asked["SecretId"], **value})

    def answer(self, status: int, document: dict[str, str]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setenv("AWS_REGION", "us-east-1")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield
        server.shutdown()


def test_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "mine")
    monkeypatch.setenv("KEY_SECRET_ARN", ARN)
    assert secret("KEY") == optional_secret("KEY") == "mine"


def test_else_secrets_manager_is_asked(monkeypatch: pytest.MonkeyPatch, manager: None) -> None:
    monkeypatch.delenv("KEY", raising=False)
    monkeypatch.setenv("KEY_SECRET_ARN", ARN)
    assert secret("KEY") == fetch(ARN) == f"value of {ARN}"


def test_a_secret_that_is_no_text_is_unreadable(manager: None) -> None:
    with pytest.raises(UnreadableSecret, match="is binary: the operator must store it as text"):
        fetch(f"{ARN}_BINARY")


def test_a_secret_that_was_never_given_a_value_is_not_set(monkeypatch: pytest.MonkeyPatch, manager: None) -> None:
    monkeypatch.delenv("KEY", raising=False)
    monkeypatch.setenv("KEY_SECRET_ARN", f"{ARN}_EMPTY")
    assert optional_secret("KEY") is None
    with pytest.raises(MissingSecret):
        secret("KEY")


def test_a_secret_that_is_nowhere_is_none_or_an_error_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KEY", raising=False)
    monkeypatch.delenv("KEY_SECRET_ARN", raising=False)
    assert optional_secret("KEY") is None
    with pytest.raises(MissingSecret, match=r"KEY is not set: .*\.env \(KEY_SECRET_ARN on AWS\)"):
        secret("KEY")


def test_a_secret_is_asked_for_once_until_its_life_is_over() -> None:
    asked: list[str] = []
    now = 0.0

    def ask(arn: str) -> str:
        asked.append(arn)
        return f"{arn} {len(asked)}"

    kept = Kept(ask, lambda: now)
    assert [kept.get("a"), kept.get("b"), kept.get("a")] == ["a 1", "b 2", "a 1"]
    now = LIFE - 1
    assert kept.get("a") == "a 1"
    now = LIFE
    assert kept.get("a") == "a 3"
