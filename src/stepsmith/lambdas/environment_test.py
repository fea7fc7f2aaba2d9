"""What a function's process sees of this machine, and what wins."""

from pathlib import Path

import pytest

from stepsmith.lambdas.environment import Place, environment
from stepsmith.lambdas.function import Function

PLACE = Place(Path("/code"), "127.0.0.1:9001", Path("/scratch"), "stream")


def seen(machine: dict[str, str], own: dict[str, str] | None = None) -> dict[str, str]:
    return environment(Function("fn", Path("/code"), "app.handler", environment=own or {}), PLACE, machine=machine)


def test_nothing_of_the_machine_is_inherited_but_certificates_and_proxies() -> None:
    machine = {"HOME": "/home/ada", "AWS_PROFILE": "prod", "OPENAI_API_KEY": "sk", "SSL_CERT_FILE": "/ca.pem"}
    assert set(seen(machine)) - set(seen({})) == {"SSL_CERT_FILE"}
    assert seen(machine)["HOME"] == "/scratch"


def test_a_proxy_never_swallows_calls_to_this_machine() -> None:
    variables = seen({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "intranet"})
    assert variables["NO_PROXY"] == "intranet,localhost,127.0.0.1,::1"
    assert variables["no_proxy"] == "localhost,127.0.0.1,::1"
    assert "NO_PROXY" not in seen({})


@pytest.mark.parametrize("name", ["AWS_LAMBDA_RUNTIME_API", "_HANDLER", "LAMBDA_TASK_ROOT", "AWS_LAMBDA_FUNCTION_NAME"])
def test_a_function_cannot_change_what_lambda_sets(name: str) -> None:
    assert seen({}, {name: "mine"})[name] != "mine"


def test_a_function_may_set_its_credentials_endpoint_and_zone() -> None:
    own = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "TZ": "Europe/Oslo"}
    assert seen({}, own).items() >= own.items()


def test_secrets_are_not_in_the_text_of_a_function() -> None:
    assert "sk-1" not in repr(Function("fn", Path("/code"), "app.handler", environment={"KEY": "sk-1"}))
