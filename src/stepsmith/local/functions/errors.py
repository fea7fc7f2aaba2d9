"""What Lambda refuses, with its own codes and in its own words ("Errors" of each action in the API reference).

One class: who catches it hands the code on, to an HTTP client as it is, to a state machine as `Lambda.<code>`.
"""

from stepsmith.local.errors import LocalError


class LambdaError(LocalError):
    """`code` is the name of the error's shape, `status` that of HTTP; `reason` is a member that some of them have."""

    def __init__(self, code: str, message: str, status: int = 400, reason: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.reason = code, message, status, reason


def invalid(message: str) -> LambdaError:
    return LambdaError("InvalidParameterValueException", message)


def too_long(member: str, value: str, most: int) -> LambdaError:
    said = f"1 validation error detected: Value {value!r} at {member!r} failed to satisfy constraint: "
    return LambdaError("ValidationException", f"{said}Member must have length less than or equal to {most}")


def not_found(message: str) -> LambdaError:
    return LambdaError("ResourceNotFoundException", message, 404)


def function_not_found(arn: str) -> LambdaError:
    return not_found(f"Function not found: {arn}")


def conflict(message: str) -> LambdaError:
    return LambdaError("ResourceConflictException", message, 409)


def changed_meanwhile() -> LambdaError:
    said = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to "
    return LambdaError("PreconditionFailedException", f"{said}retrieve the latest Revision Id", 412)


def throttled(reason: str) -> LambdaError:
    return LambdaError("TooManyRequestsException", "Rate Exceeded.", 429, reason)


def too_large(most: int, operation: str) -> LambdaError:
    said = f"Request must be smaller than {most} bytes for the {operation} operation"
    return LambdaError("RequestEntityTooLargeException", said, 413)


def event_too_large(most: int) -> LambdaError:
    said = f"Request must be smaller than {most} bytes for the InvokeFunction operation"
    return LambdaError("RequestTooLargeException", said, 413)


def unreadable_body(why: str) -> LambdaError:
    return LambdaError("InvalidRequestContentException", why)


def not_ready(why: str) -> LambdaError:
    """The function cannot be started on this machine; `why` says what to do."""
    return LambdaError("ResourceNotReadyException", why, 502)
