"""The calls that moto lacks, or answers otherwise than AWS, and that our Terraform or our tools need.

A row for each, one module a service. Written as moto's own: a class whose methods are the actions, over moto's backend,
which keeps what they add with the rest of its state. When moto learns a call, its row goes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from stepsmith.local.moto.request import Request

from . import buckets, managed

CALLER = "x-stepsmith-caller"
"""The header that tells a gap who calls, as an ARN."""

LACKING: Mapping[str, Sequence[str]] = {
    "cloudwatch": ("PutCompositeAlarm",),
    "iam": ("CreateRole",),
    "logs": (
        *("DeleteQueryDefinition", "DescribeQueries", "DescribeQueryDefinitions", "GetQueryResults"),
        *("PutQueryDefinition", "StartQuery", "StopQuery"),
    ),
    "sqs": ("GetQueueAttributes",),
    "sts": ("GetCallerIdentity",),
    "xray": (
        *("CreateGroup", "DeleteGroup", "GetGroup", "GetGroups", "UpdateGroup"),
        *("CreateSamplingRule", "DeleteSamplingRule", "GetSamplingRules", "UpdateSamplingRule"),
        *("ListTagsForResource", "TagResource", "UntagResource"),
    ),
}
"""By moto's name of the service."""


def prepare(request: Request, backend: Any) -> None:
    """Puts into the backend what must be there before moto sees the request."""
    if request.served.name == "iam" and b"PolicyArn=" in request.body:
        managed.know(request, backend)
    if request.served.name == "s3":
        buckets.know(backend)


def handler(name: str, operation: str) -> Any:
    """What answers the operation in moto's place, None where moto does."""
    return _gaps(name).dispatch if operation in LACKING.get(name, ()) else None


def _gaps(name: str) -> Any:
    """The service's class; its module imports moto, so it is imported when it is needed."""
    match name:
        case "cloudwatch":
            from . import cloudwatch

            return cloudwatch.Gaps
        case "iam":
            from . import iam

            return iam.Gaps
        case "logs":
            from . import logs

            return logs.Gaps
        case "sqs":
            from . import sqs

            return sqs.Gaps
        case "sts":
            from . import sts

            return sts.Gaps
        case "xray":
            from . import xray

            return xray.Gaps
        case other:
            raise KeyError(other)
