"""Requests of real models, checked: the shapes that Step Functions has not, and that every pattern is known."""

import base64
from typing import Any

import pytest

from stepsmith.local import service_model
from stepsmith.local.service_model import Invalid, Map, Shape, Structure, Text, Unreadable, checked
from stepsmith.local.service_model.checking import _pattern

LAMBDA = service_model.read("lambda/2015-03-31")
ROLE = "arn:aws:iam::000000000000:role/r"


def shape(action: str) -> Structure:
    return service_model.structure(LAMBDA["shapes"], LAMBDA["operations"][action]["input"]["shape"], {})


def create(**given: Any) -> dict[str, Any]:
    return checked(shape("CreateFunction"), {"FunctionName": "f", "Role": ROLE, "Code": {}, **given})


@pytest.mark.parametrize("model", ["lambda/2015-03-31", "stepfunctions/2016-11-23"])
def test_every_pattern_of_a_model_is_one_that_python_reads(model: str) -> None:
    patterns = [of["pattern"] for of in service_model.read(model)["shapes"].values() if "pattern" in of]
    assert patterns
    for pattern in patterns:
        _pattern(pattern)


def test_every_action_of_lambda_can_be_checked() -> None:
    assert all(isinstance(shape(action), Structure) for action in LAMBDA["operations"])


def test_a_blob_is_base64_in_json_and_bytes_for_the_action() -> None:
    zipped = base64.b64encode(b"\0zip").decode()
    assert create(Code={"ZipFile": zipped})["Code"]["ZipFile"] == b"\0zip"
    with pytest.raises(Unreadable, match="no base64"):
        create(Code={"ZipFile": "%%%"})


def test_what_is_wrong_with_keys_of_a_map_is_told_of_the_map() -> None:
    shown = r"Value '{a b!=1}' at 'Tags' failed to satisfy constraint: Map keys must satisfy constraint: \[Member must"
    with pytest.raises(Invalid, match=shown):
        create(Tags={"a b!": "1"})


def test_values_of_a_sensitive_map_are_not_repeated() -> None:
    with pytest.raises(Invalid) as refused:
        create(Environment={"Variables": {"1X": "s3cret"}})
    assert "Value at 'Environment.Variables'" in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_members_are_called_as_a_service_spells_them() -> None:
    with pytest.raises(Invalid, match="Value '' at 'functionName' failed"):
        checked(shape("GetFunction"), {"FunctionName": ""}, lambda name: name[:1].lower() + name[1:])


def test_a_map_of_another_json_type_is_unreadable() -> None:
    each: Shape = Text(0, None, None, (), is_sensitive=False)
    with pytest.raises(Unreadable, match="Start of list found where not expected"):
        checked(Structure({"m": Map(each, each, is_sensitive=False)}, ()), {"m": []})
