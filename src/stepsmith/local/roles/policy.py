"""Statements of an IAM policy, and what they decide about one action on one resource.

    statements = parse('{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", ...}}')
    decide(statements, Wanted("s3:GetObject", "arn:aws:s3:::bucket/key", {"aws:PrincipalArn": ...}))

An explicit Deny wins, then an Allow, else nothing allows it. `*` and `?` match within one part of an ARN (between its
colons) and beyond in its last one; an ARN with fewer parts than six is completed by `*`. A statement whose Condition
cannot be evaluated here never allows, and always denies: what is not understood opens nothing.
"""

import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Literal

from . import conditions
from .conditions import Condition, Context

Effect = Literal["Allow", "Deny"]


class Malformed(ValueError):
    """A policy document that cannot be read; the message says which part."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One action (`s3:GetObject`) on one resource (an ARN, or `*` for actions without one), and what is known of the
    request besides: condition keys in lower case, with their values."""

    action: str
    resource: str
    context: Context


@dataclass(frozen=True, slots=True)
class Patterns:
    """Action or Resource, or with `excluded` NotAction or NotResource."""

    texts: tuple[str, ...]
    excluded: bool = False


ANYTHING = Patterns(("*",))


@dataclass(frozen=True, slots=True)
class Statement:
    effect: Effect
    actions: Patterns
    resources: Patterns = ANYTHING
    conditions: tuple[Condition, ...] = ()


class Decision(Enum):
    ALLOWED = auto()
    NOT_ALLOWED = auto()
    """No statement speaks of it."""
    DENIED = auto()
    """A statement says no."""


@functools.lru_cache(maxsize=512)
def parse(document: str) -> tuple[Statement, ...]:
    """The statements of a policy document (JSON). Raises Malformed."""
    try:
        given = json.loads(document)
    except ValueError as error:
        raise Malformed(f"The policy is no JSON: {error}") from None
    if not isinstance(given, dict) or "Statement" not in given:
        raise Malformed("The policy has no Statement.")
    return tuple(_statement(each) for each in _several(given["Statement"]))


def decide(statements: Iterable[Statement], wanted: Wanted) -> Decision:
    """What the statements together say."""
    effects = {each.effect for each in statements if _applies(each, wanted)}
    if "Deny" in effects:
        return Decision.DENIED
    return Decision.ALLOWED if effects else Decision.NOT_ALLOWED


def unknown(statements: Iterable[Statement], wanted: Wanted) -> tuple[str, ...]:
    """The condition operators that had a say and are not evaluated here, each once."""
    found = (each for statement in statements if _names(statement, wanted) for each in statement.conditions)
    return tuple(dict.fromkeys(each.operator for each in found if not conditions.is_known(each)))


def _applies(statement: Statement, wanted: Wanted) -> bool:
    if not _names(statement, wanted):
        return False
    if not all(map(conditions.is_known, statement.conditions)):
        return statement.effect == "Deny"
    return all(conditions.holds(each, wanted.context) for each in statement.conditions)


def _names(statement: Statement, wanted: Wanted) -> bool:
    """Whether action and resource are those that the statement speaks of."""
    action = any(conditions.is_like(text.lower(), wanted.action.lower()) for text in statement.actions.texts)
    if action == statement.actions.excluded:
        return False
    texts = (conditions.filled(text, wanted.context) for text in statement.resources.texts)
    resource = any(text is not None and conditions.is_arn_like(text, wanted.resource) for text in texts)
    return resource != statement.resources.excluded


def _statement(given: Any) -> Statement:
    match given:
        case {"Effect": "Allow" | "Deny" as effect}:
            actions, resources = _patterns(given, "Action"), _patterns(given, "Resource")
            return Statement(effect, actions, resources, _conditions(given.get("Condition", {})))
        case _:
            raise Malformed(f"A statement needs an Effect, Allow or Deny: {json.dumps(given)[:200]}")


def _patterns(given: Mapping[str, Any], name: str) -> Patterns:
    inverse = f"Not{name}"
    if (name in given) == (inverse in given):
        raise Malformed(f"A statement has either {name} or {inverse}: {json.dumps(given)[:200]}")
    texts = tuple(map(str, _several(given.get(name, given.get(inverse)))))
    return Patterns(texts, excluded=inverse in given)


def _conditions(given: Any) -> tuple[Condition, ...]:
    if not isinstance(given, dict) or not all(isinstance(keys, dict) for keys in given.values()):
        raise Malformed(f"A Condition is operators, each with keys and values: {json.dumps(given)[:200]}")
    return tuple(
        Condition(operator, key.lower(), tuple(map(conditions.text, _several(values))))
        for operator, keys in given.items()
        for key, values in keys.items()
    )


def _several(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]
