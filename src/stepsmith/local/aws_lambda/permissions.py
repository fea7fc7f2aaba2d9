"""Who else may call a function: its resource policy, kept and shown as AWS writes it.

On this machine it decides nothing: every key belongs to this account, whose identities' own policies are what counts.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from stepsmith.local.functions.errors import changed_meanwhile, conflict, not_found
from stepsmith.local.functions.names import Name, function_arn, read
from stepsmith.local.functions.values import Policy

from .api import Answer, Api

_ACCOUNT = re.compile(r"\d{12}")


def add_permission(api: Api, given: dict[str, Any]) -> Answer:
    with api.tables.changing():
        policy = _policy(api, given)
        if any(each["Sid"] == given["StatementId"] for each in policy.statements):
            said = f"The statement id ({given['StatementId']}) provided already exists. "
            raise conflict(f"{said}Please provide a new statement id, or remove the existing statement.")
        statement = _statement(given, function_arn(policy.function, policy.qualifier))
        _put(api, policy, (*policy.statements, statement))
    return {"Statement": json.dumps(statement, separators=(",", ":"))}


def remove_permission(api: Api, given: dict[str, Any]) -> Answer:
    with api.tables.changing():
        policy = _policy(api, given)
        left = tuple(each for each in policy.statements if each["Sid"] != given["StatementId"])
        if len(left) == len(policy.statements):
            raise not_found(f"Statement {given['StatementId']} is not found in resource policy.")
        _put(api, policy, left)
    return None


def get_policy(api: Api, given: dict[str, Any]) -> Answer:
    policy = _policy(api, given)
    if not policy.statements:
        raise not_found("The resource you requested does not exist.")
    document = {"Version": "2012-10-17", "Id": "default", "Statement": policy.statements}
    return {"Policy": json.dumps(document, separators=(",", ":")), "RevisionId": policy.revision_id}


def _policy(api: Api, given: Mapping[str, Any]) -> Policy:
    """The policy that a request is about, empty where there is none yet. Raises LambdaError."""
    wanted = _wanted(api, given)
    found = api.tables.policy(wanted.function, wanted.qualifier or "")
    found = found or Policy(wanted.function, wanted.qualifier or "", (), api.new_id())
    if given.get("RevisionId", found.revision_id) != found.revision_id:
        raise changed_meanwhile()
    return found


def _wanted(api: Api, given: Mapping[str, Any]) -> Name:
    api.created(given["FunctionName"])
    api.version(given["FunctionName"], given.get("Qualifier"))
    return read(given["FunctionName"], given.get("Qualifier"))


def _put(api: Api, policy: Policy, statements: tuple[Mapping[str, Any], ...]) -> None:
    api.tables.put_policy(replace(policy, statements=statements, revision_id=api.new_id()))


def _statement(given: Mapping[str, Any], resource: str) -> Mapping[str, Any]:
    condition = _condition(given)
    return {
        "Sid": given["StatementId"],
        "Effect": "Allow",
        "Principal": _principal(given["Principal"]),
        "Action": given["Action"],
        "Resource": resource,
        **({"Condition": condition} if condition else {}),
    }


def _principal(name: str) -> str | dict[str, str]:
    """A service by its name, an account as its root, everybody."""
    if name == "*":
        return name
    if _ACCOUNT.fullmatch(name):
        return {"AWS": f"arn:aws:iam::{name}:root"}
    return {"AWS": name} if name.startswith("arn:") else {"Service": name}


def _condition(given: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for member, operator, key in _CONDITIONS:
        if member in given:
            found.setdefault(operator, {})[key] = given[member]
    return found


_CONDITIONS = (
    ("SourceArn", "ArnLike", "AWS:SourceArn"),
    ("SourceAccount", "StringEquals", "AWS:SourceAccount"),
    ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
    ("EventSourceToken", "StringEquals", "lambda:EventSourceToken"),
    ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
)
