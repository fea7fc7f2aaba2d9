"""The cases of api.json: requests in a row, and what each must be answered.

    {"claim": "...", "by": "API reference, CreateActivity", "steps": [
        {"action": "CreateActivity", "with": {"name": "a"},
         "answer": {"activityArn": "<activity:a>", "creationDate": "<time>"}, "keep": {"arn": "activityArn"}},
        {"action": "CreateActivity", "with": {"name": "a b"}, "error": "InvalidName", "message": "..."}]}

`<kind:rest>` is an ARN of the test's account. `<name>` is a definition of the file's `definitions` as JSON text, the
`<role>`, or what a step before has kept. `{"times": 51, "each": ..}` is a list in which `<n>` counts. In answers
`<time>` is any time and `<text>` any text; all else must be equal, and nothing else may be there.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

FILE = json.loads((Path(__file__).parent / "api.json").read_text())
ACCOUNT = "us-east-1:000000000000"
_NAME = re.compile(r"<([a-zA-Z]+)(?::([^<>]+))?>")


@dataclass(frozen=True, slots=True)
class Step:
    """One request; `answer` is what it is answered, or `error` and maybe `message` what it is refused with. With
    `until` it is repeated until its answer has these members, whatever else."""

    action: str
    given: Mapping[str, Any]
    answer: Any = None
    error: str | None = None
    message: str | None = None
    keep: Mapping[str, str] = field(default_factory=dict)
    until: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """A claim, where it stands, and the requests that show it."""

    claim: str
    by: str
    steps: tuple[Step, ...]


def _step(action: str, answer: Any = None, error: str | None = None, **more: Any) -> Step:
    return Step(action, more.pop("with", {}), answer, error, **more)


CASES = tuple(Case(each["claim"], each["by"], tuple(_step(**step) for step in each["steps"])) for each in FILE["cases"])
UNREACHABLE: Mapping[str, Mapping[str, str]] = FILE["unreachable"]
NAMES = {
    "role": "arn:aws:iam::000000000000:role/test",
    **{name: json.dumps(value) for name, value in FILE["definitions"].items()},
}


def filled(value: Any, names: Mapping[str, str]) -> Any:
    """The value with every `<..>` in it replaced; `<time>` and `<text>` stay."""
    match value:
        case {"times": int(times), "each": each}:
            return [filled(each, {**names, "n": str(n)}) for n in range(times)]
        case dict():
            return {name: filled(each, names) for name, each in value.items()}
        case list():
            return [filled(each, names) for each in value]
        case str():
            return _NAME.sub(lambda found: _replaced(found, names), value)
        case _:
            return value


def _replaced(found: re.Match[str], names: Mapping[str, str]) -> str:
    kind, rest = found[1], found[2]
    return f"arn:aws:states:{ACCOUNT}:{kind}:{rest}" if rest else names.get(kind, found[0])


def differences(expected: Any, actual: Any, path: str = "") -> list[str]:
    """Where the answer is not what was expected, one line each."""
    match expected, actual:
        case "<time>", datetime():
            return []
        case "<text>", str() if actual:
            return []
        case dict(), dict():
            names = sorted(expected.keys() | actual.keys())
            return [each for name in names for each in _member(expected, actual, name, path)]
        case list(), list() if len(expected) == len(actual):
            pairs = enumerate(zip(expected, actual, strict=True))
            return [each for n, (left, right) in pairs for each in differences(left, right, f"{path}[{n}]")]
        case _:
            return [] if expected == actual else [f"{path}: expected {expected!r}, answered {actual!r}"]


def _member(expected: dict[str, Any], actual: dict[str, Any], name: str, path: str) -> list[str]:
    if name not in actual:
        return [f"{path}.{name}: is missing"]
    if name not in expected:
        return [f"{path}.{name}: was not expected: {actual[name]!r}"]
    return differences(expected[name], actual[name], f"{path}.{name}")
