"""The functions that Step Functions adds, the same on both engines."""

import random
from typing import Any
from uuid import UUID

import pytest

from stepsmith.asl.jsonata import UNDEFINED, EvaluationFailure, Evaluator, Moment
from stepsmith.asl.jsonata.interpreted import Interpreted
from stepsmith.asl.jsonata.translated import Translated

ENGINES = pytest.mark.parametrize("engine", [Translated(), Interpreted()], ids=["translated", "interpreted"])
NOW_MS = 1_700_000_000_123


def value(engine: Evaluator, expression: str, seed: int = 1, **variables: Any) -> Any:
    return engine.compile(expression).evaluate(variables, Moment(NOW_MS, random.Random(seed)))


@ENGINES
@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$random(42)", 0.7275636800328681),
        ("$random(0)", 0.730967787376657),
        ("$random(-1)", 0.26894263088050496),
        ("$partition([1..9], 4)", [[1, 2, 3, 4], [5, 6, 7, 8], [9]]),
        ("$partition([], 2)", []),
        ("$range(1, 9, 2)", [1, 3, 5, 7, 9]),
        ("$range(9, 1, -4)", [9, 5, 1]),
        ("$range(1, 1, 1)", 1),
        ("[$range(1, 1, 1)]", [1]),
        ("$range(2, 1, 1)", []),
        ("$hash('input data', 'SHA-1')", "aaff4a450a104cd177d28d18d74485e8cae074b7"),
        ("$hash('', 'MD5')", "d41d8cd98f00b204e9800998ecf8427e"),
        ("$hash('ä', 'SHA-256')", "33e6d73fee82904c8d7afb78de1154d1e8dc2a0edb08120e63df5b9385c2d9cc"),
        ("$length($hash('x', 'SHA-384'))", 96),
        ("$length($hash('x', 'SHA-512'))", 128),
        ("$parse('{\"a\": [1, null, 2.5]}')", {"a": [1, None, 2.5]}),
        ("$parse('null')", None),
        ("$parse('{\"a\": 1}').a", 1),
        ("['{\"a\":1}', '{\"a\":2}'].$parse($).a", [1, 2]),
        ("$map(['1', '2'], $parse)", [1, 2]),
        ("$hash($nope, 'MD5')", UNDEFINED),
        ("$parse($nope)", UNDEFINED),
        ("$now()", "2023-11-14T22:13:20.123Z"),
        ("$millis()", NOW_MS),
        ("$sum($shuffle([1..9]))", 45),
    ],
)
def test_a_function_gives(engine: Evaluator, expression: str, expected: Any) -> None:
    actual = value(engine, expression)
    assert actual == expected and type(actual) is type(expected)


@ENGINES
@pytest.mark.parametrize(
    "expression",
    [
        "$hash('x', 'SHA-0')",
        "$hash('x')",
        "$hash(1, 'MD5')",
        "$parse('{')",
        "$parse('NaN')",
        "$parse(1)",
        "$partition([1], 0)",
        "$range(1, 10, 0)",
        "$range(1, 2000, 1)",
        "$range('a', 2, 1)",
        "$random('a')",
        "$uuid(1)",
    ],
)
def test_a_bad_argument_fails_the_evaluation(engine: Evaluator, expression: str) -> None:
    with pytest.raises(EvaluationFailure):
        value(engine, expression)


@ENGINES
def test_random_values_follow_the_seed(engine: Evaluator) -> None:
    expression = "[$uuid(), $random(), $shuffle([1..20])]"
    assert value(engine, expression, seed=5) == value(engine, expression, seed=5)
    assert value(engine, expression, seed=5) != value(engine, expression, seed=6)


@ENGINES
def test_a_uuid_has_version_4(engine: Evaluator) -> None:
    assert UUID(value(engine, "$uuid()")).version == 4


@ENGINES
def test_a_local_name_hides_a_function(engine: Evaluator) -> None:
    assert value(engine, "($random := function($n) { $n * 2 }; $random(4))") == 8
    assert value(engine, "(function($shuffle) { $shuffle })(3)") == 3
