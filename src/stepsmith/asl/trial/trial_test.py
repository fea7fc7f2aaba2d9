"""Trials: one state, run once, with the world or a mock behind it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from stepsmith.asl import DefinitionError, effects, load, outcome, trial
from stepsmith.asl.conftest import START_MS, context
from stepsmith.asl.trial import Caught, Failed, Mock, Mocked, MockedError, Report, Retriable, Setting, Succeeded

SEND = "arn:aws:states:::apigateway:invoke"
LATER_MS = START_MS + 1000


def task(**more: Any) -> dict[str, Any]:
    return {"Type": "Task", "QueryLanguage": "JSONata", "Resource": SEND, "End": True, **more}


def many(**more: Any) -> dict[str, Any]:
    """A Map whose iterations fail, should they ever run."""
    inner = {"StartAt": "Each", "States": {"Each": {"Type": "Fail", "Error": "NeverRun"}}}
    return {"Type": "Map", "QueryLanguage": "JSONata", "ItemProcessor": inner, "End": True, **more}


def subject(definition: Mapping[str, Any], name: str | None = None) -> trial.Subject:
    if name is None:
        return trial.subjects.alone(json.dumps(definition))
    return trial.subjects.within(load(dict(definition)), name)


def tried(
    definition: Mapping[str, Any],
    input: Any = None,
    mock: Mock | None = None,
    answer: outcome.Outcome | None = None,
    name: str | None = None,
    **setting: Any,
) -> Report:
    """The report; a trial that asks for an effect gets `answer`."""
    steps = trial.run(subject(definition, name), Setting(input, context(), seed=1, **setting), mock)
    try:
        next(steps)
        assert answer is not None
        steps.send((answer, LATER_MS))
    except StopIteration as end:
        report: Report = end.value
        return report
    raise AssertionError("the trial asked twice")


def error_of(report: Report) -> tuple[str | None, str | None]:
    assert not isinstance(report.verdict, Succeeded)
    return report.verdict.error.error, report.verdict.error.cause


def test_a_state_alone_may_name_states_that_are_not_there() -> None:
    state = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $states.input.a %}", "Next": "Elsewhere"}
    assert tried(state, {"a": 1}).verdict == Succeeded(1, "Elsewhere")


def test_a_choice_alone_leads_where_its_rule_says() -> None:
    rules = [{"Condition": "{% $states.input = 1 %}", "Next": "One"}, {"Condition": "{% false %}", "Next": "Two"}]
    state = {"Type": "Choice", "QueryLanguage": "JSONata", "Choices": rules, "Default": "Other"}
    assert tried(state, 1).verdict == Succeeded(1, "One")
    assert tried(state, 2).verdict == Succeeded(2, "Other")


def test_succeed_ends_and_fail_fails() -> None:
    assert tried({"Type": "Succeed"}, 7).verdict == Succeeded(7, None)
    assert error_of(tried({"Type": "Fail", "Error": "Broken", "Cause": "by design"})) == ("Broken", "by design")


def test_the_problems_of_a_state_alone_begin_at_the_state() -> None:
    with pytest.raises(DefinitionError) as refused:
        subject({"Type": "Pass", "Nxt": "A"})
    assert all(not problem.path.startswith("/States") for problem in refused.value.problems)


@pytest.mark.parametrize("text", ["{", "[]", '"Pass"'])
def test_what_is_no_state_is_refused(text: str) -> None:
    with pytest.raises(DefinitionError):
        trial.subjects.alone(text)


def test_jsonpath_is_refused_with_the_name_of_the_field() -> None:
    with pytest.raises(DefinitionError, match="InputPath"):
        subject({"Type": "Pass", "InputPath": "$.a", "End": True})


def test_a_task_asks_the_world_once_and_tells_what_it_saw() -> None:
    state = task(Arguments={"Payload": "{% $states.input.n + 1 %}"}, Output="{% $states.result.Payload %}")
    steps = trial.run(subject(state), Setting({"n": 1}, context(), seed=1))
    asked = next(steps)
    assert asked == effects.Invoke(1, SEND, {"Payload": 2})
    with pytest.raises(StopIteration) as end:
        steps.send((outcome.Succeeded({"Payload": 5}), LATER_MS))
    assert end.value.value.verdict == Succeeded(5, None)
    assert end.value.value.seen == {"afterArguments": {"Payload": 2}, "result": {"Payload": 5}}


def test_what_was_seen_ends_where_the_state_failed() -> None:
    state = task(Arguments={"Payload": 1}, Output="{% $states.result.none %}")
    assert set(tried(state, answer=outcome.Failed("Oh")).seen) == {"afterArguments"}
    assert set(tried(state, answer=outcome.Succeeded({})).seen) == {"afterArguments", "result"}
    assert tried(task(Arguments="{% $states.input.none %}")).seen == {}


def test_an_expression_that_fails_is_an_error_of_the_state() -> None:
    error, cause = error_of(tried(task(Output="{% $states.result.none %}"), answer=outcome.Succeeded({})))
    assert error == "States.QueryEvaluationError"
    assert cause is not None and "$states.result.none" in cause


def test_variables_are_read_and_those_assigned_are_told() -> None:
    report = tried(task(Assign={"b": "{% $a + 1 %}"}), mock=Mocked({}), variables={"a": 1})
    assert report.variables == {"a": 1, "b": 2}


def test_a_given_context_stands_in_for_the_own() -> None:
    state = task(
        Resource=f"{SEND}.waitForTaskToken",
        Arguments={"Payload": "{% [$states.context.Task.Token, $states.context.State.Name] %}"},
    )
    given = {"Task": {"Token": "mine"}, "State": {"Name": "Approve"}}
    assert tried(state, mock=Mocked({}), context=given).seen["afterArguments"] == {"Payload": ["mine", "Approve"]}
    own = tried(state, mock=Mocked({})).seen["afterArguments"]["Payload"]
    assert own[0] and own[1] == "TestState"


def test_what_a_given_context_leaves_out_is_the_own() -> None:
    state = task(Arguments="{% $states.context %}")
    seen = tried(state, mock=Mocked({}), context={"Execution": {"Name": "mine"}}).seen["afterArguments"]
    assert (seen["Execution"]["Name"], seen["Execution"]["Id"]) == ("mine", context().arn)


@pytest.mark.parametrize(("retries", "delay_ms"), [(0, 2000), (1, 4000), (2, 8000)])
def test_a_retrier_that_covers_the_error_tells_when_it_would_try_again(retries: int, delay_ms: int) -> None:
    retry = [{"ErrorEquals": ["Other"]}, {"ErrorEquals": ["Throttled"], "IntervalSeconds": 2, "MaxAttempts": 3}]
    verdict = tried(task(Retry=retry), mock=MockedError("Throttled"), retries=retries).verdict
    assert isinstance(verdict, Retriable)
    assert (verdict.index, verdict.delay_ms) == (1, delay_ms)


def test_a_retrier_that_is_used_up_leaves_the_error_to_catch() -> None:
    state = task(
        Retry=[{"ErrorEquals": ["Throttled"], "MaxAttempts": 3}],
        Catch=[{"ErrorEquals": ["Other"], "Next": "A"}, {"ErrorEquals": ["States.ALL"], "Next": "B"}],
    )
    verdict = tried(state, mock=MockedError("Throttled", "slow down"), retries=3).verdict
    assert isinstance(verdict, Caught)
    assert (verdict.index, verdict.next, verdict.output) == (1, "B", {"Error": "Throttled", "Cause": "slow down"})


def test_the_context_counts_the_retries() -> None:
    state = task(Arguments="{% $states.context.State.RetryCount %}")
    assert tried(state, mock=Mocked({}), retries=2).seen["afterArguments"] == 2


def test_a_catcher_computes_output_and_assigns() -> None:
    catch = {"ErrorEquals": ["Oh"], "Next": "B", "Output": "{% $states.errorOutput.Cause %}", "Assign": {"x": 1}}
    report = tried(task(Catch=[catch]), mock=MockedError("Oh", "dear"))
    assert isinstance(report.verdict, Caught)
    assert (report.verdict.output, report.variables) == ("dear", {"x": 1})


def test_a_catcher_that_fails_fails_the_state() -> None:
    catch = {"ErrorEquals": ["Oh"], "Next": "B", "Output": "{% $states.input.none %}"}
    report = tried(task(Catch=[catch]), {}, mock=MockedError("Oh"))
    assert isinstance(report.verdict, Failed)
    assert error_of(report)[0] == "States.QueryEvaluationError"


def test_a_map_selects_its_items_and_runs_none_of_them() -> None:
    state = many(
        Items="{% $states.input.items %}",
        ItemSelector={"n": "{% $states.context.Map.Item.Value %}", "i": "{% $states.context.Map.Item.Index %}"},
        MaxConcurrency=2,
    )
    report = tried(state, {"items": [5, 6]}, mock=Mocked(["a"]))
    assert report.verdict == Succeeded(["a"], None)
    assert report.seen["afterItemSelector"] == [{"n": 5, "i": 0}, {"n": 6, "i": 1}]
    assert (report.seen["maxConcurrency"], report.seen["toleratedFailureCount"]) == (2, None)


def test_an_item_selector_that_fails_fails_the_map() -> None:
    report = tried(many(ItemSelector="{% $states.context.none %}"), [1], mock=Mocked([1]))
    assert error_of(report)[0] == "States.QueryEvaluationError"


@pytest.mark.parametrize(("failed", "outcome"), [(0, Succeeded), (1, Succeeded), (2, Failed)])
def test_a_map_fails_when_more_iterations_failed_than_may(failed: int, outcome: type) -> None:
    report = tried(many(ToleratedFailureCount=1), [1, 2, 3], mock=Mocked([1]), failed_iterations=failed)
    assert isinstance(report.verdict, outcome)
    if failed == 2:
        assert error_of(report)[0] == "States.ExceedToleratedFailureThreshold"


def test_a_distributed_map_may_be_mocked_with_what_its_result_writer_answers() -> None:
    state = many(ItemSelector={"v": "{% $states.context.Map.Item.Value %}"}, ToleratedFailureCount=1)
    state["ItemProcessor"]["ProcessorConfig"] = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    report = tried(state, [5], mock=Mocked({"MapRunArn": "a"}))
    assert report.verdict == Succeeded({"MapRunArn": "a"}, None)
    assert report.seen["afterItemSelector"] == [{"v": 5}]
    report = tried(state, [5], mock=Mocked([]), failed_iterations=2)
    assert error_of(report)[0] == "States.ExceedToleratedFailureThreshold"


def test_a_mocked_error_of_a_map_is_its_own_whatever_it_tolerates() -> None:
    state = many(ToleratedFailurePercentage=50, Catch=[{"ErrorEquals": ["Oh"], "Next": "B"}])
    verdict = tried(state, [1, 2], mock=MockedError("Oh")).verdict
    assert isinstance(verdict, Caught) and verdict.next == "B"


def test_a_parallel_tells_what_its_branches_start_with() -> None:
    branch = {"StartAt": "Each", "States": {"Each": {"Type": "Fail", "Error": "NeverRun"}}}
    state = {"Type": "Parallel", "QueryLanguage": "JSONata", "Branches": [branch], "Arguments": [1], "End": True}
    report = tried(state, mock=Mocked(["done"]))
    assert report.verdict == Succeeded(["done"], None)
    assert report.seen == {"afterArguments": [1], "result": ["done"]}


def nested(**outer: Any) -> dict[str, Any]:
    """A Map `Outer` whose only state is the task `Inner`."""
    inner = {"StartAt": "Inner", "States": {"Inner": {"Type": "Task", "Resource": SEND, "End": True}}}
    map_ = {"Type": "Map", "ItemProcessor": inner, "End": True, **outer}
    caught = {"Type": "Succeed"}
    states = {"Outer": map_, **({"Caught": caught} if "Catch" in outer else {})}
    return {"QueryLanguage": "JSONata", "StartAt": "Outer", "States": states}


def test_a_state_inside_a_map_works_on_the_first_item() -> None:
    machine = nested()
    machine["States"]["Outer"]["ItemProcessor"]["States"]["Inner"]["Arguments"] = "{% $states.context.Map.Item %}"
    seen = tried(machine, "it", name="Inner", mock=Mocked({})).seen
    assert seen["afterArguments"] == {"Index": 0, "Value": "it"}
    given = {"Map": {"Item": {"Index": 3, "Value": "other"}}}
    seen = tried(machine, "it", name="Inner", mock=Mocked({}), context=given).seen
    assert seen["afterArguments"] == {"Index": 3, "Value": "other"}


def test_an_error_nobody_handles_inside_reaches_the_states_around() -> None:
    machine = nested(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Caught"}])
    verdict = tried(machine, name="Inner", mock=MockedError("Oh")).verdict
    assert isinstance(verdict, Caught) and (verdict.index, verdict.next) == (0, "Caught")


def test_an_error_that_the_map_around_tolerates_stays_inside() -> None:
    machine = nested(ToleratedFailureCount=2, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Caught"}])
    tolerated = tried(machine, name="Inner", mock=MockedError("Oh"), failed_iterations=1).verdict
    assert isinstance(tolerated, Failed) and tolerated.error.error == "Oh"
    escaped = tried(machine, name="Inner", mock=MockedError("Oh"), failed_iterations=2).verdict
    assert isinstance(escaped, Caught) and escaped.error.error == "States.ExceedToleratedFailureThreshold"


def test_a_name_that_the_definition_does_not_have_is_unknown() -> None:
    with pytest.raises(trial.UnknownState):
        subject(nested(), "None")


def test_a_wait_asks_for_its_time_and_one_over_five_minutes_times_out() -> None:
    state = {"Type": "Wait", "Seconds": 300, "Next": "B"}
    steps = trial.run(subject(state), Setting(1, context(), seed=1))
    assert next(steps) == effects.Sleep(1, START_MS + 300_000)
    with pytest.raises(StopIteration) as end:
        steps.send((outcome.Slept(), START_MS + 300_000))
    assert end.value.value.verdict == Succeeded(1, "B")
    assert error_of(tried({**state, "Seconds": 301}))[0] == "States.Timeout"


def test_what_is_seen_has_the_names_of_its_language() -> None:
    state = {"Type": "Pass", "Result": 2, "End": True}
    seen = {"afterInputPath": 1, "afterParameters": 1, "afterResultSelector": 2, "afterResultPath": 2}
    assert tried(state, 1).seen == seen
    state = {"Type": "Task", "Resource": SEND, "End": True}
    filters = {"afterInputPath": 1, "afterParameters": 1, "result": 5, "afterResultSelector": 5, "afterResultPath": 5}
    assert tried(state, 1, mock=Mocked(5)).seen == filters


@pytest.mark.parametrize(
    ("resource", "needs"),
    [
        (SEND, False),
        (f"{SEND}.waitForTaskToken", True),
        ("arn:aws:states:::states:startExecution.sync:2", True),
        ("arn:aws:states:us-east-1:000000000000:activity:A", True),
    ],
)
def test_tasks_that_somebody_else_ends_need_a_mock(resource: str, needs: bool) -> None:
    assert subject(task(Resource=resource)).needs_mock is needs
