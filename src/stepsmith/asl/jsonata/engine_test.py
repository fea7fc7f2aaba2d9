"""What both engines promise: variables by reference, numbers as JavaScript prints them, bounds on what runs away."""

import contextlib
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepsmith.asl.jsonata import (
    EvaluationFailure,
    Evaluator,
    Moment,
    SyntaxFault,
    choose_engine,
    default_evaluator,
    syntax,
)
from stepsmith.asl.jsonata.interpreted import Interpreted
from stepsmith.asl.jsonata.translated import Translated
from stepsmith.asl.values import text

ENGINES = pytest.mark.parametrize("engine", [Translated(), Interpreted()], ids=["translated", "interpreted"])


def value(engine: Evaluator, expression: str, **variables: Any) -> Any:
    return engine.compile(expression).evaluate(variables, Moment(0, random.Random(0)))


def test_a_variable_is_handed_out_by_reference() -> None:
    message = {"role": "user", "content": ["x" * 200_000]}
    (found,) = value(Translated(), "[$messages[role = 'user']]", messages=[message])
    assert found is message


@ENGINES
@pytest.mark.parametrize(
    ("expression", "printed"),
    [("2.0", "2"), ("4/2", "2"), ("1/4", "0.25"), ("$n * 2.0", "14"), ("-0.5 + 0.5", "0"), ("$sum([0.5, 1.5])", "2")],
)
def test_whole_numbers_are_printed_as_integers(engine: Evaluator, expression: str, printed: str) -> None:
    assert text(value(engine, expression, n=7)) == printed


@ENGINES
def test_null_is_a_value_and_not_undefined(engine: Evaluator) -> None:
    assert value(engine, "$x.a", x={"a": None}) is None
    assert value(engine, "[$x.a, $x.b]", x={"a": None}) == [None]


@pytest.mark.parametrize(
    "expression",
    [
        "($f := function($n) { $f($n + 1) }; $f(1))",
        "($f := function($n) { 1 + $f($n + 1) }; $f(1))",
        "$map([1..100000], function($i) { $sum([1..1000]) })",
    ],
)
@pytest.mark.parametrize("engine", [Translated(100), Interpreted(100)], ids=["translated", "interpreted"])
def test_an_evaluation_that_runs_away_is_stopped(engine: Evaluator, expression: str) -> None:
    with pytest.raises(EvaluationFailure):
        value(engine, expression)


@pytest.mark.parametrize(
    ("expression", "variables"),
    [
        ("$match($x, /(a|aa)+$/)", {"x": "a" * 80 + "b"}),
        ("$replace($x, /(a|aa)+$/, '')", {"x": "a" * 80 + "b"}),
        ("[1..$n]", {"n": 5_000_000}),
        ("$pad('', $n)", {"n": 10**9}),
        ("($f := function($s, $n) { $n = 0 ? $s : $f($s & $s, $n - 1) }; $f('ab', 60))", {}),
        ("($f := function($s, $n) { $n = 0 ? $s : $f([$s, $s], $n - 1) }; $f([1], 60))", {}),
        ("($f := function($s, $n) { $n = 0 ? $s : $f($append($s, $s), $n - 1) }; $f([1], 60))", {}),
        ("($f := function($s, $n) { $n = 0 ? $s : $f($join([$s, $s]), $n - 1) }; $f('ab', 60))", {}),
        ("($f := function($s, $n) { $n = 0 ? $s : $f($replace($s, 'a', $s), $n - 1) }; $f('aa', 60))", {}),
        ("($f := function($s, $n) { $n = 0 ? $s : $f($replace($s, /a/, $s), $n - 1) }; $f('aa', 60))", {}),
        ("$reduce([1..60], function($s, $n) { {'a': $s, 'b': $s} })", {}),
    ],
)
def test_one_call_that_runs_away_is_stopped_by_the_default_engine(expression: str, variables: dict[str, Any]) -> None:
    with pytest.raises(EvaluationFailure):
        value(Translated(), expression, **variables)


