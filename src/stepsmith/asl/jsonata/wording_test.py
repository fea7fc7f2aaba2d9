"""The messages of the default engine are those of jsonata 2.0.6, names and values included."""

import random

import pytest

from stepsmith.asl.jsonata import EvaluationFailure, Moment
from stepsmith.asl.jsonata.translated import Translated


def message(expression: str) -> str:
    with pytest.raises(EvaluationFailure) as failed:
        Translated().compile(expression).evaluate({"list": [3, 1, 2]}, Moment(0, random.Random(0)))
    return str(failed.value)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 'a'", 'T2002: The right side of the "+" operator must evaluate to a number'),
        ("'a' * 2", 'T2001: The left side of the "*" operator must evaluate to a number'),
        ("-'a'", 'D1002: Cannot negate a non-numeric value: "a"'),
        ("'a' < 1", 'T2009: The values "a" and 1 either side of operator "<" must be of the same data type'),
        ("null >= 1", 'T2010: The expressions either side of operator ">=" must evaluate to numeric or string values'),
        ("$uppercase(1)", 'T0410: Argument 1 of function "uppercase" does not match function signature'),
        ("$join('a', 1)", 'T0410: Argument 2 of function "join" does not match function signature'),
        ("$map($list, 1)", 'T0410: Argument 2 of function "map" does not match function signature'),
        ("$sum([')', 'a'])", 'T0412: Argument 1 of function "sum" must be an array of "numbers"'),
        ("$join([1, 2])", 'T0412: Argument 1 of function "join" must be an array of "strings"'),
        ("$nope(1)", "T1006: Attempted to invoke a non-function"),
        ("$number('abc')", 'D3030: Unable to cast value to a number: "abc"'),
        ("$sqrt(-1)", "D3060: The sqrt function cannot be applied to a negative number: -1"),
        (
            "$single($list)",
            "D3138: The $single() function expected exactly 1 matching result.  Instead it matched more.",
        ),
        (
            "$toMillis('x')",
            'D3110: The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given "x"',
        ),
        ("$decodeUrl('%')", 'D3140: Malformed URL passed to $decodeUrl(): "%"'),
        ("[1.5..3]", "T2003: The left side of the range operator (..) must evaluate to an integer"),
        ("$error('told')", "D3137: told"),
        (
            "$map($list, function($v) { $v + 'a' })",
            'T2002: The right side of the "+" operator must evaluate to a number',
        ),
    ],
)
def test_a_failure_is_told_in_jsonatas_words(expression: str, expected: str) -> None:
    assert message(expression) == expected
