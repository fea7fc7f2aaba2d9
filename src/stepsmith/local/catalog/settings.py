"""What a state machine has besides its definition and role: logging, tracing, encryption, as AWS checks and answers it.

Nothing here acts on them on this machine: they are kept, compared and given back, so that infrastructure code that
sets them reads what it wrote. Each value is made from the API's object (None: the default) and gives it again.
"""

import re
from dataclasses import dataclass
from typing import Any, Literal, Self

from stepsmith.local.catalog.errors import (
    InvalidEncryptionConfiguration,
    InvalidLoggingConfiguration,
    InvalidTracingConfiguration,
)

Json = dict[str, Any]
_LOG_GROUP = re.compile(r"arn:aws[a-z-]*:logs:[^:]+:\d{12}:log-group:[^:]+:\*")
_REUSE_SECONDS = 300  # what AWS answers when a customer's key came without a period


@dataclass(frozen=True, slots=True)
class Logging:
    """Which events go to which log group."""

    level: Literal["ALL", "ERROR", "FATAL", "OFF"] = "OFF"
    include_execution_data: bool = False
    destinations: tuple[str, ...] = ()

    @classmethod
    def read(cls, given: Json | None) -> Self:
        """Raises InvalidLoggingConfiguration."""
        given = given or {}
        groups = tuple(_log_group(each) for each in given.get("destinations", ()))
        level = given.get("level", "OFF")
        if len(groups) > 1 or (level != "OFF" and not groups):
            raise InvalidLoggingConfiguration("Must specify exactly one Log Destination.")
        return cls(level, given.get("includeExecutionData", False), groups)

    def answer(self) -> Json:
        destinations = [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}} for arn in self.destinations]
        shown = {"level": self.level, "includeExecutionData": self.include_execution_data}
        return {**shown, "destinations": destinations} if destinations else shown


NO_LOGGING = Logging()


def _log_group(destination: Json) -> str:
    arn = str(destination.get("cloudWatchLogsLogGroup", {}).get("logGroupArn", ""))
    if not _LOG_GROUP.fullmatch(arn):
        raise InvalidLoggingConfiguration(f"Log Destination is not the ARN of a log group that ends with ':*': '{arn}'")
    return arn


@dataclass(frozen=True, slots=True)
class Tracing:
    """Whether X-Ray sees executions."""

    enabled: bool = False

    @classmethod
    def read(cls, given: Json | None) -> Self:
        """Raises InvalidTracingConfiguration."""
        if given is None:
            return cls()
        if not isinstance(given.get("enabled"), bool):
            raise InvalidTracingConfiguration("enabled has not been set to true or false.")
        return cls(given["enabled"])

    def answer(self) -> Json:
        return {"enabled": self.enabled}


NO_TRACING = Tracing()


@dataclass(frozen=True, slots=True)
class Encryption:
    """Whose key encrypts; `reuse_seconds` only for a customer's key."""

    type: Literal["AWS_OWNED_KEY", "CUSTOMER_MANAGED_KMS_KEY"] = "AWS_OWNED_KEY"
    kms_key_id: str | None = None
    reuse_seconds: int | None = None

    @classmethod
    def read(cls, given: Json | None) -> Self:
        """Raises InvalidEncryptionConfiguration."""
        if given is None:
            return cls()
        key, seconds = given.get("kmsKeyId"), given.get("kmsDataKeyReusePeriodSeconds")
        if given["type"] == "AWS_OWNED_KEY":
            if key is not None or seconds is not None:
                raise InvalidEncryptionConfiguration("kmsKeyId and kmsDataKeyReusePeriodSeconds go with a customer key")
            return cls()
        if key is None:
            raise InvalidEncryptionConfiguration("kmsKeyId is required for the type CUSTOMER_MANAGED_KMS_KEY")
        return cls(given["type"], key, _REUSE_SECONDS if seconds is None else seconds)

    def answer(self) -> Json:
        shown = {"type": self.type, "kmsKeyId": self.kms_key_id, "kmsDataKeyReusePeriodSeconds": self.reuse_seconds}
        return {name: value for name, value in shown.items() if value is not None}


AWS_OWNED_KEY = Encryption()
