"""The two kinds of failure: a definition that cannot be loaded, and an error inside an execution.

`DefinitionError` is for people who write definitions: where, what, and what to do. `StateError` is ASL's own error:
a name that Retry and Catch match, and a cause. Inside the interpreter it travels as a Python exception; it never
leaves an Execution.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a definition. `path` is where, as AWS writes it: /States/Call model/Retry[0]/MaxAttempts."""

    path: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path or '/'}: {self.message} {self.remedy}".rstrip()


class DefinitionError(ValueError):
    """A definition that AWS would refuse; `problems` holds every fault found, never none."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems

    @property
    def path(self) -> str:
        return self.problems[0].path

    @property
    def message(self) -> str:
        return self.problems[0].message

    @property
    def remedy(self) -> str:
        return self.problems[0].remedy


class StateError(Exception):
    """An ASL error: `error` is the name that Retry and Catch match, `cause` is text for people.

    `only_by_name`: the wildcards States.ALL and States.TaskFailed do not match it. `also` is a second name of it.
    """

    def __init__(
        self, error: str | None, cause: str | None = None, *, only_by_name: bool = False, also: str | None = None
    ) -> None:
        super().__init__(error, cause)
        self.error = error
        self.cause = cause
        self.only_by_name = only_by_name
        self.also = also

    def output(self) -> dict[str, str]:
        """The error as Catch hands it on: `$states.errorOutput`."""
        named = {"Error": self.error, "Cause": self.cause}
        return {name: text for name, text in named.items() if text is not None}


class EvaluationError(StateError):
    """`States.QueryEvaluationError` in one field of a state; `location` is that field: Output/result."""

    def __init__(self, location: str, cause: str) -> None:
        super().__init__(QUERY_EVALUATION_ERROR, cause)
        self.location = location


ALL = "States.ALL"
TASK_FAILED = "States.TaskFailed"
TIMEOUT = "States.Timeout"
HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout"
RUNTIME = "States.Runtime"
DATA_LIMIT_EXCEEDED = "States.DataLimitExceeded"
QUERY_EVALUATION_ERROR = "States.QueryEvaluationError"
NO_CHOICE_MATCHED = "States.NoChoiceMatched"
EXCEED_TOLERATED_FAILURE_THRESHOLD = "States.ExceedToleratedFailureThreshold"
