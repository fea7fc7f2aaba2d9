"""The Python kit passes the cases that the kits of all languages must pass (tool_calls/README.md)."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from stepsmith.contracts.budgets import json_bytes
from stepsmith.objects import MemoryObjects, Objects
from stepsmith.tool import Picture, Rows, ToolError, serve

FOLDER = Path(__file__).parent / "tool_calls"
DEFAULTS = json.loads((FOLDER / "context.json").read_text())
GROUPS = ("results", "spilled", "references", "errors", "malformed")
CASES = [
    pytest.param(case, id=f"{group}: {case['name']}")
    for group in GROUPS
    for case in json.loads((FOLDER / f"{group}.json").read_text())["cases"]
]


class Context:
    def get_remaining_time_in_millis(self) -> Any:
        return 30_000


def echo(input: Any, call: Any) -> Any:
    return input["text"] * int(input.get("times", 1))


def data(input: Any, call: Any) -> Any:
    return input["value"]


def table(input: Any, call: Any) -> Any:
    return Rows(tuple(input["columns"]), input["rows"] * int(input.get("repeat", 1)))


def read(input: Any, call: Any) -> Any:
    return call.read(input.get("file", input)).decode()


def draw(input: Any, call: Any) -> Any:
    return Picture(base64.b64decode(input["base64"]), input["name"])


def refuse(input: Any, call: Any) -> Any:
    raise ToolError(input["advice"])


def crash(input: Any, call: Any) -> Any:
    raise RuntimeError("a bug")


TOOLS = {"echo": echo, "data": data, "table": table, "read": read, "draw": draw, "refuse": refuse, "crash": crash}


class Store(MemoryObjects):
    def __init__(self, forbidden: Any) -> None:
        super().__init__()
        self.forbidden = forbidden

    def get(self, uri: Any) -> bytes:
        if str(uri) in self.forbidden:
            raise PermissionError(f"This function's role may not reach {str(uri)!r}.")
        return super().get(uri)


@pytest.mark.parametrize("case", CASES)
def test_the_kit_answers_as_the_case_says(case: Any) -> None:
    objects = Store(case.get("forbidden", ()))
    for uri, text in case.get("objects", {}).items():
        objects.put(uri, text.encode(), "text/plain")
    event = filled(case["event"])
    handler = serve(TOOLS, description=FOLDER / "tool.json", objects=objects)
    if error := case.get("error"):
        with pytest.raises(Exception) as raised:
            handler(event, Context())
        assert error.get("type") in (None, type(raised.value).__name__)
        assert matches(error["message"], str(raised.value))
    else:
        check(handler(event, Context()), case["result"], event)
    assert stored(objects, case) == case["stored"]


def filled(event: Any) -> Any:
    if not isinstance(event, dict):
        return event
    return event | {"context": DEFAULTS | event["context"]}


def check(result: Any, expected: Any, event: Any) -> Any:
    assert matches(expected, result), result
    assert json_bytes(result) <= event["context"]["max_result_bytes"]
    assert (result["tool_use_id"], result["name"]) == (event["id"], event["name"])


def matches(expected: Any, actual: Any) -> Any:
    """Whether a value is as expected; strings may be described (README.md)."""
    match expected:
        case "$any":
            return True
        case {"$json": value}:
            return matches(value, json.loads(actual))
        case {"$starts": _} | {"$contains": _}:
            parts = expected.get("$contains", ())
            return actual.startswith(expected.get("$starts", "")) and all(part in actual for part in parts)
        case dict():
            return expected.keys() == actual.keys() and all(matches(expected[key], actual[key]) for key in expected)
        case list():
            return len(expected) == len(actual) and all(map(matches, expected, actual))
        case _:
            return expected == actual


def stored(objects: Objects, case: Any) -> Any:
    """What the store holds besides the case's own objects, in the words of the case; all of it under artifacts."""
    held = [each for bucket in ("bucket", "other") for each, _ in objects.list(f"s3://{bucket}/artifacts/")]
    new = {str(at): objects.get(at) for at in held if str(at) not in case.get("objects", {})}
    assert all(uri.startswith(DEFAULTS["artifacts"]) for uri in new)
    return {uri: worded(data, case["stored"].get(uri)) for uri, data in new.items()}


def worded(data: Any, expected: Any) -> Any:
    match expected:
        case {"json": _}:
            return {"json": json.loads(data)}
        case {"base64": _}:
            return {"base64": base64.b64encode(data).decode()}
        case _:
            return data.decode()
