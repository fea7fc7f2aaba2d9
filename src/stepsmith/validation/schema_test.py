"""Claims on schemas and faults."""

import socket
import sys
from contextlib import suppress
from typing import Any

import pytest

from stepsmith.validation import Fault, InvalidSchema, Schema, TooDeep

SEVERAL = {
    "type": "object",
    "properties": {"n": {"type": "integer"}, "list": {"items": {"enum": ["a", "b"]}}},
    "required": ["n"],
    "additionalProperties": False,
}


def test_what_fits_has_no_faults() -> None:
    assert Schema(SEVERAL).faults({"n": 1, "list": ["a"]}) == ()
    assert Schema(SEVERAL).fits({"n": 1})
    assert not Schema(SEVERAL).fits({})


def test_every_fault_is_told_with_its_place() -> None:
    faults = Schema(SEVERAL).faults({"n": "x", "list": ["a", "c"], "extra": 1})
    assert set(faults) == {
        Fault(("n",), "\"x\" is not of type 'integer'"),
        Fault(("list", 1), "\"c\" is not one of ['a', 'b']"),
        Fault((), "Additional properties are not allowed ('extra' was unexpected)"),
    }
    assert Schema(SEVERAL).faults({}) == (Fault((), "'n' is a required property"),)


def test_no_more_faults_are_told_than_wanted() -> None:
    assert len(Schema({"items": {"type": "string"}}).faults([1, 2, 3], most=2)) == 2


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "null"), (True, "true"), ({"a": [None]}, '{"a": [null]}'), ("ü", '"ü"')]
)
def test_a_wrong_value_is_shown_as_json(value: Any, shown: str) -> None:
    [fault] = Schema({"type": "integer"}).faults(value)
    assert fault.message == f"{shown} is not of type 'integer'"


@pytest.mark.parametrize(
    ("schema", "path", "message"),
    [
        ({"type": "objekt"}, ("type",), '"objekt" is not valid under any of the given schemas'),
        (
            {"properties": {"a": {"minLength": -1}}},
            ("properties", "a", "minLength"),
            "-1 is less than the minimum of 0",
        ),
        ({"pattern": "("}, ("pattern",), "\"(\" is not a 'regex'"),
        ({"$schema": "urn:my-own"}, ("$schema",), "'urn:my-own' is no draft of JSON Schema"),
        ({"items": {"$ref": "#/$defs/none"}}, (), "its $ref '#/$defs/none' leads to nothing in the schema"),
        ({"$ref": "https://example.com/schema.json"}, (), "its $ref 'https://example.com/schema.json' leads to"),
    ],
)
def test_a_schema_that_is_none_is_refused_when_it_is_made(schema: Any, path: Any, message: str) -> None:
    with pytest.raises(InvalidSchema) as refused:
        Schema(schema)
    assert refused.value.path == path
    assert refused.value.message.startswith(message)


def test_a_reference_to_another_place_is_never_fetched() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        with pytest.raises(InvalidSchema):
            Schema({"$ref": f"http://127.0.0.1:{server.getsockname()[1]}/schema.json"})
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize(
    ("schema", "wrong"),
    [
        ({"prefixItems": [{"type": "string"}]}, [1]),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}),
        ({"properties": {"a": True}, "unevaluatedProperties": False}, {"b": 1}),
        ({"$defs": {"n": {"$anchor": "n", "type": "integer"}}, "$ref": "#n"}, "x"),
        ({"$schema": "http://json-schema.org/draft-07/schema#", "dependencies": {"a": ["b"]}}, {"a": 1}),
        ({"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "string"}]}, [1]),
    ],
)
def test_keywords_mean_what_their_draft_says(schema: Any, wrong: Any) -> None:
    assert not Schema(schema).fits(wrong)


@pytest.mark.parametrize(
    ("format", "good", "bad"),
    [
        ("date", "2026-02-28", "2026-02-30"),
        ("date-time", "2026-02-28T10:00:00.5Z", "2026-02-28T10:00:00"),
        ("date-time", "2026-02-28t10:00:00+02:00", "2026-02-28 10:00:00Z"),
        ("time", "10:00:00Z", "25:00:00Z"),
        ("time", "00:00:00Z", "00:00"),
        ("email", "a@example.com", "a"),
        ("ipv4", "127.0.0.1", "127.0.0.256"),
        ("ipv6", "::1", ":::"),
        ("uuid", "2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2eb8aa08"),
        ("regex", "a+", "("),
    ],
)
def test_a_format_is_checked(format: str, good: str, bad: str) -> None:
    assert Schema({"format": format}).fits(good)
    assert not Schema({"format": format}).fits(bad)
    assert Schema({"format": format}).fits(17)


@pytest.mark.parametrize("format", ["uri", "hostname", "color", "no such format"])
def test_other_formats_pass(format: str) -> None:
    assert Schema({"format": format}).fits("\0 no uri, host or colour")


@pytest.mark.parametrize("schema", [{"type": "array", "items": {"$ref": "#"}}, {"uniqueItems": True}, {"const": []}])
def test_what_is_nested_too_deeply_is_refused_or_checked(schema: Any) -> None:
    """Never a RecursionError, whichever part of the library meets the depth first."""
    deep: list[Any] = []
    for _ in range(sys.getrecursionlimit() * 2):
        deep = [deep]
    with suppress(TooDeep):
        Schema(schema).faults([deep, deep])


def test_a_schema_that_calls_itself_is_followed_some_way() -> None:
    deep: list[Any] = []
    for _ in range(60):
        deep = [deep]
    assert Schema({"type": "array", "items": {"$ref": "#"}}).fits(deep)
    for _ in range(1000):
        deep = [deep]
    with pytest.raises(TooDeep, match="nested too deeply"):
        Schema({"type": "array", "items": {"$ref": "#"}}).faults(deep)
