"""Claims on reading a history. Events have the shape of GetExecutionHistory (AWS Step Functions API reference)."""

import json

import pytest

from stepsmith.contracts import RunOutput, Usage
from stepsmith.trace import Ended, Failed, ModelAsked, Reader, Retried, ToolAnswered, ToolCalled, read

USAGE = {"input_tokens": 10, "output_tokens": 5, "cache_read_tokens": 1, "cache_write_tokens": 0}
OUTPUT = {
    "status": "completed",
    "output": "Three.",
    "stop_reason": "end_turn",
    "turns": 2,
    "usage": USAGE,
    "cost_usd": 0.5,
    "transcript": {"chunks": [], "tail": []},
}


class History:
    """Writes events the way Step Functions does: numbered, one second apart, values as JSON text."""

    def __init__(self):
        self.events = []

    def add(self, type, **details):
        event = {"id": len(self.events) + 1, "previousEventId": len(self.events), "type": type}
        event["timestamp"] = 1000.0 + len(self.events)
        name = f"{type[0].lower()}{type[1:]}EventDetails"
        texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in details.items()}
        self.events.append({**event, name: texts})
        return self

    def asked(self, turn=1, model="anthropic:m"):
        payload = {"turn": turn, "model": model, "transcript": {"chunks": [], "tail": []}}
        return self.add("TaskScheduled", parameters={"FunctionName": "arn", "Payload": payload}).add("TaskStarted")

    def answered(self, *content, cost_usd=0.25):
        answer = {
            "message": {"role": "assistant", "content": list(content)},
            "stop_reason": "tool_use",
            "usage": USAGE,
            "cost_usd": cost_usd,
            "provider": "anthropic",
            "model": "m",
            "latency_ms": 1,
        }
        return self.add("TaskSucceeded", output={"Payload": answer, "StatusCode": 200})

    def called(self, id, name="query"):
        payload = {"id": id, "name": name, "input": {"sql": "select 1"}, "context": {}}
        return self.add("TaskScheduled", parameters={"Payload": payload}).add("TaskStarted")

    def result(self, id, name="query", is_error=False, type="TaskStateExited", **more):
        content = [{"type": "text", "text": "1"}]
        value = {"type": "tool_result", "tool_use_id": id, "name": name, "content": content, "is_error": is_error}
        return self.add(type, name=name, output=value | more)


def tool_use(id, name="query"):
    return {"type": "tool_use", "id": id, "name": name, "input": {"sql": "select 1"}}


def text(said):
    return {"type": "text", "text": said}


def started():
    return History().add("ExecutionStarted", input={"prompt": "How many?"})


def test_a_run_is_read_as_turns_with_their_calls():
    history = started().asked().answered(tool_use("a"), tool_use("b")).called("a").called("b")
    history.result("b", is_error=True).result("a").asked(2).answered(text("Three."))
    trace = read(history.add("ExecutionSucceeded", output=OUTPUT).events)
    assert (trace.status, trace.question, len(trace.turns)) == ("completed", "How many?", 2)
    assert [(call.id, call.is_error) for call in trace.calls] == [("a", False), ("b", True)]
    assert trace.output == RunOutput.from_json(OUTPUT)


def test_a_call_took_as_long_as_its_task():
    trace = read(started().asked().answered(tool_use("a")).called("a").result("a").events)
    assert trace.calls[0].seconds == 2.0
    assert trace.status == "running"


def test_tokens_and_cost_are_the_models_and_the_sub_agents():
    history = started().asked().answered(tool_use("a", "research"), cost_usd=0.25)
    trace = read(history.result("a", "research", usage=USAGE, cost_usd=0.5, run_id="r2").events)
    assert trace.cost_usd == 0.75
    assert trace.usage == Usage(20, 10, 2, 0)


def test_a_price_that_was_unknown_once_stays_unknown():
    history = started().asked().answered(text("?"), cost_usd=None).asked(2).answered(text("!"), cost_usd=1)
    assert read(history.events).cost_usd is None


def test_a_sub_agents_price_that_was_unknown_is_unknown():
    history = started().asked().answered(tool_use("a", "research"), cost_usd=0.25)
    assert read(history.result("a", "research", usage=USAGE, run_id="r2").events).cost_usd is None


def test_a_tool_that_answers_like_a_model_is_no_model():
    history = started().asked().answered(tool_use("a")).called("a").answered(text("I am the model"), cost_usd=99)
    trace = read(history.events)
    assert trace.cost_usd == 0.25
    assert [call.id for call in trace.calls] == ["a"]


