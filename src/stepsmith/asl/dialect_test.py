"""JSONPath is refused by name; what uses no query language runs."""

from typing import Any

import pytest

from stepsmith import asl
from stepsmith.asl import outcome

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


def test_one_sentence_refuses_an_object_that_uses_jsonpath() -> None:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsNull": True, "Next": "A"}]}
    assert refused(choice) == [
        ("/States/A/Choices[0]/Variable", "The field 'Variable' is JSONPath, which Stepsmith does not run")
    ]
    both = refused({**PASS, "InputPath": "$.a", "OutputPath": "$.b"})
    assert both == [("/States/A/InputPath", "The field 'InputPath' is JSONPath, which Stepsmith does not run")]
    iterator = {"Type": "Map", "Iterator": {"StartAt": "I", "States": {"I": PASS}}, "End": True}
    assert refused(iterator) == [
        ("/States/A/Iterator", "The field 'Iterator' is JSONPath, which Stepsmith does not run")
    ]


LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:f"
PLAIN: dict[str, Any] = {
    "StartAt": "Constant",
    "States": {
        "Constant": {"Type": "Pass", "Result": [1, {"text": "{% $states.input %}"}], "Next": "Each"},
        "Each": {
            "Type": "Map",
            "ItemProcessor": {"StartAt": "Item", "States": {"Item": {"Type": "Task", "Resource": LAMBDA, "End": True}}},
            "Next": "Both",
        },
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Left", "States": {"Left": PASS}},
                {"StartAt": "Right", "States": {"Right": PASS}},
            ],
            "Next": "Pause",
        },
        "Pause": {"Type": "Wait", "Seconds": 3, "Next": "Until"},
        "Until": {"Type": "Wait", "Timestamp": "2026-01-02T00:00:00Z", "Next": "Done"},
        "Done": {"Type": "Succeed"},
    },
}


def test_what_needs_no_query_language_runs_without_one(play: Play) -> None:
    played = play(PLAIN, {"n": 1}, [outcome.Succeeded("one"), outcome.Succeeded({"{% 2 %}": None})])
    assert [invoke.arguments for invoke in played.invokes] == [1, {"text": "{% $states.input %}"}]
    assert played.output == [["one", {"{% 2 %}": None}]] * 2
    assert len(played.sleeps) == 2


def test_a_catch_without_a_query_language_hands_on_the_error_alone(play: Play) -> None:
    states = {
        "A": {"Type": "Task", "Resource": LAMBDA, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}], "End": True},
        "B": PASS,
    }
    assert play({"StartAt": "A", "States": states}, {"n": 1}, [outcome.Failed("Boom", "why")]).output == {
        "Error": "Boom",
        "Cause": "why",
    }


def test_a_fail_without_a_query_language_says_its_text(play: Play) -> None:
    states = {"A": {"Type": "Fail", "Error": "{% 'E' %}", "Cause": "c"}}
    assert play({"StartAt": "A", "States": states}).error == ("{% 'E' %}", "c")


def test_each_state_is_read_in_its_own_language(play: Play) -> None:
    states = {
        "A": {"Type": "Pass", "Assign": {"x": "{% 1 %}"}, "Next": "B"},
        "B": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $x & '!' %}", "Next": "C"},
        "C": {"Type": "Pass", "Assign": {"y": "{% 2 %}"}, "Next": "D"},
        "D": {"Type": "Succeed", "QueryLanguage": "JSONata", "Output": ["{% $states.input %}", "{% $y %}"]},
    }
    assert play({"StartAt": "A", "States": states}).output == ["{% 1 %}!", "{% 2 %}"]


def test_states_inside_a_jsonata_state_are_read_in_the_language_of_the_definition(play: Play) -> None:
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "Result": "{% 1 %}", "End": True}}}
    state = {"Type": "Map", "QueryLanguage": "JSONata", "Items": "{% [7] %}", "ItemProcessor": inner, "End": True}
    assert play({"StartAt": "A", "States": {"A": state}}).output == ["{% 1 %}"]


def test_an_expression_is_no_number_of_seconds_without_jsonata() -> None:
    ((path, message),) = refused({"Type": "Wait", "Seconds": "{% 1 %}", "End": True})
    assert path == "/States/A/Seconds"
    assert "Expected an integer from 0 to 99999999" in message
