"""Mocked results of tasks against the models of the APIs that they stand for (TestState's `fieldValidationMode`).

STRICT asks for the members that the API's answer always has, PRESENT checks those that are there, NONE checks nothing.
Members that the model does not know are let pass (Developer Guide, "Mock validation modes"). Members are named as a
state sees them, with a capital: `ExecutionArn`. The models are botocore's, read as data when the first mock asks.

A `.sync` task ends with what the polled action answers, a `.waitForTaskToken` task, an activity and a function's own
ARN with whatever JSON somebody sends: the latter have no model, nor have HTTP, API Gateway and EKS calls.
"""

import gzip
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import orjson

_RESOURCE = re.compile(
    r"arn:aws[a-z-]*:states:::(?P<sdk>aws-sdk:)?(?P<service>[^:]+):(?P<action>[^:.]+)(?P<sync>\.sync.*)?"
)

_FOLDERS = {
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "costexplorer": "ce",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "elasticmapreduce": "emr",
    "eventbridge": "events",
    "sfn": "stepfunctions",
    "states": "stepfunctions",
}
"""botocore's folders of services that Step Functions calls by another name, hyphens aside."""

_POLLED = {
    "startExecution": "DescribeExecution",
    "startQueryExecution": "GetQueryExecution",
    "startBuild": "BatchGetBuilds",
    "createTrainingJob": "DescribeTrainingJob",
    "createTransformJob": "DescribeTransformJob",
    "createProcessingJob": "DescribeProcessingJob",
    "createHyperParameterTuningJob": "DescribeHyperParameterTuningJob",
    "createAutoMLJob": "DescribeAutoMLJob",
}
"""What a `.sync` task asks until the end, by the action that it began with."""

_NOT_MODELLED = frozenset({"apigateway", "eks", "http"})
_NUMBER = (int, float)
_KINDS: Mapping[str, tuple[tuple[type, ...], str]] = {
    "structure": ((dict,), "an object"),
    "map": ((dict,), "an object"),
    "list": ((list,), "an array"),
    "string": ((str,), "a string"),
    "blob": ((str,), "a string"),
    "character": ((str,), "a string"),
    "boolean": ((bool,), "a boolean"),
    "integer": ((int,), "an integer"),
    "long": ((int,), "an integer"),
    "float": (_NUMBER, "a number"),
    "double": (_NUMBER, "a number"),
    "timestamp": ((str, *_NUMBER), "a timestamp"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of one action: its shape among those of its service. `json` are the types that Step Functions has
    parsed, so that any value may stand there."""

    shapes: Mapping[str, Any]
    shape: str
    json: frozenset[str]


def problems(resource: str, result: Any, mode: str) -> list[str]:
    """What is wrong with a mocked result of a Task's Resource, one sentence each."""
    answer = None if mode == "NONE" else _answer(resource)
    return [] if answer is None else list(_in_shape(answer, answer.shape, result, "", mode == "STRICT"))


def _answer(resource: str) -> Answer | None:
    """The answer's model, None where there is none."""
    called = _RESOURCE.fullmatch(resource)
    if called is None or called["service"] in _NOT_MODELLED:
        return None
    action = _POLLED.get(called["action"]) if called["sync"] else called["action"]
    model = _model(called["service"])
    operation = model and action and _operation(model, action)
    if not operation or "output" not in operation:
        return None
    parsed = {"blob"} if called["sdk"] is None else set()
    if called["sync"] == ".sync:2":
        parsed |= {"SensitiveData"}
    return Answer(model["shapes"], operation["output"]["shape"], frozenset(parsed))


def _operation(model: Mapping[str, Any], action: str) -> Mapping[str, Any] | None:
    operations: Mapping[str, Any] = model["operations"]
    return operations.get(action[0].upper() + action[1:])


@lru_cache(maxsize=8)
def _model(service: str) -> Any:
    """The newest service model, {} for a service that botocore does not know."""
    folder = _folders().get(_FOLDERS.get(service, service).replace("-", ""))
    if folder is None:
        return {}
    newest = max((each for each in folder.iterdir() if each.is_dir()), key=lambda each: each.name)
    packed = newest / "service-2.json.gz"
    return orjson.loads(gzip.decompress(packed.read_bytes()) if packed.is_file() else _plain(newest))


def _plain(folder: Traversable) -> bytes:
    """A distribution may have unpacked botocore's models."""
    return (folder / "service-2.json").read_bytes()


@cache
def _folders() -> Mapping[str, Traversable]:
    data = resources.files("botocore") / "data"
    return {each.name.replace("-", ""): each for each in data.iterdir() if each.is_dir()}


def _in_shape(answer: Answer, name: str, value: Any, path: str, strict: bool) -> Iterator[str]:
    shape = answer.shapes[name]
    kind = shape["type"]
    if answer.json & {kind, name} or shape.get("document"):
        return
    types, called = _KINDS[kind]
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        yield f"Field '{path}' must be {called}" if path else f"The result must be {called}"
        return
    yield from _bounds(shape, value, path)
    for inner, each, below in _inside(shape, value, path):
        yield from _in_shape(answer, inner, each, below, strict)
    if strict and isinstance(value, dict) and kind == "structure":
        missing = (each for each in shape.get("required", ()) if _named(each) not in value)
        yield from (f"Required field '{_below(path, _named(each))}' is missing" for each in missing)


def _inside(shape: Mapping[str, Any], value: Any, path: str) -> Iterator[tuple[str, Any, str]]:
    """The shape's name, the value and the path of everything inside that the model knows."""
    match shape["type"]:
        case "structure":
            for member, of in shape["members"].items():
                if _named(member) in value:
                    yield of["shape"], value[_named(member)], _below(path, _named(member))
        case "list":
            yield from ((shape["member"]["shape"], each, f"{path}[{n}]") for n, each in enumerate(value))
        case "map":
            yield from ((shape["value"]["shape"], each, _below(path, key)) for key, each in value.items())


def _bounds(shape: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    """The size of a text or an array, the amount of a number, the words of an enum."""
    sized = isinstance(value, str | list | dict)
    amount = len(value) if sized else value
    what = "length" if sized else "value"
    if shape["type"] in ("timestamp", "boolean"):
        return
    if "min" in shape and amount < shape["min"]:
        yield f"Field '{path}' must have a {what} of at least {shape['min']}"
    if "max" in shape and amount > shape["max"]:
        yield f"Field '{path}' must have a {what} of at most {shape['max']}"
    words: list[str] = shape.get("enum", [])
    if words and value not in words:
        yield f"Field '{path}' must be one of [{', '.join(words)}]"


def _named(member: str) -> str:
    """A member's name as a state sees it."""
    return member[0].upper() + member[1:]


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
