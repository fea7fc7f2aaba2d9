"""IAM as values: `allow` on what is named, `allow_anywhere` for the few actions that know no resource, and why.

    document(allow("s3:GetObject", on=[f"{bucket}/artifacts/*"]), allow_anywhere(*TRACING))

There is no way to allow every action, and none to allow an action on everything unless `EVERYWHERE` gives a reason.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

_X_RAY = "X-Ray knows no resources for what it takes in and samples by (Service Authorization Reference, AWS X-Ray)"
_LOG_DELIVERY = (
    "CloudWatch Logs takes the calls that set up log delivery for all resources only "
    "(Step Functions Developer Guide, Using CloudWatch Logs to log execution history)"
)
_INTERFACES = (
    "Lambda makes a function's network interfaces by its role: their ids are not known before, Describe* know no "
    "resources, and it asks for DeleteNetworkInterface on all of them (Lambda Developer Guide, Giving Lambda functions "
    "access to resources in an Amazon VPC). The function's own code is denied them (constructs/rights.py)"
)
EVERYWHERE: Mapping[str, str] = {
    "xray:PutTraceSegments": _X_RAY,
    "xray:PutTelemetryRecords": _X_RAY,
    "xray:GetSamplingRules": _X_RAY,
    "xray:GetSamplingTargets": _X_RAY,
    "logs:CreateLogDelivery": _LOG_DELIVERY,
    "logs:GetLogDelivery": _LOG_DELIVERY,
    "logs:UpdateLogDelivery": _LOG_DELIVERY,
    "logs:DeleteLogDelivery": _LOG_DELIVERY,
    "logs:ListLogDeliveries": _LOG_DELIVERY,
    "logs:PutResourcePolicy": _LOG_DELIVERY,
    "logs:DescribeResourcePolicies": _LOG_DELIVERY,
    "logs:DescribeLogGroups": _LOG_DELIVERY,
    "ec2:CreateNetworkInterface": _INTERFACES,
    "ec2:DescribeNetworkInterfaces": _INTERFACES,
    "ec2:DescribeSubnets": _INTERFACES,
    "ec2:DeleteNetworkInterface": _INTERFACES,
    "ec2:AssignPrivateIpAddresses": _INTERFACES,
    "ec2:UnassignPrivateIpAddresses": _INTERFACES,
}
"""Actions that a role may have on ``*``, each with its reason."""

SEGMENTS = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
"""What a traced function sends."""
TRACING = (*SEGMENTS, "xray:GetSamplingRules", "xray:GetSamplingTargets")
LOG_DELIVERY = tuple(action for action in EVERYWHERE if action.startswith("logs:"))
INTERFACES = tuple(action for action in EVERYWHERE if action.startswith("ec2:"))

Conditions = Mapping[str, Mapping[str, str | list[str]]]


@dataclass(frozen=True)
class Statement:
    """One statement of an IAM document. `principal` is for policies of a resource and for who may assume a role."""

    actions: tuple[str, ...]
    resources: tuple[str, ...] = ()
    where: Conditions | None = None
    principal: Mapping[str, str] | str | None = None
    effect: Literal["Allow", "Deny"] = "Allow"

    def json(self) -> dict[str, Any]:
        optional = {"Principal": self.principal, "Resource": list(self.resources), "Condition": self.where}
        return {
            "Effect": self.effect,
            "Action": list(self.actions),
            **{name: value for name, value in optional.items() if value},
        }


def allow(*actions: str, on: Iterable[str], where: Conditions | None = None) -> Statement:
    """Allows actions on resources, each named by its ARN. Raises ValueError for ``*`` in place of either."""
    resources = tuple(on)
    for action in actions:
        service, colon, name = action.partition(":")
        if not (service and colon and name) or "*" in service or name == "*":
            raise ValueError(f"{action!r} is every action of a service: name those that are needed")
        if "*" in resources and action not in EVERYWHERE:
            raise ValueError(f"{action!r} on every resource has no reason in infra/policy.py: name the resources' ARNs")
    return Statement(actions, resources, where)


def allow_anywhere(*actions: str) -> Statement:
    """Allows actions that know no resource. Raises ValueError for one without a reason in `EVERYWHERE`."""
    return allow(*actions, on=["*"])


def trust(service: str, where: Conditions | None = None) -> Statement:
    """Lets an AWS service (``lambda``) assume the role."""
    return Statement(("sts:AssumeRole",), where=where, principal={"Service": f"{service}.amazonaws.com"})


def document(*statements: Statement) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [statement.json() for statement in statements]}
