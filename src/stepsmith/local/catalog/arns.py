"""Names and ARNs of Step Functions, read once and then values.

    arn:aws:states:us-east-1:000000000000:stateMachine:sql             a state machine
    arn:aws:states:us-east-1:000000000000:stateMachine:sql:3           its version 3
    arn:aws:states:us-east-1:000000000000:stateMachine:sql:PROD        its alias PROD
    arn:aws:states:us-east-1:000000000000:stateMachine:sql/rows        its distributed Map with the label "rows"
    arn:aws:states:us-east-1:000000000000:activity:review              an activity

A version is a number; an alias has at least one character that is no digit, so the two cannot be confused.
"""

import re
from dataclasses import dataclass

from stepsmith.local.catalog.errors import InvalidArn, InvalidName, InvalidRoleArn, ValidationException

NAME = re.compile(
    r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\U0010ffff]{1,80}"
)  # CreateStateMachine's and StartExecution's rule
_ARN = re.compile(r"arn:aws[a-z-]*:states:[a-z0-9-]*:[0-9]*:([^:]+):(.+)", re.DOTALL)
_VERSION = re.compile(r"[1-9][0-9]{0,8}")
_ALIAS = re.compile(r"(?=.*[a-zA-Z_\-.])[a-zA-Z0-9_\-.]{1,80}")  # the service model's CharacterRestrictedName
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/\S+")


@dataclass(frozen=True, slots=True)
class Resource:
    """An ARN of this service: what kind of thing, and what follows."""

    kind: str
    rest: str


@dataclass(frozen=True, slots=True)
class MachineArn:
    """A state machine's ARN: `machine` without what qualifies it, and at most one of label, version and alias."""

    machine: str
    label: str | None = None
    version: int | None = None
    alias: str | None = None

    @property
    def is_qualified(self) -> bool:
        return (self.label, self.version, self.alias) != (None, None, None)


def read(arn: str, *kinds: str) -> Resource:
    """The parts of an ARN of one of these kinds (`stateMachine`, `activity`, `execution` ..). Raises InvalidArn."""
    found = _ARN.fullmatch(arn)
    if not found:
        raise InvalidArn(f"Invalid ARN prefix: {arn}")
    kind, rest = found[1], found[2]
    if kind not in kinds:
        raise InvalidArn(f"Resource type not valid in this context: {kind}")
    return Resource(kind, rest)


def machine_arn(arn: str) -> MachineArn:
    """A state machine's ARN, qualified or not. Raises InvalidArn."""
    name, colon, qualifier = read(arn, "stateMachine").rest.partition(":")
    name, slash, label = name.partition("/")
    if not NAME.fullmatch(name) or (slash and not label):
        raise InvalidArn(arn)
    machine = arn.removesuffix(f"{colon}{qualifier}").removesuffix(f"{slash}{label}")
    if _VERSION.fullmatch(qualifier):
        return MachineArn(machine, label or None, version=int(qualifier))
    if colon and not _ALIAS.fullmatch(qualifier):
        raise InvalidArn(arn)
    return MachineArn(machine, label or None, alias=qualifier or None)


def unlabelled(arn: str) -> MachineArn:
    """A state machine's ARN for an action that knows no distributed Map. Raises InvalidArn, ValidationException."""
    found = machine_arn(arn)
    if found.label is not None:
        raise ValidationException("API does not support labeled ARNs.", "API_DOES_NOT_SUPPORT_LABELED_ARNS")
    return found


def unqualified(arn: str) -> str:
    """A state machine's own ARN. Raises InvalidArn for a version or an alias, ValidationException for a label."""
    found = unlabelled(arn)
    if found.is_qualified:
        raise InvalidArn(f"The ARN of a version or an alias is not valid in this context: {arn}")
    return found.machine


def version_arn(arn: str) -> MachineArn:
    """The ARN of a version. Raises InvalidArn, ValidationException."""
    found = unlabelled(arn)
    if found.version is None:
        raise InvalidArn(f"Not the ARN of a state machine version: {arn}")
    return found


def alias_arn(arn: str) -> MachineArn:
    """The ARN of an alias. Raises InvalidArn, ValidationException."""
    found = unlabelled(arn)
    if found.alias is None:
        raise InvalidArn(f"Not the ARN of a state machine alias: {arn}")
    return found


def check_role(arn: str) -> None:
    """Raises InvalidArn, as AWS words it for a role."""
    if not _ROLE.fullmatch(arn):
        raise InvalidRoleArn(arn)


def check_name(name: str) -> None:
    """Raises InvalidName unless it may name a state machine, an execution or an activity."""
    if not NAME.fullmatch(name):
        raise InvalidName(name)
