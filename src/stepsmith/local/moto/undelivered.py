"""Where messages are sent that this endpoint does not deliver: refused when it is configured, not lost when it is used.

moto would call its own Lambda, which knows none of our functions, or a server on the network, which it must not.
"""

from collections.abc import Callable, Mapping
from typing import Any

from .faults import Fault
from .request import Request

Parameters = Mapping[str, Any]


def check(request: Request) -> None:
    """Fault: the request would have something sent to where nothing is sent from here."""
    find = _FINDS.get((request.served.name, request.operation))
    found = find(request.parameters) if find else None
    if found:
        said = f"This endpoint delivers nothing to {found!r}: {request.operation} is refused rather than kept in vain."
        raise Fault("UnsupportedOperationException", f"{said} docs/aws.md says what is delivered.", 501)


def _subscriber(given: Parameters) -> str | None:
    """SNS: queues get messages; addresses of mail and telephones are kept, as nobody confirms them."""
    protocol = given.get("Protocol")
    return protocol if protocol not in ("sqs", "email", "email-json", "sms") else None


def _targets(given: Parameters) -> str | None:
    """EventBridge: queues, log groups and buses get events."""
    arns = (str(target.get("Arn")) for target in given.get("Targets", ()))
    return next((arn for arn in arns if arn.split(":")[2:3] not in (["sqs"], ["logs"], ["events"])), None)


def _destination(given: Parameters) -> str | None:
    """Logs: a subscription filter feeds another log group."""
    arn = str(given.get("destinationArn"))
    return arn if arn.split(":")[2:3] != ["logs"] else None


_FINDS: Mapping[tuple[str, str], Callable[[Parameters], str | None]] = {
    ("events", "PutTargets"): _targets,
    ("logs", "PutSubscriptionFilter"): _destination,
    ("secretsmanager", "RotateSecret"): lambda given: given.get("RotationLambdaARN"),
    ("sns", "Subscribe"): _subscriber,
    ("dynamodb", "ExportTableToPointInTime"): lambda given: given.get("S3Bucket"),
    ("dynamodb", "ImportTable"): lambda given: given.get("S3BucketSource", {}).get("S3Bucket"),
}
"""What of a request is a destination that gets nothing, None where all is well."""