@ENGINES
@pytest.mark.parametrize("expression", ["1 +", "(", "'a", "$x[", "{'a' 1}", "$eval('1')", "a"])
def test_what_does_not_compile_is_a_syntax_fault_with_a_remedy(engine: Evaluator, expression: str) -> None:
    with pytest.raises(SyntaxFault) as fault:
        engine.compile(expression)
    assert fault.value.remedy


@ENGINES
def test_expressions_nested_too_deeply_are_refused(engine: Evaluator) -> None:
    with pytest.raises(SyntaxFault):
        engine.compile("(" * 20_000 + "1" + ")" * 20_000)


@pytest.mark.parametrize(
    ("expression", "variables", "functions"),
    [
        ("$a + $b.c[$d > 1]", {"a", "b", "d"}, set()),
        ("($a := 1; $a + $b)", {"b"}, set()),
        ("$map($list, function($v, $i) { $v + $i + $z })", {"list", "z"}, {"map"}),
        ("$map($list, $string)", {"list"}, {"map"}),
        ("($f := function($x) { $x }; $f($y))", {"y"}, set()),
        ("$orders@$o.lines#$i.{'o': $o, 'i': $i}", {"orders"}, set()),
        ("$uuid() & $hash($x, 'MD5')", {"x"}, {"uuid", "hash"}),
        ("$x ~> $nope(1)", {"x"}, {"nope"}),
        ("($a := $a; $a)", set(), set()),
    ],
)
def test_free_variables_and_functions_are_known(expression: str, variables: set[str], functions: set[str]) -> None:
    parsed = syntax.parse(expression)
    assert (set(parsed.variables), set(parsed.functions)) == (variables, functions)


def test_a_process_may_choose_the_other_engine() -> None:
    try:
        choose_engine("fallback")
        assert isinstance(default_evaluator(), Interpreted)
    finally:
        choose_engine("default")
    assert isinstance(default_evaluator(), Translated)


def test_an_engine_that_there_is_not_is_named_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="no JSONata engine 'v8': one of default, fallback"):
        choose_engine("v8")


@ENGINES
@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("/a", "S0302"),
        ("//", "S0301"),
        ("/(/", "S0302"),
        ("1e999", "S0102"),
        ("'\\q'", "S0103"),
        ("'a", "S0101"),
        ("1 := 2", "S0212"),
    ],
)
def test_what_does_not_parse_is_told_with_jsonatas_code(engine: Evaluator, expression: str, code: str) -> None:
    with pytest.raises(SyntaxFault, match=rf"does not parse\. {code}: .+ \(position \d+\)"):
        engine.compile(expression)


@ENGINES
@pytest.mark.parametrize("expression", ["1/0", "[1/0]", "{'a': 1e308 * 10}", "$sum([1e308, 1e308])", "-(1e308 * 10)"])
def test_a_number_that_json_cannot_carry_is_a_failure(engine: Evaluator, expression: str) -> None:
    with pytest.raises(EvaluationFailure):
        value(engine, expression)


@ENGINES
@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("($f := function($n) { 1 + $f($n + 1) }; $f(1))", "U1001: Stack overflow error"),
        ("$map([1..1000000], function($i) { $sum([1..1000]) })", "U1001: Expression evaluation timeout"),
        (
            "$reduce([1..40], function($s, $n) { {'a': $s, 'b': $s} })",
            "U1001: Expression evaluation memory limit exceeded",
        ),
    ],
)
def test_the_three_ways_to_run_away_are_told_in_awss_words(engine: Evaluator, expression: str, message: str) -> None:
    with pytest.raises(EvaluationFailure, match=message):
        value(engine, expression)


_ALPHABET = st.sampled_from(
    [*"$.[](){}*/+-=<>&?:;,'\"`%^|~@# 01aμ\ud800\U0001f600", "$f(", "function($x){", "in", ":="]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_ALPHABET, max_size=12).map("".join))
def test_whatever_the_text_both_engines_refuse_fail_or_answer(expression: str) -> None:
    for engine in (Translated(100), Interpreted(100)):
        with contextlib.suppress(SyntaxFault, EvaluationFailure):
            value(engine, expression, a=[1, {"a": "b"}, None], f=2)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(_JSON)
def test_a_variable_comes_back_as_it_went_in(json: Any) -> None:
    assert value(Translated(), "$v", v=json) == json
