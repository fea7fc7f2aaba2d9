"""What a service refuses, as the error of a state: `DynamoDb.ResourceNotFoundException` and the SDK's sentence.

Step Functions names an error by the client of AWS's SDK for Java and the exception's class ("Learning to use AWS
service SDK integrations": always with the suffix Exception). AWS SDK integrations have the names of the SDK's second
version, optimised ones those of the first (`DynamoDB`, "Exception prefix differences"). What has no class of its own is
the service's general exception.
"""

import re
from dataclasses import dataclass

from stepsmith.asl import outcome
from stepsmith.local.integrations.apis import Failure

_SECOND = "{message} (Service: {service}, Status Code: {status}, Request ID: {id})"
_FIRST = "{message} (Service: {service}; Status Code: {status}; Error Code: {code}; Request ID: {id}; Proxy: null)"
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")


@dataclass(frozen=True, slots=True)
class Naming:
    """The names of one service's errors: what they begin with, the general one, the service in their sentence."""

    prefix: str
    general: str
    service: str
    sentence: str = _FIRST


def of_sdk(service_id: str) -> Naming:
    """The names that the second SDK derives from a service's id: ``CloudWatch Logs`` is ``CloudWatchLogs``."""
    client = _pascal(service_id)
    return Naming(client, f"{client}Exception", client, _SECOND)


def failed(naming: Naming, failure: Failure) -> outcome.Failed:
    """What the state's Retry and Catch see."""
    name = _exception(naming, failure.code) if failure.is_modelled else naming.general
    cause = naming.sentence.format(
        message=failure.message or "null",
        service=naming.service,
        status=failure.status,
        code=failure.code,
        id=failure.request_id,
    )
    return outcome.Failed(f"{naming.prefix}.{name}", cause)


def unknown(naming: Naming, why: str) -> outcome.Failed:
    """A request of which nobody knows whether it was carried out, as the SDK's client reports it."""
    return outcome.Failed(f"{naming.prefix}.SdkClientException", why)


def _exception(naming: Naming, shape: str) -> str:
    """The exception's class, from the shape's name; the first SDK leaves the letters as they are."""
    stem = shape.removesuffix("Fault") if shape.endswith("Fault") else shape.removesuffix("Exception")
    return f"{_pascal(stem) if naming.sentence is _SECOND else stem}Exception"


def _pascal(name: str) -> str:
    """``DynamoDB`` is ``DynamoDb``, ``KMSInvalidState`` ``KmsInvalidState``."""
    return "".join(word.capitalize() for word in _WORDS.findall(name))