def test_of_calls_that_interleave_the_one_that_failed_is_named():
    history = started().asked().answered(tool_use("a", "query"), tool_use("b", "draw"))
    history.add("TaskScheduled", parameters={"Payload": {"id": "a", "name": "query", "input": {}, "context": {}}})
    history.add("TaskScheduled", parameters={"Payload": {"id": "b", "name": "draw", "input": {}, "context": {}}})
    first = history.events[-2]["id"]
    for type in ("TaskStarted", "TaskSubmitted", "TaskFailed"):
        history.add(type, error="E")
        history.events[-1]["previousEventId"] = first if type == "TaskStarted" else len(history.events) - 1
    assert [retry.what for retry in read(history.events).retries] == ["query"]


def test_a_result_without_a_tool_is_read_too():
    history = started().asked().answered(tool_use("a", "nope"))
    trace = read(history.result("a", "nope", is_error=True, type="SucceedStateExited").events)
    assert trace.calls[0].is_error
    assert trace.calls[0].seconds is None


def test_the_next_model_takes_over_the_same_turn():
    history = started().asked(1, "anthropic:m").add("TaskFailed", error="LlmUnavailable", cause="{}")
    trace = read(history.asked(1, "openai:n").answered(text("Hi")).events)
    assert [turn.model for turn in trace.turns] == ["openai:n"]
    assert [(retry.what, retry.error) for retry in trace.retries] == [("anthropic:m", "LlmUnavailable")]


@pytest.mark.parametrize(
    ("type", "status"),
    [("ExecutionFailed", "failed"), ("ExecutionTimedOut", "timed_out"), ("ExecutionAborted", "aborted")],
)
def test_a_run_that_did_not_end_in_order_has_awss_word(type, status):
    assert read(started().add(type, error="InvalidRunInput", cause="prompt").events).status == status


def test_what_is_out_of_contract_breaks_no_reader():
    history = started().add("TaskSucceeded", output={"Payload": {"message": 1, "stop_reason": 2}})
    history.add("TaskStateExited", output={"type": "tool_result"}).add("TaskSucceeded", output="no json")
    assert read(history.events).turns == ()
    assert isinstance(read(history.add("ExecutionSucceeded", output={"x": 1}).events).end, Failed)


def test_steps_come_with_the_event_that_tells_them():
    reader = Reader()
    history = started().asked().answered(tool_use("a")).called("a").add("TaskFailed", error="E").result("a")
    steps = [step for event in history.add("ExecutionSucceeded", output=OUTPUT).events for step in reader.read(event)]
    kinds = [type(step) for step in steps if isinstance(step, ModelAsked | ToolCalled | Retried | ToolAnswered | Ended)]
    assert kinds == [ModelAsked, ToolCalled, Retried, ToolAnswered, Ended]


def test_a_sub_agent_is_a_call():
    started_run = {
        "StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:research",
        "Name": "e1",
        "Input": {"prompt": "Find out", "metadata": {"tool_use_id": "a"}},
    }
    history = started().asked().answered(tool_use("a", "research")).add("TaskScheduled", parameters=started_run)
    assert read(history.events).calls[0].input == {"prompt": "Find out"}


REQUEST = {
    "run_id": "r1",
    "agent": "shop",
    "call_id": "a",
    "tool": "query",
    "input": {"sql": "drop"},
    "input_hash": "0",
    "reason": "every call asks",
    "requested_at": "2026-01-01T00:00:00Z",
    "expires_at": "2026-01-01T01:00:00Z",
}


def test_what_a_person_is_asked_belongs_to_its_call_in_either_way():
    item = {"request": {"S": json.dumps(REQUEST)}, "task_token": {"S": "t"}}
    for asked in (
        {"type": "TaskScheduled", "parameters": {"TableName": "approvals", "Item": item}},
        {"type": "ActivityScheduled", "input": REQUEST, "resource": "arn:aws:states:::activity:approvals"},
    ):
        history = started().asked().answered(tool_use("a"))
        [call] = read(history.add(**asked).events).calls
        assert (call.asked.reason, call.asked.input) == ("every call asks", {"sql": "drop"})


def test_an_approval_that_nobody_decided_is_told_by_its_tool():
    item = {"request": {"S": json.dumps(REQUEST)}, "task_token": {"S": "t"}}
    history = started().asked().answered(tool_use("a"))
    history.add("TaskScheduled", parameters={"TableName": "approvals", "Item": item}).add("TaskSubmitted")
    trace = read(history.add("TaskTimedOut", error="States.Timeout").events)
    assert [(retry.what, retry.error) for retry in trace.retries] == [("approval of query", "States.Timeout")]


def test_an_activity_that_is_asked_for_something_else_is_no_approval():
    history = started().asked().answered(tool_use("a")).add("ActivityScheduled", input={"order": 7}, resource="arn")
    assert read(history.events).calls[0].asked is None
