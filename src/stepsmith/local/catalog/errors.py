"""What the catalog refuses, in AWS's words: the class names are the error codes of the Step Functions API.

    CatalogError
    +-- InvalidArn InvalidName InvalidDefinition InvalidLoggingConfiguration InvalidTracingConfiguration
    |   InvalidEncryptionConfiguration MissingRequiredParameter ValidationException          a request that is wrong
    +-- StateMachineDoesNotExist ActivityDoesNotExist ResourceNotFound                       nothing has this ARN
    +-- StateMachineAlreadyExists ActivityAlreadyExists ConflictException StateMachineDeleting    not as things are
    +-- StateMachineLimitExceeded ActivityLimitExceeded ServiceQuotaExceededException TooManyTags     a quota

`members` are the fields that the service model gives an error besides its message.
"""

from typing import Literal

from stepsmith.local.errors import LocalError

Reason = Literal["API_DOES_NOT_SUPPORT_LABELED_ARNS", "MISSING_REQUIRED_PARAMETER", "INVALID_ROUTING_CONFIGURATION"]


class CatalogError(LocalError):
    """A refusal; its text is the message that the API answers, `status` the status of HTTP."""

    status = 400

    def __init__(self, message: str, **members: str) -> None:
        super().__init__(message)
        self.members = members

    @property
    def code(self) -> str:
        return type(self).__name__


class InvalidArn(CatalogError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"Invalid Arn: '{reason}'")


class InvalidRoleArn(InvalidArn):
    """An InvalidArn with words of its own."""

    code = "InvalidArn"

    def __init__(self, arn: str) -> None:
        CatalogError.__init__(self, f"Invalid Role Arn: '{arn}'")


class InvalidName(CatalogError):
    def __init__(self, name: str) -> None:
        super().__init__(f"Invalid Name: '{name}'")


class InvalidDefinition(CatalogError):
    def __init__(self, problems: str) -> None:
        super().__init__(f"Invalid State Machine Definition: '{problems}'")


class InvalidLoggingConfiguration(CatalogError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"Invalid Logging Configuration: {reason}")


class InvalidTracingConfiguration(CatalogError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"Invalid Tracing Configuration: {reason}")


class InvalidEncryptionConfiguration(CatalogError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"Invalid Encryption Configuration: {reason}")


class MissingRequiredParameter(CatalogError):
    pass


class ValidationException(CatalogError):
    def __init__(self, message: str, reason: Reason | None = None) -> None:
        super().__init__(message, **({"reason": reason} if reason else {}))


class StateMachineDoesNotExist(CatalogError):
    def __init__(self, arn: str) -> None:
        super().__init__(f"State Machine Does Not Exist: '{arn}'")


class ActivityDoesNotExist(CatalogError):
    def __init__(self, arn: str) -> None:
        super().__init__(f"Activity Does Not Exist: '{arn}'")


class ResourceNotFound(CatalogError):
    def __init__(self, arn: str) -> None:
        super().__init__(f"Resource not found: '{arn}'", resourceName=arn)


class ReferenceNotFound(ResourceNotFound):
    """A ResourceNotFound as the actions on aliases word it."""

    code = "ResourceNotFound"

    def __init__(self, arn: str) -> None:
        CatalogError.__init__(self, "Request references a resource that does not exist.", resourceName=arn)


class StateMachineAlreadyExists(CatalogError):
    def __init__(self, arn: str) -> None:
        super().__init__(f"State Machine Already Exists: '{arn}'")


class ActivityAlreadyExists(CatalogError):
    def __init__(self, arn: str) -> None:
        super().__init__(f"Activity Already Exists: '{arn}'. EncryptionConfiguration may not be updated.")


class ConflictException(CatalogError):
    status = 409


class StateMachineDeleting(CatalogError):
    def __init__(self, arn: str) -> None:
        super().__init__(f"State Machine is being deleted: '{arn}'")


class StateMachineLimitExceeded(CatalogError):
    def __init__(self, limit: int) -> None:
        super().__init__(f"The maximum number of state machines has been reached: {limit}. Delete some first.")


class ActivityLimitExceeded(CatalogError):
    def __init__(self, limit: int) -> None:
        super().__init__(f"The maximum number of activities has been reached: {limit}. Delete some first.")


class ServiceQuotaExceededException(CatalogError):
    status = 402


class TooManyTags(CatalogError):
    def __init__(self, arn: str, limit: int) -> None:
        super().__init__(f"You've exceeded the number of tags allowed for a resource: {limit}.", resourceName=arn)
