"""Task: what is asked for, what is recorded, and what becomes of every kind of outcome."""

from typing import Any

import pytest

from stepsmith import asl
from stepsmith.asl.outcome import Failed, ScheduleFailed, Started, SubmitFailed, Submitted, Succeeded, TimedOut

from ..conftest import Play

INVOKE = "arn:aws:states:::lambda:invoke"
PUBLISH = "arn:aws:states:::glue:startJobRun"  # what it takes is not checked
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"
ACTIVITY = "arn:aws:states:us-east-1:000000000000:activity:approve"


def task(resource: str = INVOKE, **fields: Any) -> dict[str, Any]:
    return {"A": {"Type": "Task", "Resource": resource, "End": True, **fields}}


def test_a_task_asks_for_its_resource_with_rendered_arguments(play: Play) -> None:
    states = task(Arguments={"FunctionName": "f", "Payload": {"n": "{% $states.input.n %}"}}, TimeoutSeconds=9)
    (invoke,) = play(states, {"n": 1}, [None]).invokes
    assert invoke == asl.Invoke(1, INVOKE, {"FunctionName": "f", "Payload": {"n": 1}}, timeout_seconds=9)


def test_a_task_without_arguments_passes_its_input(play: Play) -> None:
    assert play(task(FUNCTION), {"n": 1}, [None]).invokes[0].arguments == {"n": 1}


def test_the_result_is_the_output_unless_output_says_otherwise(play: Play) -> None:
    answer = Succeeded({"Payload": {"a": 1}, "StatusCode": 200})
    assert play(task(), {}, [answer]).output == answer.result
    assert play(task(Output="{% $states.result.Payload.a %}"), {}, [answer]).output == 1


def test_bounds_may_be_computed(play: Play) -> None:
    states = task(TimeoutSeconds="{% $states.input.t %}", HeartbeatSeconds="{% 2 + 3 %}")
    invoke = play(states, {"t": 60}, [None]).invokes[0]
    assert (invoke.timeout_seconds, invoke.heartbeat_seconds) == (60, 5)


def test_a_time_has_the_milliseconds_that_it_has(play: Play) -> None:
    states = {**task(Next="B"), "B": {"Type": "Pass", "Output": "{% $states.context.State.EnteredTime %}", "End": True}}
    del states["A"]["End"]
    assert play(states, {}, [Succeeded(1)]).output == "2026-01-01T00:00:00.010Z"


