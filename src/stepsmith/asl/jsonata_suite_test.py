"""The project's own JSONata suite on both engines: testdata/jsonata.json.

Written from the JSONata 2 documentation, each value checked against the reference implementation, npm jsonata 2.0.6
(tests/conformance/jsonata_reference.mjs says where the two differ). A case has a `value`, is `undefined`, or fails
with the code `error`. `fallback` says why the fallback engine answers otherwise: such a case must go on differing,
or the remark goes.
"""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from stepsmith.asl.jsonata import UNDEFINED, EvaluationFailure, Evaluator, Moment
from stepsmith.asl.jsonata.interpreted import Interpreted
from stepsmith.asl.jsonata.translated import Translated

_SUITE = json.loads((Path(__file__).parent / "testdata" / "jsonata.json").read_text())
_CASES = [(group, case) for group, cases in _SUITE["cases"].items() for case in cases]
_IDS = [f"{group}: {case['expression']}" for group, case in _CASES]


def answer(evaluator: Evaluator, expression: str) -> str:
    """The value as JSON text, "undefined", or the code of the error."""
    try:
        value = evaluator.compile(expression).evaluate(_SUITE["variables"], Moment(0, random.Random(0)))
    except EvaluationFailure as failure:
        return str(failure)[:5]
    return "undefined" if value is UNDEFINED else canonical(value)


def expected(case: dict[str, Any]) -> str:
    return "undefined" if "undefined" in case else str(case["error"]) if "error" in case else canonical(case["value"])


def canonical(value: Any) -> str:
    """JSON text in which equal numbers look alike: 1e+20 is an integer to one writer and none to another."""
    return json.dumps(json.loads(json.dumps(value), parse_int=float))


@pytest.mark.parametrize("case", [case for _, case in _CASES], ids=_IDS)
def test_the_default_engine_answers_as_the_reference(case: dict[str, Any]) -> None:
    assert answer(Translated(), case["expression"]) == expected(case)


@pytest.mark.parametrize("case", [case for _, case in _CASES], ids=_IDS)
def test_the_fallback_engine_answers_as_the_reference_or_is_known_not_to(case: dict[str, Any]) -> None:
    same = answer(Interpreted(), case["expression"]) == expected(case)
    assert same != ("fallback" in case)


def test_the_suite_has_hundreds_of_cases_without_repetition() -> None:
    expressions = [case["expression"] for _, case in _CASES]
    assert len(set(expressions)) == len(expressions) >= 500


def test_no_expression_changes_the_variables_it_reads() -> None:
    before = canonical(_SUITE["variables"])
    for _, case in _CASES:
        answer(Translated(), case["expression"])
    assert canonical(_SUITE["variables"]) == before
