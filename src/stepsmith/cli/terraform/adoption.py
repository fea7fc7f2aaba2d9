"""What a killed apply had made without writing it down: resources that are there and in no state.

Names follow from the deployment, so the next apply meets them under the same name ("already exists"). An `import` block
for each lets Terraform take them over; the plan that follows makes them what they should be. Only an apply after one
that was killed does that unasked: otherwise a name that is taken may belong to somebody else.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any

from .faults import TerraformError, exists_already
from .root import Root

FILE = "adopted.tf.json"
FUNCTION = "aws_lambda_function"
Values = Mapping[str, Any]


def in_the_way(error: TerraformError) -> frozenset[str]:
    """The addresses of what is there already, if nothing else was wrong; else none."""
    if not all(map(exists_already, error.told)):
        return frozenset()
    return frozenset(each.address for each in error.told)


def functions_there(details: Values, is_there: Callable[[str], bool]) -> frozenset[str]:
    """The addresses of functions that would be made and that are there, by their names. It is better to know that
    before: the provider takes the refusal of a second one for a change under way, and tries for five minutes."""
    made = (each for each in details.get("resource_changes", ()) if each["type"] == FUNCTION and _is_new(each))
    return frozenset(each["address"] for each in made if is_there(each["change"]["after"]["function_name"]))


def adopt(root: Root, addresses: frozenset[str], details: Values, arn: Callable[[str, str], str]) -> bool:
    """Writes import blocks for all of `addresses`, or none, and tells which it was: none where one is taken over
    already, or cannot be named yet. `details` is the plan (`terraform show -json`), `arn(service, resource)` makes an
    ARN of the deployment."""
    taken = _blocks(root)
    known = dict(_identities(details, addresses, arn))
    if not addresses or known.keys() != addresses or any(block["to"] in known for block in taken):
        return False
    blocks = [*taken, *({"to": address, "id": identity} for address, identity in known.items())]
    (root.folder / FILE).write_text(json.dumps({"import": blocks}, indent=2))
    return True


def forget(root: Root) -> None:
    """Takes the import blocks away, once they are carried out."""
    (root.folder / FILE).unlink(missing_ok=True)


def _blocks(root: Root) -> list[dict[str, str]]:
    try:
        read: list[dict[str, str]] = json.loads((root.folder / FILE).read_text())["import"]
        return read
    except FileNotFoundError:
        return []


def _is_new(change: Values) -> bool:
    return list(change["change"]["actions"]) == ["create"]


def _identities(
    details: Values, addresses: Container[str], arn: Callable[[str, str], str]
) -> Iterator[tuple[str, str]]:
    """The address of each of these resources, and by what the provider imports it; not those of which that is unknown
    before what they stand on is there."""
    for change in details.get("resource_changes", ()):
        identity = IDENTITIES.get(change["type"])
        if identity and change["address"] in addresses:
            with contextlib.suppress(KeyError, IndexError):
                yield change["address"], identity(change["change"]["after"], arn)


def _named(attribute: str) -> Callable[[Values, Callable[[str, str], str]], str]:
    return lambda values, arn: str(values[attribute])


def _arn(service: str, kind: str) -> Callable[[Values, Callable[[str, str], str]], str]:
    return lambda values, arn: arn(service, f"{kind}{values['name']}")


def _alias(values: Values, arn: Callable[[str, str], str]) -> str:
    version = str(values["routing_configuration"][0]["state_machine_version_arn"])
    return f"{version.rpartition(':')[0]}:{values['name']}"


IDENTITIES: Mapping[str, Callable[[Values, Callable[[str, str], str]], str]] = {
    "aws_cloudwatch_log_group": _named("name"),
    "aws_dynamodb_table": _named("name"),
    "aws_iam_role": _named("name"),
    "aws_lambda_alias": lambda values, arn: f"{values['function_name']}/{values['name']}",
    FUNCTION: _named("function_name"),
    "aws_s3_bucket": _named("bucket"),
    "aws_secretsmanager_secret": _named("name"),
    "aws_sfn_activity": _arn("states", "activity:"),
    "aws_sfn_alias": _alias,
    "aws_sfn_state_machine": _arn("states", "stateMachine:"),
}
