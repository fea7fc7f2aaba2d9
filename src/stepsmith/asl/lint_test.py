"""Claims about lint: each defect is found where it is, and sound machines have none."""

from typing import Any

import pytest

from stepsmith.asl.lint import lint

DONE = {"Type": "Succeed"}


def machine(**states: Any) -> dict[str, Any]:
    return {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}


def passing(to: str, **fields: Any) -> dict[str, Any]:
    return {"Type": "Pass", "Next": to, **fields}


def found(definition: dict[str, Any]) -> list[tuple[str, str]]:
    return [(problem.path, problem.message) for problem in lint(definition)]


def test_a_sound_machine_has_no_findings() -> None:
    assert found(machine(A=passing("B", Assign={"x": 1}), B={**DONE, "Output": "{% $x + $states.input.y %}"})) == []


def test_a_variable_that_nobody_assigns_is_found_where_it_is_read() -> None:
    problems = found(machine(A={**DONE, "Output": {"deep": "{% $y %}"}}))
    assert problems == [("/States/A/Output/deep", "$y is not assigned on every way to this state.")]


def test_a_variable_assigned_on_one_way_only_is_found() -> None:
    choice = {
        "Type": "Choice",
        "Choices": [{"Condition": "{% true %}", "Next": "B", "Assign": {"x": 1}}],
        "Default": "B",
    }
    assert [path for path, _ in found(machine(A=choice, B={**DONE, "Output": "{% $x %}"}))] == ["/States/B/Output"]


def test_a_variable_assigned_on_all_ways_is_fine_loops_included() -> None:
    choice = {
        "Type": "Choice",
        "Choices": [{"Condition": "{% $x > 3 %}", "Next": "C"}],
        "Default": "B",
        "Assign": {"y": 1},
    }
    states = machine(A=passing("B", Assign={"x": 1}), B=passing("D", Assign={"x": "{% $x + 1 %}"}), D=choice, C=DONE)
    assert found(states) == []


def test_a_catch_knows_what_was_assigned_before_its_state_and_by_itself_not_by_the_state() -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Assign": {"x": 1},
        "Catch": [{"ErrorEquals": ["States.ALL"], "Assign": {"why": "{% $states.errorOutput.Error %}"}, "Next": "B"}],
        "End": True,
    }
    problems = found(machine(A=task, B={**DONE, "Output": "{% $why & $x %}"}))
    assert problems == [("/States/B/Output", "$x is not assigned on every way to this state.")]


def test_branches_see_what_is_assigned_before_their_state() -> None:
    inner = {"StartAt": "I", "States": {"I": {**DONE, "Output": "{% $x & $z %}"}}}
    each = {"Type": "Map", "ItemProcessor": inner, "End": True}
    problems = found(machine(A=passing("B", Assign={"x": 1}), B=each))
    assert problems == [("/States/B/ItemProcessor/States/I/Output", "$z is not assigned on every way to this state.")]


def test_local_variables_and_parameters_are_no_variables_of_the_machine() -> None:
    expression = "{% ($a := 1; $map([1], function($b) {$a + $b})) %}"
    assert found(machine(A={**DONE, "Output": expression})) == []


def test_a_function_that_does_not_exist_is_found() -> None:
    assert found(machine(A={**DONE, "Output": "{% $summ([1]) %}"})) == [
        ("/States/A/Output", "There is no function $summ.")
    ]


@pytest.mark.parametrize(
    ("definition", "path"),
    [
        (machine(A={"Type": "Pass", "InputPath": "$.x", "End": True}), "/States/A/InputPath"),
        (machine(A={**DONE, "Output": "{% $eval('1') %}"}), "/States/A/Output"),
        (machine(A={**DONE, "Output": "{% $states.input.x ?? 1 %}"}), "/States/A/Output"),
        (machine(A={**DONE, "Output": "{% $states.input.x ?: 1 %}"}), "/States/A/Output"),
        (machine(A=DONE, B=DONE), "/States/B"),
        (machine(**{"A" * 81: DONE}), "/States/" + "A" * 81),
        (
            machine(
                A=passing("B", Assign={"x": 1}),
                B={
                    "Type": "Map",
                    "ItemProcessor": {
                        "StartAt": "I",
                        "States": {"I": {"Type": "Pass", "Assign": {"x": 2}, "End": True}},
                    },
                    "End": True,
                },
            ),
            "/States/B/ItemProcessor/States/I/Assign/x",
        ),
    ],
    ids=["JSONPath", "$eval", "??", "?:", "unreachable", "long name", "assigned twice"],
)
def test_what_aws_refuses_is_found_where_it_is(definition: dict[str, Any], path: str) -> None:
    (problem,) = lint(definition)
    assert problem.path == path


def test_a_distributed_map_reads_no_variable_from_outside_and_may_use_its_name() -> None:
    def map_(config: dict[str, str], **fields: Any) -> dict[str, Any]:
        inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True, **fields}}}
        state = {"Type": "Map", "ItemProcessor": {"ProcessorConfig": config, **inner}, "End": True}
        return machine(A=passing("B", Assign={"x": 1}), B=state)

    distributed = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    assert not lint(map_({"Mode": "INLINE"}, Output="{% $x %}"))
    (problem,) = lint(map_(distributed, Output="{% $x %}"))
    assert "$x is not assigned" in problem.message
    assert not lint(map_(distributed, Assign={"x": 2}))
