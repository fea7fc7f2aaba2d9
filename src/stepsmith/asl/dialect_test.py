"""JSONPath is refused by name; what uses no query language runs."""

from typing import Any

import pytest

from stepsmith import asl

from .conftest import Play

PASS: dict[str, Any] = {"Type": "Pass", "End": True}


def refused(state: dict[str, Any], **fields: Any) -> list[tuple[str, str]]:
    with pytest.raises(asl.DefinitionError) as error:
        asl.load({"StartAt": "A", "States": {"A": state}, **fields})
    return [(problem.path, problem.message) for problem in error.value.problems]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"InputPath": "$.a"}, "InputPath"),
        ({"ResultPath": None}, "ResultPath"),
        ({"Parameters": {"a": 1}}, "Parameters"),
        ({"Assign": {"x.$": "$.b"}}, "Assign/x.$"),
    ],
)
def test_a_jsonpath_field_is_named(fields: dict[str, Any], path: str) -> None:
    ((where, message),) = refused({**PASS, **fields})
    assert where == f"/States/A/{path}"
    assert repr(path.split("/")[-1]) in message


def test_jsonpath_is_found_inside_branches_and_rules() -> None:
    inner = {"StartAt": "I", "States": {"I": {**PASS, "OutputPath": "$"}}}
    parallel = {"Type": "Parallel", "Branches": [inner], "End": True}
    assert refused(parallel)[0][0] == "/States/A/Branches[0]/States/I/OutputPath"
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsNull": True, "Next": "A"}]}
    assert refused(choice)[0][0] == "/States/A/Choices[0]/Variable"


def test_a_field_of_that_name_in_a_payload_is_data(play: Play) -> None:
    assert play({"A": {**PASS, "Output": {"Parameters": 1, "Variable": 2}}}).output == {"Parameters": 1, "Variable": 2}


@pytest.mark.parametrize("language", [{}, {"QueryLanguage": "JSONPath"}])
def test_a_definition_without_a_query_language_runs(play: Play, language: dict[str, str]) -> None:
    definition = {"StartAt": "A", "States": {"A": {**PASS, "Assign": {"x": "{% 1 %}"}}}, **language}
    played = play(definition, {"n": 1})
    assert played.output == {"n": 1}
    assert played.facts("PassStateExited")["assignedVariables"] == {"x": '"{% 1 %}"'}


def test_jsonata_must_be_asked_for() -> None:
    assert refused({**PASS, "Output": 1}) == [
        ("/States/A/Output", "The field 'Output' needs the query language JSONata")
    ]


def test_a_state_may_ask_for_jsonata_itself(play: Play) -> None:
    state = {**PASS, "QueryLanguage": "JSONata", "Output": "{% 1 + 1 %}"}
    assert play({"StartAt": "A", "States": {"A": state}}).output == 2


def test_a_result_is_no_field_of_a_jsonata_state() -> None:
    assert refused({**PASS, "Result": 1}, QueryLanguage="JSONata")[0][0] == "/States/A/Result"
