"""The operators of a statement's Condition: one key of the request against one or several values.

Evaluated are the operators on texts, ARNs, numbers, booleans and `Null`, each with `...IfExists`; of the others
(dates, addresses, binary values, `ForAllValues:`, `ForAnyValue:`) it is said that they are not. A key that a request
does not have fulfils no condition but a negated one, `...IfExists` and `Null`, as on AWS.
"""

import functools
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Context = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Condition:
    """`{"StringLike": {"s3:prefix": ["artifacts/*"]}}`; the key is in lower case."""

    operator: str
    key: str
    values: tuple[str, ...]


Test = Callable[[str, str], bool]
"""Whether the request's value (second) is as the policy's (first) says."""


def is_known(condition: Condition) -> bool:
    return condition.operator.removesuffix(_IF_EXISTS) in _TESTS or condition.operator == _NULL


def holds(condition: Condition, context: Context) -> bool:
    """Whether the request is as the condition says: as any one of its values says, or, negated, as none."""
    given = context.get(condition.key)
    if condition.operator == _NULL:
        return (given is None) == (condition.values == ("true",))
    name = condition.operator.removesuffix(_IF_EXISTS)
    test, negated = _TESTS[name]
    if given is None:
        return negated or name != condition.operator
    values = (filled(value, context) for value in condition.values)
    return any(value is not None and test(value, given) for value in values) != negated


def text(value: Any) -> str:
    """A value of a policy as text: booleans and numbers may stand without quotes."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def filled(pattern: str, context: Context) -> str | None:
    """The pattern with its variables (`${aws:PrincipalAccount}`) replaced; None when the request lacks one."""
    if "${" not in pattern:
        return pattern
    names = [name.lower() for name in _VARIABLE.findall(pattern)]
    if any(name not in context for name in names):
        return None
    return _VARIABLE.sub(lambda found: context[found[1].lower()], pattern)


def is_arn_like(pattern: str, arn: str) -> bool:
    """Part by part; parts that the pattern does not have may be anything. `*` alone is every resource."""
    if pattern == "*":
        return True
    wanted, given = pattern.split(":", _ARN_PARTS - 1), arn.split(":", _ARN_PARTS - 1)
    return len(wanted) <= len(given) and all(is_like(part, value) for part, value in zip(wanted, given, strict=False))


@functools.lru_cache(maxsize=4096)
def _glob(pattern: str) -> re.Pattern[str]:
    parts = (_WILD.get(part, re.escape(part)) for part in re.split(r"([*?])", pattern))
    return re.compile("".join(parts), re.DOTALL)


def is_like(pattern: str, given: str) -> bool:
    """`*` is any text, `?` any one letter."""
    return _glob(pattern).fullmatch(given) is not None


def _numbers(compare: Callable[[float, float], bool]) -> Test:
    def test(wanted: str, given: str) -> bool:
        try:
            return compare(float(given), float(wanted))
        except ValueError:
            return False

    return test


_ARN_PARTS = 6
_IF_EXISTS = "IfExists"
_NULL = "Null"
_VARIABLE = re.compile(r"\$\{([A-Za-z0-9:/_-]+)\}")
_WILD = {"*": ".*", "?": "."}

_TESTS: Mapping[str, tuple[Test, bool]] = {
    "StringEquals": (operator.eq, False),
    "StringNotEquals": (operator.eq, True),
    "StringEqualsIgnoreCase": (lambda wanted, given: wanted.casefold() == given.casefold(), False),
    "StringNotEqualsIgnoreCase": (lambda wanted, given: wanted.casefold() == given.casefold(), True),
    "StringLike": (is_like, False),
    "StringNotLike": (is_like, True),
    "ArnEquals": (is_arn_like, False),
    "ArnLike": (is_arn_like, False),
    "ArnNotEquals": (is_arn_like, True),
    "ArnNotLike": (is_arn_like, True),
    "Bool": (lambda wanted, given: wanted.lower() == given.lower(), False),
    "NumericEquals": (_numbers(operator.eq), False),
    "NumericNotEquals": (_numbers(operator.eq), True),
    "NumericLessThan": (_numbers(operator.lt), False),
    "NumericLessThanEquals": (_numbers(operator.le), False),
    "NumericGreaterThan": (_numbers(operator.gt), False),
    "NumericGreaterThanEquals": (_numbers(operator.ge), False),
}
"""Each operator's test of one value, and whether it is negated."""