def test_an_integration_is_scheduled_started_and_succeeds(play: Play) -> None:
    played = play(task(Arguments={"FunctionName": "f"}, TimeoutSeconds=9), {}, [Succeeded({"StatusCode": 200})])
    assert played.types == [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    names = {"resourceType": "lambda", "resource": "invoke"}
    scheduled = {"parameters": '{"FunctionName":"f"}', "timeoutInSeconds": 9, "region": "us-east-1"}
    assert played.facts("TaskScheduled") == {**names, **scheduled}
    assert played.facts("TaskStarted") == names
    output = {"output": '{"StatusCode":200}', "outputDetails": {"truncated": False}}
    assert played.facts("TaskSucceeded") == {**names, **output}


def test_a_functions_own_arn_has_events_of_its_own(play: Play) -> None:
    played = play(task(FUNCTION), {"n": 1}, [Succeeded("ok")])
    assert played.types[2:5] == ["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded"]
    assert played.facts("LambdaFunctionScheduled") == {
        "resource": FUNCTION,
        "input": '{"n":1}',
        "inputDetails": {"truncated": False},
    }
    started = next(event for event in played.run.events if event.type == "LambdaFunctionStarted")
    assert started.details == {}


def test_an_activity_starts_when_a_worker_takes_it(play: Play) -> None:
    played = play(task(ACTIVITY), {}, [[Started("ada"), Succeeded({"ok": True})]])
    assert played.types[2:5] == ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"]
    assert played.facts("ActivityStarted") == {"workerName": "ada"}
    assert played.invokes[0].task_token is not None
    assert played.output == {"ok": True}


def test_the_token_of_an_activity_is_for_its_worker_only(play: Play) -> None:
    assert play(task(ACTIVITY, Arguments="{% $states.context %}"), {}, [None]).invokes[0].arguments.keys() == {
        "Execution",
        "StateMachine",
        "State",
    }


def test_a_cause_is_cut_to_what_aws_keeps(play: Play) -> None:
    error, cause = play(task(), {}, [Failed("E" * 300, "c" * 40_000)]).error
    assert (len(error or ""), len(cause or "")) == (256, 32_768)


def test_a_token_is_in_the_context_and_in_the_effect(play: Play) -> None:
    states = task(
        "arn:aws:states:::apigateway:invoke.waitForTaskToken", Arguments={"t": "{% $states.context.Task.Token %}"}
    )
    played = play(states, {}, [[Submitted({"MessageId": "m"}), Succeeded("answered")]])
    assert played.invokes[0].arguments == {"t": played.invokes[0].task_token}
    assert played.types[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]
    names = {"resourceType": "apigateway", "resource": "invoke.waitForTaskToken"}
    assert played.facts("TaskSubmitted").items() >= {**names, "output": '{"MessageId":"m"}'}.items()


def test_tokens_differ_between_tasks_and_between_seeds(play: Play) -> None:
    wait = "arn:aws:states:::apigateway:invoke.waitForTaskToken"
    states = {
        "A": {"Type": "Task", "Resource": wait, "Next": "B"},
        "B": {"Type": "Task", "Resource": wait, "End": True},
    }
    tokens = [
        each.task_token for seed in (1, 2) for each in play(states, {}, [Succeeded(1), Succeeded(2)], seed=seed).invokes
    ]
    assert len(set(tokens)) == 4


@pytest.mark.parametrize(
    ("resource", "names"),
    [
        ("arn:aws:states:::states:startExecution.sync:2", ("states", "startExecution.sync:2")),
        ("arn:aws:states:::states:startExecution.sync", ("states", "startExecution.sync")),
        (
            "arn:aws:states:::aws-sdk:dynamodb:putItem.waitForTaskToken",
            ("aws-sdk:dynamodb", "putItem.waitForTaskToken"),
        ),
    ],
)
def test_history_splits_an_integrations_arn(play: Play, resource: str, names: tuple[str, str]) -> None:
    facts = play(task(resource), {}, [Succeeded(1)]).facts("TaskStarted")
    assert (facts["resourceType"], facts["resource"]) == names


def test_a_failure_is_the_error_of_the_execution(play: Play) -> None:
    played = play(task(), {}, [Failed("ValueError", '{"errorMessage":"no"}')])
    assert played.error == ("ValueError", '{"errorMessage":"no"}')
    assert played.facts("TaskFailed").items() >= {"error": "ValueError", "resource": "invoke"}.items()


def test_a_failure_may_have_neither_error_nor_cause(play: Play) -> None:
    catch = [{"ErrorEquals": ["States.TaskFailed"], "Next": "B"}]
    played = play(task(ACTIVITY), {}, [Failed(None)])
    assert played.error == (None, None)
    assert play({**task(ACTIVITY, Catch=catch), "B": {"Type": "Succeed"}}, {}, [Failed(None)]).output == {"Cause": ""}


def test_a_timeout_is_states_timeout(play: Play) -> None:
    played = play(task(TimeoutSeconds=1), {}, [TimedOut()])
    assert played.error == ("States.Timeout", None)
    assert played.types[4:] == ["TaskTimedOut", "ExecutionFailed"]


@pytest.mark.parametrize(
    ("resource", "event"),
    [(INVOKE, "TaskStartFailed"), (FUNCTION, "LambdaFunctionScheduleFailed"), (ACTIVITY, "ActivityScheduleFailed")],
)
def test_what_cannot_be_scheduled_has_an_event_of_its_own(play: Play, resource: str, event: str) -> None:
    played = play(task(resource), {}, [ScheduleFailed("Gone", "no such thing")])
    assert played.error == ("Gone", "no such thing")
    assert event in played.types


@pytest.mark.parametrize("resource", ["states:startExecution.sync:2", "sqs:sendMessage.waitForTaskToken"])
def test_a_request_that_is_refused_has_an_event_of_its_own(play: Play, resource: str) -> None:
    played = play(task(f"arn:aws:states:::{resource}"), {}, [SubmitFailed("SQS.AmazonSQSException", "no queue")])
    assert played.error == ("SQS.AmazonSQSException", "no queue")
    assert played.types[2:5] == ["TaskScheduled", "TaskStarted", "TaskSubmitFailed"]


def test_a_sync_task_that_fails_before_it_was_accepted_failed_in_its_request(play: Play) -> None:
    states = task("arn:aws:states:::states:startExecution.sync:2")
    assert play(states, {}, [Failed("E")]).types[4] == "TaskSubmitFailed"
    assert play(states, {}, [[Submitted({}), Failed("E")]]).types[4:6] == ["TaskSubmitted", "TaskFailed"]


def test_credentials_are_in_the_scheduled_event(play: Play) -> None:
    role = "arn:aws:iam::111111111111:role/other"
    for resource, event in ((INVOKE, "TaskScheduled"), (FUNCTION, "LambdaFunctionScheduled")):
        played = play(task(resource, Credentials={"RoleArn": "{% $states.input %}"}), role, [None])
        assert played.facts(event)["taskCredentials"] == {"roleArn": role}


def test_credentials_need_the_arn_of_a_role(play: Play) -> None:
    played = play(task(Credentials={"RoleArn": "{% 5 %}"}))
    assert played.facts("EvaluationFailed")["location"] == "Credentials/RoleArn"


@pytest.mark.parametrize(("heartbeat", "fails"), [(9, False), (10, True), (11, True)])
def test_heartbeats_come_faster_than_the_timeout(play: Play, heartbeat: int, fails: bool) -> None:
    states = task(TimeoutSeconds="{% 10 %}", HeartbeatSeconds=f"{{% {heartbeat} %}}")
    assert ("EvaluationFailed" in play(states, {}, [Succeeded(1)]).types) == fails


def test_an_expired_heartbeat_is_a_timeout_that_has_a_second_name(play: Play) -> None:
    catch = [{"ErrorEquals": ["States.HeartbeatTimeout"], "Output": "{% $states.errorOutput %}", "Next": "B"}]
    states = {**task(ACTIVITY, HeartbeatSeconds=5, Catch=catch), "B": {"Type": "Succeed"}}
    played = play(states, {}, [[Started("w"), TimedOut(heartbeat=True)]])
    assert played.output == {"Error": "States.Timeout", "Cause": ""}
    assert play(states, {}, [[Started("w"), TimedOut()]]).error[0] == "States.Timeout"


def test_a_result_over_256_kib_fails_the_task(play: Play) -> None:
    played = play(task(Output={}), {}, [Succeeded("x" * 262_143)])
    assert played.error[0] == "States.DataLimitExceeded"
    assert "TaskFailed" in played.types
    assert play(task(Output={}), {}, [Succeeded("x" * 262_142)]).output == {}


def test_arguments_over_256_kib_are_never_sent(play: Play) -> None:
    played = play(task(PUBLISH, Arguments="{% $pad('', 262143, 'x') %}"))
    assert played.error[0] == "States.DataLimitExceeded"
    assert played.invokes == []


def test_characters_are_counted_as_bytes(play: Play) -> None:
    assert play(task(PUBLISH, Arguments="{% $pad('', 90000, 'é') %}"), {}, [Succeeded(1)]).output == 1
    assert play(task(PUBLISH, Arguments="{% $pad('', 140000, 'é') %}")).error[0] == "States.DataLimitExceeded"


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        ({}, "The field 'FunctionName' is required but was missing"),
        ({"FunctionName": "f", "Extra": 1}, "The field 'Extra' is not supported by Step Functions"),
        ({"FunctionName": 5}, "The value for the field 'FunctionName' must be a STRING"),
        ({"FunctionName": None}, "The value for the field 'FunctionName' must be a STRING"),
    ],
)
def test_arguments_that_the_integration_does_not_take_are_refused_before_anything_is_scheduled(
    play: Play, arguments: dict[str, Any], wrong: str
) -> None:
    caught = [{"ErrorEquals": ["States.ALL"], "Next": "A"}]
    played = play(task(Arguments="{% $states.input %}", Catch=caught), arguments)
    error, cause = played.error
    assert (error, played.types[2:]) == ("States.Runtime", ["ExecutionFailed"])
    assert cause and cause.startswith("An error occurred while executing the state 'A' (entered at the event id #2). ")
    assert cause.endswith(f"could not be used to start the Task: [{wrong}]")


def test_a_definition_with_such_arguments_is_refused_where_they_stand() -> None:
    wrong = {"FunctionName": 5, "Extra": 1}
    states = {**task(Arguments=wrong)}
    found = asl.diagnose({"QueryLanguage": "JSONata", "StartAt": "A", "States": states})
    assert [(each.path, each.code) for each in found] == [
        ("/States/A/Arguments/FunctionName", "SCHEMA_VALIDATION_FAILED"),
        ("/States/A/Arguments", "SCHEMA_VALIDATION_FAILED"),
    ]


def test_integrations_that_are_not_known_take_anything(play: Play) -> None:
    assert play(task("arn:aws:states:::glue:startJobRun", Arguments={"Any": 1}), {}, [Succeeded(1)]).output == 1
