"""The two kinds of failure: a definition that cannot be loaded, and an error inside an execution.

`DefinitionError` is for people who write definitions: where, what, and what to do. Its diagnostics carry AWS's code
too, as ValidateStateMachineDefinition gives it. `StateError` is ASL's own error: a name that Retry and Catch match,
and a cause. Inside the interpreter it travels as a Python exception; it never leaves an Execution.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """AWS's codes (API reference, ValidateStateMachineDefinitionDiagnostic); the last three are warnings."""

    INVALID_JSON_DESCRIPTION = "INVALID_JSON_DESCRIPTION"
    MISSING_DESCRIPTION = "MISSING_DESCRIPTION"
    SCHEMA_VALIDATION_FAILED = "SCHEMA_VALIDATION_FAILED"
    INVALID_RESOURCE = "INVALID_RESOURCE"
    MISSING_END_STATE = "MISSING_END_STATE"
    DUPLICATE_STATE_NAME = "DUPLICATE_STATE_NAME"
    INVALID_STATE_NAME = "INVALID_STATE_NAME"
    DUPLICATE_LABEL_NAME = "DUPLICATE_LABEL_NAME"
    INVALID_LABEL_NAME = "INVALID_LABEL_NAME"
    MISSING_TRANSITION_TARGET = "MISSING_TRANSITION_TARGET"
    TOO_DEEPLY_NESTED = "TOO_DEEPLY_NESTED"
    NO_DOLLAR = "NO_DOLLAR"
    NO_PATH = "NO_PATH"
    PASS_RESULT_IS_STATIC = "PASS_RESULT_IS_STATIC"


class Severity(StrEnum):
    """Whether the definition is refused, or only suspicious."""

    ERROR = "ERROR"
    WARNING = "WARNING"


_WARNINGS = frozenset({Code.NO_DOLLAR, Code.NO_PATH, Code.PASS_RESULT_IS_STATIC})


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault, for people. `path` is where, as AWS writes it: /States/Call model/Retry[0]/MaxAttempts."""

    path: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path or '/'}: {self.message.removesuffix('.')}. {self.remedy}".rstrip()


@dataclass(frozen=True, slots=True)
class Diagnostic(Problem):
    """One fault of a definition with AWS's code; message and path are what AWS's API gives, the remedy is ours."""

    code: Code = Code.SCHEMA_VALIDATION_FAILED

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.code in _WARNINGS else Severity.ERROR

    def in_aws_words(self) -> str:
        """As CreateStateMachine has it: MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next"""
        where = f" at {self.path}" if self.path else ""
        return f"{self.code}: {self.message}{where}"


class DefinitionError(ValueError):
    """A definition that AWS would refuse; `problems` holds every fault found, never none."""

    def __init__(self, problems: Sequence[Diagnostic]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)

    def in_aws_words(self) -> str:
        """The message of AWS's InvalidDefinition error."""
        return invalid_definition(self.problems)

    @property
    def path(self) -> str:
        return self.problems[0].path

    @property
    def message(self) -> str:
        return self.problems[0].message

    @property
    def remedy(self) -> str:
        return self.problems[0].remedy


def invalid_definition(problems: Sequence[Diagnostic]) -> str:
    """The message of InvalidDefinition: Invalid State Machine Definition: 'CODE: message at /States/A, CODE: ..'"""
    return f"Invalid State Machine Definition: '{', '.join(each.in_aws_words() for each in problems)}'"


class StateError(Exception):
    """An ASL error: `error` is the name that Retry and Catch match, `cause` is text for people.

    `also` is a second name of it.
    """

    def __init__(self, error: str | None, cause: str | None = None, *, also: str | None = None) -> None:
        super().__init__(error, cause)
        self.error = error
        self.cause = cause
        self.also = also

    def output(self) -> dict[str, str]:
        """The error as Catch hands it on: `$states.errorOutput`. AWS gives an empty Cause where there is none."""
        named = {"Error": self.error, "Cause": self.cause or ""}
        return {name: text for name, text in named.items() if text is not None}


def told(error: str | None, cause: str | None) -> dict[str, str]:
    """An error and a cause as events have them: what there is not is left out."""
    return {name: text for name, text in (("error", error), ("cause", cause)) if text is not None}


class EvaluationError(StateError):
    """`States.QueryEvaluationError` in one field of a state; `location` is that field: Output/result."""

    def __init__(self, location: str, cause: str) -> None:
        super().__init__(QUERY_EVALUATION_ERROR, cause)
        self.location = location
        self.text = cause

    def within(self, rule: str) -> EvaluationError:
        """The same in a rule of the state: Choices[0] makes Output/x the location Choices[0]/Output/x."""
        location = f"{rule}/{self.location}"
        return EvaluationError(location, self.text.replace(f"the field '{self.location}'", f"the field '{location}'"))


@contextmanager
def located_in(part: str) -> Iterator[None]:
    """Evaluates fields of an object inside of the state: Bucket in `ItemReader/Arguments`."""
    try:
        yield
    except EvaluationError as error:
        raise error.within(part) from error


ALL = "States.ALL"
TASK_FAILED = "States.TaskFailed"
TIMEOUT = "States.Timeout"
HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout"
RUNTIME = "States.Runtime"
DATA_LIMIT_EXCEEDED = "States.DataLimitExceeded"
QUERY_EVALUATION_ERROR = "States.QueryEvaluationError"
NO_CHOICE_MATCHED = "States.NoChoiceMatched"
EXCEED_TOLERATED_FAILURE_THRESHOLD = "States.ExceedToleratedFailureThreshold"
ITEM_READER_FAILED = "States.ItemReaderFailed"
RESULT_WRITER_FAILED = "States.ResultWriterFailed"
