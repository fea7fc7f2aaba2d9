"""Loading: what AWS would refuse is refused, with a path, a message and a remedy."""

import json
from typing import Any

import pytest

from stepsmith import asl
from stepsmith.asl.document import Map

PASS: dict[str, Any] = {"Type": "Pass", "End": True}


def problems(states: dict[str, Any], **fields: Any) -> list[asl.Problem]:
    definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states), "A"), "States": states, **fields}
    with pytest.raises(asl.DefinitionError) as refused:
        asl.load(definition)
    assert all(problem.message and problem.remedy for problem in refused.value.problems)
    return list(refused.value.problems)


def paths(states: dict[str, Any], **fields: Any) -> list[str]:
    return [problem.path for problem in problems(states, **fields)]


def task(**fields: Any) -> dict[str, Any]:
    return {"A": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun", "End": True, **fields}}


def test_a_definition_may_be_text_or_a_value() -> None:
    definition = {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": PASS}}
    assert asl.load(json.dumps(definition)).definition == asl.load(definition).definition == definition


@pytest.mark.parametrize("text", ["{", "[]", "7", "", '{"StartAt": NaN'])
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(asl.DefinitionError):
        asl.load(text)


def test_a_definition_over_a_megabyte_is_refused() -> None:
    assert "over 1 MB" in problems({"A": {**PASS, "Comment": "x" * 1_048_576}})[0].message


@pytest.mark.parametrize(
    ("states", "path"),
    [
        ({"A": {"Type": "Pass"}}, "/States/A"),
        ({"A": {"Type": "Pass", "End": True, "Next": "A"}}, "/States/A"),
        ({"A": {"Type": "Loop", "End": True}}, "/States/A"),
        ({"A": {"End": True}}, "/States/A"),
        ({"A": {**PASS, "Colour": "red"}}, "/States/A/Colour"),
        ({"Pass": {**PASS, "Colour": "red"}}, "/States/Pass/Colour"),
        ({"A": {"Type": "Task", "End": True}}, "/States/A"),
        (task(Resource="f"), "/States/A/Resource"),
        (task(TimeoutSeconds=0), "/States/A/TimeoutSeconds"),
        (task(TimeoutSeconds=True), "/States/A/TimeoutSeconds"),
        (task(HeartbeatSeconds="5"), "/States/A/HeartbeatSeconds"),
        (task(Retry=[{"ErrorEquals": ["E"], "MaxAttempts": -1}]), "/States/A/Retry[0]/MaxAttempts"),
        (task(Retry=[{"ErrorEquals": ["E"], "BackoffRate": 0.5}]), "/States/A/Retry[0]/BackoffRate"),
        (task(Retry=[{"ErrorEquals": ["E"], "JitterStrategy": "SOME"}]), "/States/A/Retry[0]/JitterStrategy"),
        (task(Retry=[{"ErrorEquals": []}]), "/States/A/Retry[0]/ErrorEquals"),
        (task(Catch=[{"ErrorEquals": ["E"]}]), "/States/A/Catch[0]"),
        (task(Retry=[{"ErrorEquals": ["States.ALL", "E"]}]), "/States/A/Retry[0]/ErrorEquals"),
        (task(Retry=[{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["E"]}]), "/States/A/Retry[0]/ErrorEquals"),
        ({"A": {"Type": "Choice", "Choices": []}}, "/States/A/Choices"),
        ({"A": {"Type": "Choice", "Choices": [{"Condition": "true", "Next": "A"}]}}, "/States/A/Choices[0]/Condition"),
        ({"A": {"Type": "Wait", "End": True}}, "/States/A"),
        ({"A": {"Type": "Wait", "Seconds": 1, "Timestamp": "{% $x %}", "End": True}}, "/States/A"),
        ({"A": {"Type": "Wait", "Seconds": 1.5, "End": True}}, "/States/A/Seconds"),
        ({"A": {"Type": "Parallel", "Branches": [], "End": True}}, "/States/A/Branches"),
        ({"A": {"Type": "Map", "End": True}}, "/States/A"),
        ({"A": {**PASS, "Assign": {"1x": 1}}}, "/States/A/Assign/1x"),
        ({"A": {**PASS, "Assign": {"states": 1}}}, "/States/A/Assign/states"),
        ({"A": {**PASS, "Assign": []}}, "/States/A/Assign"),
        ({"A" * 81: PASS}, f"/States/{'A' * 81}"),
    ],
)
def test_a_wrong_shape_is_named_where_it_is(states: dict[str, Any], path: str) -> None:
    assert paths(states) == [path]


def test_a_distributed_map_holds_its_processor_as_a_machine_of_its_own() -> None:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    processor = {"ProcessorConfig": config, "StartAt": "I", "States": {"I": PASS}}
    definition = {"StartAt": "A", "States": {"A": {"Type": "Map", "ItemProcessor": processor, "End": True}}}
    state = asl.load({"QueryLanguage": "JSONata", **definition}).document.states["A"]
    assert isinstance(state, Map)
    assert state.item_processor.definition == {"QueryLanguage": "JSONata", "StartAt": "I", "States": {"I": PASS}}


@pytest.mark.parametrize(
    "expression",
    ["foo", "$", "$$.a", "$eval('1')", "$x ?? 1", "$x ?: 1", "1 +", "[foo]", "$map($x, function($v) { foo })", "(a.b)"],
)
def test_expressions_that_aws_refuses_are_refused_with_their_place(expression: str) -> None:
    states = task(Arguments={"list": [1, {"deep": f"{{% {expression} %}}"}]})
    (problem,) = problems(states)
    assert problem.path == "/States/A/Arguments/list[1]/deep"
    assert f"'{expression}'" in problem.message


_FIELDS = ["$x.foo", "$x[a = 1]", "$x.($ & b)", "$x ~> |$|{'a': b}|", "$x^(>a).b", "$x{k: v}"]


@pytest.mark.parametrize("expression", _FIELDS)
def test_names_inside_a_path_are_fields(expression: str) -> None:
    asl.load({"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {**PASS, "Output": f"{{% {expression} %}}"}}})


@pytest.mark.parametrize(
    ("states", "path"),
    [
        ({"A": {"Type": "Pass", "Next": "B"}}, "/States/A/Next"),
        ({**task(Catch=[{"ErrorEquals": ["E"], "Next": "B"}])}, "/States/A/Catch[0]/Next"),
        ({"A": {"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "B"}]}}, "/States/A/Choices[0]/Next"),
        (
            {"A": {"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "A"}], "Default": "B"}},
            "/States/A/Default",
        ),
        ({"A": PASS, "B": PASS}, "/States/B"),
        ({"A": {"Type": "Pass", "Next": "A"}}, "/States"),
    ],
)
def test_transitions_lead_to_states_and_to_an_end(states: dict[str, Any], path: str) -> None:
    assert paths(states) == [path]


def test_start_at_names_a_state() -> None:
    assert paths({"A": PASS}, StartAt="B") == ["/StartAt"]


def test_a_next_cannot_leave_its_branch() -> None:
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "Next": "B"}}}
    states = {"A": {"Type": "Parallel", "Branches": [inner], "Next": "B"}, "B": PASS}
    assert paths(states) == ["/States/A/Branches[0]/States/I/Next"]


def test_names_of_states_are_unique_over_the_whole_definition() -> None:
    states = {"A": {"Type": "Parallel", "Branches": [{"StartAt": "A", "States": {"A": PASS}}], "End": True}}
    assert paths(states) == ["/States/A", "/States/A/Branches[0]/States/A"]


def parallel_that_assigns(name: str) -> dict[str, Any]:
    inner = {"StartAt": "I", "States": {"I": {**PASS, "Assign": {name: 1}}}}
    return {"Type": "Parallel", "Branches": [inner]}


def test_a_branch_may_not_assign_what_is_assigned_on_its_way_in() -> None:
    states = {"A": {"Type": "Pass", "Assign": {"x": 1}, "Next": "P"}, "P": {**parallel_that_assigns("x"), "End": True}}
    assert paths(states) == ["/States/P/Branches[0]/States/I/Assign/x"]
    looping = {
        "P": {**parallel_that_assigns("x"), "Next": "A"},
        "A": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% true %}", "Next": "E"}],
            "Default": "P",
            "Assign": {"x": 1},
        },
        "E": {"Type": "Succeed"},
    }
    assert paths(looping) == ["/States/P/Branches[0]/States/I/Assign/x"]


def test_a_name_assigned_only_afterwards_is_free_in_a_branch() -> None:
    states = {"P": {**parallel_that_assigns("x"), "Next": "A"}, "A": {**PASS, "Assign": {"x": 1}}}
    asl.load({"QueryLanguage": "JSONata", "StartAt": "P", "States": states})


def test_all_expressions_are_found_with_their_paths() -> None:
    states = task(
        Arguments={"a": "{% $x %}", "b": 1},
        TimeoutSeconds="{% $t %}",
        Catch=[{"ErrorEquals": ["E"], "Next": "C", "Output": "{% $map($y, $string) %}"}],
    )
    states["C"] = {**PASS, "Assign": {"z": "{% ($q := 1; $q + $w) %}"}}
    machine = asl.load({"QueryLanguage": "JSONata", "StartAt": "A", "States": states})
    found = {path: sorted(located.expression.variables) for path, located in machine.expressions()}
    assert found == {
        "/States/A/Arguments/a": ["x"],
        "/States/A/TimeoutSeconds": ["t"],
        "/States/A/Catch[0]/Output": ["y"],
        "/States/C/Assign/z": ["w"],
    }


def test_what_was_assigned_long_before_a_branch_is_known_there() -> None:
    states: dict[str, Any] = {
        f"S{i}": {"Type": "Pass", "Assign": {f"v{i}": 1}, "Next": f"S{i + 1}"} for i in range(500)
    }
    states["S500"] = {**parallel_that_assigns("v0"), "End": True}
    assert paths(states) == ["/States/S500/Branches[0]/States/I/Assign/v0"]
    states["S500"] = {**parallel_that_assigns("v500"), "End": True}
    asl.load({"QueryLanguage": "JSONata", "StartAt": "S0", "States": states})
