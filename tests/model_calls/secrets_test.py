"""A key of Secrets Manager, read from a server on loopback that speaks its wire.

Shapes: botocore's service model `secretsmanager` (GetSecretValue; JSON 1.1 errors with `__type`).
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from stand_ins.model_vendor.server import Answer, VendorServer
from stepsmith.contracts import LlmAuthentication
from stepsmith.llm.secrets import required, secret


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[VendorServer]:
    """Secrets Manager, and a function that names a secret in it."""
    with VendorServer() as server:
        settings = {"AWS_ENDPOINT_URL": server.url, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
        keys = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_MAX_ATTEMPTS": "1"}
        for name, value in {**settings, **keys, "VENDOR_KEY_SECRET_ARN": f"arn:aws:secretsmanager:{uuid4()}"}.items():
            monkeypatch.setenv(name, value)
        yield server


def test_a_key_of_secrets_manager_is_read_once(manager: VendorServer) -> None:
    manager.will_give(Answer(body={"SecretString": "sk-1"}))
    assert (secret("VENDOR_KEY"), required("VENDOR_KEY")) == ("sk-1", "sk-1")
    assert [asked.headers["x-amz-target"] for asked in manager.asked] == ["secretsmanager.GetSecretValue"]


def test_the_environment_comes_first(manager: VendorServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENDOR_KEY", "sk-2")
    assert required("VENDOR_KEY") == "sk-2"
    assert not manager.asked


def test_a_key_that_may_not_be_read_is_the_operator_s(manager: VendorServer) -> None:
    manager.will_give(Answer(400, {"__type": "AccessDeniedException", "Message": "no"}))
    with pytest.raises(LlmAuthentication, match=r"cannot be read .* the operator must check"):
        required("VENDOR_KEY")


def test_a_key_that_is_set_nowhere_is_named_with_the_places_to_set_it() -> None:
    with pytest.raises(LlmAuthentication, match=r"NOBODYS_KEY is not set: .*\.env \(NOBODYS_KEY_SECRET_ARN on AWS\)"):
        required("NOBODYS_KEY")


def test_a_line_break_at_a_key_s_end_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENDOR_KEY", " sk-2\r\n")
    assert (secret("VENDOR_KEY"), required("VENDOR_KEY")) == ("sk-2", "sk-2")


@pytest.mark.parametrize("key", ["sk-é", "sk-1\nx"])
def test_a_key_that_fits_no_header_is_the_operator_s(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("VENDOR_KEY", key)
    with pytest.raises(LlmAuthentication, match="VENDOR_KEY holds characters that no key has") as raised:
        required("VENDOR_KEY")
    assert key not in str(raised.value)
