"""What is read from definitions: references to variables, and the processor of a labelled Map."""

import json
from typing import Any

from stepsmith.local.catalog.definition import distributed_map, variable_references


def text(states: dict[str, Any]) -> str:
    return json.dumps({"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states})


def test_each_state_names_the_variables_that_its_expressions_read() -> None:
    states = {
        "Begin": {"Type": "Pass", "Assign": {"n": 1, "m": 2}, "Next": "Use"},
        "Use": {"Type": "Pass", "Output": "{% $n + $m %}", "Assign": {"n": "{% $n + 1 %}"}, "Next": "Plain"},
        "Plain": {"Type": "Pass", "Output": "{% $states.input %}", "Next": "Choose"},
        "Choose": {"Type": "Choice", "Choices": [{"Condition": "{% $n > 1 %}", "Next": "End"}], "Default": "End"},
        "End": {"Type": "Succeed"},
    }
    assert variable_references(text(states)) == {"Use": ["m", "n"], "Choose": ["n"]}


def test_states_inside_a_map_have_references_of_their_own() -> None:
    inner = {"Inner": {"Type": "Pass", "Output": "{% $n %}", "End": True}}
    states = {
        "Begin": {"Type": "Pass", "Assign": {"n": 1}, "Next": "Each"},
        "Each": {"Type": "Map", "ItemProcessor": {"StartAt": "Inner", "States": inner}, "End": True},
    }
    assert variable_references(text(states)) == {"Inner": ["n"]}


def test_variables_that_an_expression_binds_itself_are_no_references() -> None:
    states = {"A": {"Type": "Pass", "Output": "{% ($x := 1; $x + 1) %}", "End": True}}
    assert variable_references(text(states)) == {}


def test_a_labelled_map_is_found_wherever_it_is() -> None:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    each = {"Type": "Map", "Label": "rows", "ItemProcessor": processor, "End": True}
    states = {"P": {"Type": "Parallel", "Branches": [{"StartAt": "Each", "States": {"Each": each}}], "End": True}}
    assert json.loads(distributed_map(text(states), "rows") or "") == processor
    assert distributed_map(text(states), "columns") is None
