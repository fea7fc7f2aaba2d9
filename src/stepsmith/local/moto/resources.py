"""Which resources a request is about, as ARNs: what a role's policies must allow.

A row for each parameter that names a resource, from "Actions, resources, and condition keys for AWS services" of the
Service Authorization Reference. What no row names has the resource `*`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stepsmith.local.roles.permissions import ACCOUNT, REGION

from .request import Request

ANY = "*"
_LOG_GROUP = "log-group:{}:*"

_RESOURCES: Mapping[str, Mapping[str, str]] = {
    "cloudwatch": {"AlarmName": "alarm:{}", "AlarmNames": "alarm:{}", "DashboardName": "dashboard/{}"},
    "dynamodb": {"TableName": "table/{}", "RequestItems": "table/{}"},
    "events": {"EventBusName": "event-bus/{}", "Rule": "rule/{}"},
    "iam": {"PolicyArn": "policy/{}", "RoleName": "role/{}", "UserName": "user/{}"},
    "kms": {"KeyId": "key/{}"},
    "logs": {
        "logGroupName": "log-group:{}:*",
        "logGroupNames": "log-group:{}:*",
        "logGroupIdentifier": "log-group:{}:*",
    },
    "secretsmanager": {"SecretId": "secret:{}", "Name": "secret:{}"},
    "sns": {"TopicArn": "{}", "TargetArn": "{}"},
    "sqs": {"QueueUrl": "{}", "QueueName": "{}"},
    "ssm": {"Name": "parameter/{}", "Names": "parameter/{}", "Path": "parameter/{}"},
    "sts": {"RoleArn": "role/{}"},
}
"""By service, the parameters that name resources, and what an ARN has after the account."""
_GLOBAL = frozenset({"iam", "sts"})


def arns(request: Request) -> Sequence[str]:
    """The ARNs, `*` alone for none. A secret's lacks the letters behind its name if the request does."""
    rows = _RESOURCES.get(request.served.name, {})
    named = [(rows[name], value) for name, value in _parameters(request) if name in rows]
    return [_arn(request, form, value) for form, value in named] or [ANY]


def _parameters(request: Request) -> Iterator[tuple[str, str]]:
    """Names and values that are texts; of a list (or of a map) one for each (or each key)."""
    for name, value in request.parameters.items():
        match value:
            case str():
                yield name, value
            case list():
                yield from ((name, each) for each in value if isinstance(each, str))
                yield from ((name, each) for item in value if isinstance(item, dict) for name, each in _within(item))
            case dict():
                yield from ((name, key) for key in value)
            case _:
                pass


def _within(item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """`TransactItems: [{"Put": {"TableName": ...}}]`."""
    for value in item.values():
        if isinstance(value, dict):
            yield from ((name, each) for name, each in value.items() if isinstance(each, str))


def _arn(request: Request, form: str, value: str) -> str:
    if value.startswith("arn:"):
        return value
    name = value.rpartition("/")[2] if request.served.name == "sqs" else value
    name = name.removeprefix("/") if request.served.name == "ssm" else name  # its ARN has one slash, not two
    region = "" if request.served.name in _GLOBAL else REGION
    return f"arn:aws:{_SERVICE.get(request.served.name, request.served.name)}:{region}:{ACCOUNT}:{form.format(name)}"


_SERVICE = {"sts": "iam"}
