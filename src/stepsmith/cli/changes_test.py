"""Claims on how plans are shown."""

from typing import Any

import pytest

from .changes import listed, summed
from .terraform.events import Planned

FUNCTION = Planned("aws_lambda_function.books", "update")
OBJECT = Planned("aws_s3_object.books", "replace")


def details(address: str, **change: Any) -> dict[str, Any]:
    return {"resource_changes": [{"address": address, "change": change}]}


def shown(capsys: pytest.CaptureFixture[str], change: Planned, **said: Any) -> str:
    listed([change], details(change.address, **said))
    return capsys.readouterr().out


def test_of_a_changed_resource_the_attributes_that_change_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    before, after = {"timeout": 60, "name": "books"}, {"timeout": 90, "name": "books"}
    said = shown(capsys, FUNCTION, before=before, after=after, after_unknown={"version": True})
    assert said == "  ~ aws_lambda_function.books\n      timeout: 60 -> 90\n"


def test_a_sensitive_value_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    said = shown(capsys, FUNCTION, before={"x": "old"}, after={"x": "planted"}, after_sensitive={"x": True})
    assert "x: sensitive" in said and "planted" not in said and "old" not in said


def test_of_a_replacement_what_makes_it_one(capsys: pytest.CaptureFixture[str]) -> None:
    said = shown(capsys, OBJECT, before={"key": "a", "acl": "b"}, after={"key": "c"}, replace_paths=[["key"]])
    assert said == "  ± aws_s3_object.books\n      key: a -> c\n"


def test_a_plan_is_summed_in_one_line() -> None:
    assert summed([FUNCTION, OBJECT, FUNCTION]) == "2 to change, 1 to replace"
    assert summed([]) == "No change"
