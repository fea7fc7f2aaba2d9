"""What may stand together in a TestState request, and the mock in it.

The rules are those of the API reference (TestStateInput, MockInput, TestStateConfiguration) and of the Developer Guide,
"Testing state machines with TestState API". All are ValidationExceptions.
"""

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from stepsmith import asl
from stepsmith.asl import trial
from stepsmith.asl.distribution import ReaderConfig
from stepsmith.asl.document import AnyState, Map, Parallel, Task
from stepsmith.asl.values import Json
from stepsmith.local.maps.formats import Unreadable, entries
from stepsmith.local.packing import decode

from . import mock_results
from .errors import validation

Given = Mapping[str, Any]


def check(subject: trial.Subject, given: Given) -> None:
    """Refuses a request whose members do not go together, or not with the state."""
    for why in (*_about_mocks(subject, given), *_about_the_setting(subject, given)):
        raise validation(why)


def mock(subject: trial.Subject, given: Given) -> trial.Mock | None:
    """The mock of a checked request; a result has been held against the model of its API."""
    said = given.get("mock")
    if said is None:
        return None
    if "errorOutput" in said:
        return trial.MockedError(said["errorOutput"]["error"], said["errorOutput"].get("cause"))
    result = _json(said["result"], "mock.result")
    for why in _wrong_with(subject, result, said.get("fieldValidationMode", "STRICT")):
        raise validation(why)
    return trial.Mocked(result)


def json_object(given: Given, member: str) -> dict[str, Json]:
    """A member that is the text of a JSON object; {} where it is not there."""
    value = _json(given.get(member, "{}"), member)
    if not isinstance(value, dict):
        raise validation(f"The {member} must be a JSON object.")
    return value


def check_failed_iterations(given: Given, items: int | None) -> None:
    """A Map cannot have more failed iterations than it has items (None: the state is no Map, or did not get so far)."""
    failed = given.get("stateConfiguration", {}).get("mapIterationFailureCount", 0)
    if items is not None and failed > items:
        raise validation(f"The mapIterationFailureCount {failed} exceeds the number of items of the Map, {items}.")


def _about_mocks(subject: trial.Subject, given: Given) -> Iterator[str]:
    said, state = given.get("mock"), subject.state
    if said is None:
        if subject.needs_mock:
            what = f"Resource '{state.resource}'" if isinstance(state, Task) else f"State type '{state.type}'"
            yield f"{what} is not supported when a mock is not specified"
        if "context" in given:
            yield "The context can only be specified when a mock is specified."
        if isinstance(state, Task) and "roleArn" not in given:
            yield "A roleArn must be specified when a Task is tested without a mock."
        return
    if not subject.is_mockable:
        yield f"State type '{state.type}' is not supported when a mock is specified"
    if ("result" in said) == ("errorOutput" in said):
        yield "A test mock should have only one of the following fields: [result, errorOutput]."
    if "error" not in said.get("errorOutput", {"error": ""}):
        yield "The error of mock.errorOutput must be specified."
    if given.get("revealSecrets"):
        yield "revealSecrets cannot be used when a mock is specified."


def _about_the_setting(subject: trial.Subject, given: Given) -> Iterator[str]:
    configured, state = given.get("stateConfiguration", {}), subject.state
    source = configured.get("errorCausedByState")
    if source is not None and not isinstance(state, Map | Parallel):
        yield "errorCausedByState can only be specified for a Map or Parallel state."
    elif source is not None and not subject.holds(source):
        yield f"errorCausedByState names the state '{source}', which is not inside of the state under test."
    if "mapIterationFailureCount" in configured and not (isinstance(state, Map) or subject.is_in_map):
        yield "mapIterationFailureCount can only be specified for a Map state, or for a state inside of one."
    if "mapItemReaderData" in configured and not _reads(state):
        yield "mapItemReaderData can only be specified for a Map state with an ItemReader."


def _reads(state: AnyState) -> bool:
    return isinstance(state, Map) and state.item_reader is not None


def items(subject: trial.Subject, given: Given) -> tuple[asl.Item, ...]:
    """What an ItemReader would read: mapItemReaderData "as found in its original source". Of a listing and of an
    inventory that is the JSON array of what they list."""
    state, data = subject.state, given.get("stateConfiguration", {}).get("mapItemReaderData")
    if data is None or not isinstance(state, Map) or state.item_reader is None:
        return ()
    config = state.item_reader.reader_config or ReaderConfig()
    try:
        return tuple(asl.Item(value, key) for key, value in entries(BytesIO(data.encode()), config))
    except Unreadable as error:
        raise validation(f"The mapItemReaderData cannot be read: {error}.") from error


def _wrong_with(subject: trial.Subject, result: Json, mode: str) -> Iterator[str]:
    match subject.state:
        case Task(resource=resource):
            for problem in mock_results.problems(resource, result, mode):
                yield f"Mock result schema validation error: {problem}"
        case Map() if not isinstance(result, list | dict):
            yield "The mock result of a Map state must be a JSON array or a JSON object."
        case Parallel(branches=branches) if not isinstance(result, list) or len(result) != len(branches):
            yield f"The mock result of the Parallel state must be a JSON array of {len(branches)}, one for each branch."


def _json(text: str, member: str) -> Json:
    try:
        return decode(text.encode())
    except ValueError as error:
        raise validation(f"The {member} is not valid JSON: {error}") from error
