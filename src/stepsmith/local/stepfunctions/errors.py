"""The errors of the Step Functions API: AWS's code, AWS's words.

    {"__type": "ExecutionDoesNotExist", "message": "Execution Does Not Exist: 'arn:...'"}

Codes are the error shapes of the service model (`botocore/data/stepfunctions/2016-11-23`) and, for what any action may
answer, the "Common Errors" of the API reference. Who decides which (actions raise the second kind only):

| what is wrong | answer | decided in |
| --- | --- | --- |
| the body is no JSON object, a member has another type | SerializationException | shapes.py |
| a member is missing, too long, out of range, of no known word | ValidationException | shapes.py, by the model |
| an ARN of 1 to 256 characters that is none, or of another kind | InvalidArn | the action |
| a name of 1 to 80 characters with letters that names have not | InvalidName | the action |
| `input`, `output` that is no JSON | InvalidExecutionInput, InvalidOutput | the action |
| a page token that this endpoint did not give | InvalidToken | the action |
| a definition | InvalidDefinition | the action |
"""

from typing import Any


class ApiError(Exception):
    """What a client gets in place of an answer. `members` are those of the error's shape besides `message`."""

    def __init__(self, code: str, message: str, status: int = 400, **members: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.members = {name: value for name, value in members.items() if value is not None}


def validation(message: str, reason: str | None = None) -> ApiError:
    """A constraint beyond the service model's. `reason` is one of the shape ValidationExceptionReason."""
    return ApiError("ValidationException", message, reason=reason)


def serialization(message: str) -> ApiError:
    return ApiError("SerializationException", message)


def unknown_operation(name: str) -> ApiError:
    return ApiError("UnknownOperationException", f"The action {name!r} is none of this service's.")


def not_here_yet(name: str, what: str = "") -> ApiError:
    """An action, or a part of one, that AWS has and this endpoint does not."""
    return ApiError("UnsupportedOperationException", f"{name}{what} is not part of this endpoint yet.", 501)


def internal() -> ApiError:
    return ApiError("InternalFailure", "The request could not be answered: see what `stepsmith up` printed.", 500)


def invalid_arn(what: str) -> ApiError:
    """`what` is the ARN, or AWS's sentence about it: "Resource type not valid in this context: activity"."""
    return ApiError("InvalidArn", f"Invalid Arn: '{what}'")


def invalid_name(name: str) -> ApiError:
    return ApiError("InvalidName", f"Invalid Name: '{name}'")


def invalid_definition(problems: str) -> ApiError:
    """`problems`: AWS writes `SCHEMA_VALIDATION_FAILED: ... at /States/X`."""
    return ApiError("InvalidDefinition", f"Invalid State Machine Definition: '{problems}'")


NO_JSON = "It is not valid JSON."
"""Of an input or an output. A parser's own words change with the parser."""


def invalid_input(what: str) -> ApiError:
    return ApiError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{what}'")


def invalid_output(what: str) -> ApiError:
    return ApiError("InvalidOutput", f"Invalid Output: '{what}'")


def invalid_page_token() -> ApiError:
    return ApiError("InvalidToken", "Invalid Token: 'Invalid token'")


def invalid_task_token() -> ApiError:
    return ApiError("InvalidToken", "Invalid Token: 'Invalid token'")


def task_timed_out() -> ApiError:
    return ApiError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")


def task_does_not_exist() -> ApiError:
    return ApiError("TaskDoesNotExist", "Task Does Not Exist: 'Provided task does not exist'")


def machine_does_not_exist(arn: str) -> ApiError:
    return ApiError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")


def machine_already_exists(arn: str) -> ApiError:
    return ApiError("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'")


def machine_type_not_supported(what: str = "This operation is not supported by this type of state machine") -> ApiError:
    return ApiError("StateMachineTypeNotSupported", what)


def execution_does_not_exist(arn: str) -> ApiError:
    return ApiError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")


def execution_already_exists(arn: str) -> ApiError:
    return ApiError("ExecutionAlreadyExists", f"Execution Already Exists: '{arn}'")


def execution_not_redrivable(why: str) -> ApiError:
    return ApiError("ExecutionNotRedrivable", why)


def activity_does_not_exist(arn: str) -> ApiError:
    return ApiError("ActivityDoesNotExist", f"Activity Does Not Exist: '{arn}'")


def resource_not_found(arn: str) -> ApiError:
    return ApiError("ResourceNotFound", f"Resource not found: '{arn}'", resourceName=arn)


def conflict(message: str) -> ApiError:
    return ApiError("ConflictException", message, 409)


def quota_exceeded(message: str) -> ApiError:
    return ApiError("ServiceQuotaExceededException", message, 402)


def too_many_tags(arn: str, message: str) -> ApiError:
    return ApiError("TooManyTags", message, resourceName=arn)
