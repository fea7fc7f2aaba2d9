"""Whatever JSON a definition is, it loads or is refused by DefinitionError, and `diagnose` says the same.

Definitions are the agent's machine and a machine with every state type, each with parts of it taken out, doubled, put
elsewhere or replaced by any JSON; and JSON of any kind.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stepsmith import asl

_AGENT = json.loads((Path(__file__).parent / "testdata" / "agent.asl.json").read_text())
_PASS = {"Type": "Pass", "End": True}
_EVERYTHING: dict[str, Any] = {
    "QueryLanguage": "JSONata",
    "Comment": "c",
    "Version": "1.0",
    "TimeoutSeconds": 9,
    "StartAt": "Task",
    "States": {
        "Task": {
            "Type": "Task",
            "Resource": "arn:aws:states:::glue:startJobRun",
            "Credentials": {"RoleArn": "{% $role %}"},
            "Arguments": {"a": ["{% $states.input %}"]},
            "TimeoutSeconds": 9,
            "HeartbeatSeconds": "{% 3 %}",
            "Retry": [{"ErrorEquals": ["E"], "BackoffRate": 1.5, "MaxDelaySeconds": 9, "JitterStrategy": "FULL"}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Wait", "Output": "{% $states.errorOutput %}"}],
            "Next": "Choice",
        },
        "Choice": {
            "Type": "Choice",
            "Choices": [
                {"Condition": "{% $x %}", "Next": "Wait", "Assign": {"x": 1}},
                {"Condition": True, "Next": "M"},
            ],
            "Default": "Fail",
        },
        "Wait": {"Type": "Wait", "Timestamp": "2026-01-01T00:00:00Z", "Next": "M"},
        "M": {
            "Type": "Map",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "Arguments": {"Bucket": "b", "Key": "{% $x %}"},
                "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a"], "MaxItems": 9},
            },
            "ItemBatcher": {"MaxItemsPerBatch": "{% 2 %}", "BatchInput": {"of": "{% $x %}"}},
            "ResultWriter": {
                "Resource": "arn:aws:states:::s3:putObject",
                "Arguments": {"Bucket": "b", "Prefix": "p"},
                "WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSONL"},
            },
            "ItemSelector": {"v": "{% $states.context.Map.Item.Value %}"},
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                "StartAt": "I",
                "States": {"I": _PASS},
            },
            "Label": "L",
            "MaxConcurrency": 2,
            "ToleratedFailurePercentage": "{% 5 %}",
            "Next": "P",
        },
        "P": {
            "Type": "Parallel",
            "Branches": [{"StartAt": "B", "States": {"B": {**_PASS, "QueryLanguage": "JSONata"}}}],
            "Assign": {"y": "{% $states.result %}"},
            "Next": "S",
        },
        "S": {"Type": "Succeed", "Output": None},
        "Fail": {"Type": "Fail", "Error": "E", "Cause": "{% 'c' %}"},
    },
}
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["{% $x %}", "{% $ %}", "{%", "$.a", "States.ALL", "Pass", "Map", "JSONPath", "\ud800", "M", "I"])
)
_NAMES = st.sampled_from(["Type", "Next", "End", "States", "Catch", "InputPath", "a.$", "Result", "", "I"]) | st.text(
    max_size=3
)
_ANYTHING = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3), max_leaves=6
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container with each of its keys."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    found = []
    for key in keys:
        found += [(value, key), *places(value[key])]
    return found


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    definition: dict[str, Any] = copy.deepcopy(draw(st.sampled_from([_EVERYTHING, _EVERYTHING, _AGENT])))
    for _ in range(draw(st.integers(1, 3))):
        owner, key = draw(st.sampled_from(places(definition)))
        match draw(st.sampled_from(["remove", "replace", "exchange", "add"])):
            case "remove":
                owner.pop(key)
            case "replace":
                owner[key] = draw(_ANYTHING)
            case "exchange":
                other, there = draw(st.sampled_from(places(definition)))
                owner[key] = copy.deepcopy(other[there])
            case "add" if isinstance(owner, dict):
                owner[draw(_NAMES)] = draw(_ANYTHING)
        if not places(definition):
            break
    return definition


def refused(definition: Any) -> tuple[asl.Diagnostic, ...]:
    try:
        asl.load(definition)
    except asl.DefinitionError as error:
        return error.problems
    return ()


def check(definition: Any) -> None:
    problems = refused(definition)
    found = asl.diagnose(definition)
    assert tuple(each for each in found if each.severity == "ERROR") == problems
    assert not problems or asl.invalid_definition(problems).startswith("Invalid State Machine Definition: '")
    for each in found:
        assert each.message and each.remedy and (each.path == "" or each.path.startswith("/"))
    asl.diagnose(definition, express=True)


def test_the_machine_with_everything_is_sound() -> None:
    assert asl.diagnose(_EVERYTHING) == asl.diagnose(_AGENT) == ()


@settings(max_examples=400, deadline=None)
@given(mutated())
def test_a_mutated_definition_loads_or_is_refused(definition: dict[str, Any]) -> None:
    check(definition)


@settings(max_examples=200, deadline=None)
@given(_ANYTHING)
def test_any_json_value_is_refused(value: Any) -> None:
    assert refused(value)
    check(value)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30) | _ANYTHING.map(json.dumps))
def test_any_text_is_refused(text: str) -> None:
    assert refused(text)
    check(text)
