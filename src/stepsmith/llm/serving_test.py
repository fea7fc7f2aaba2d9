"""Claims on one call from its event to its answer, with a vendor that is a function and a store in memory."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stepsmith.contracts import (
    LlmAuthentication,
    LlmInvalidRequest,
    LlmThrottled,
    LlmTimeout,
    LlmUnavailable,
    Message,
    ModelAnswer,
    RunCancelled,
    Text,
    ToolUse,
    Usage,
)
from stepsmith.llm import Question, Reply, serve
from stepsmith.llm.prices import unknown
from stepsmith.objects import MemoryObjects, Objects

RUN = "s3://b/transcripts/sql/r1/"


@dataclass
class Vendor:
    """A vendor that says what it was told to, and remembers what it was asked."""

    reply: Reply | Exception = field(default_factory=lambda: said(Text("The Cubs.")))
    asked: list[Question] = field(default_factory=list)

    def ask(self, question: Question) -> Reply:
        self.asked.append(question)
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


@dataclass
class Context:
    milliseconds: int = 60_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


def said(*blocks: Text | ToolUse) -> Reply:
    return Reply(blocks, "end_turn", Usage(3, 2), "m-2026")


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": "text", "text": text}]}


Call = Callable[..., dict[str, Any]]


@pytest.fixture
def objects() -> Objects:
    return MemoryObjects()


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def call(vendor: Vendor, objects: Objects, monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setenv("STEPSMITH_BUCKET", "b")
    handler = serve("vendor", vendor.ask, unknown, objects, pictures=True)

    def call(left: int = 60_000, **changes: Any) -> dict[str, Any]:
        event = {
            "run_id": "r1",
            "agent": "sql",
            "turn": 1,
            "model": "vendor:m",
            "system": "",
            "transcript": {"chunks": [], "tail": [user("Who?")]},
            "tools": [],
            "max_output_bytes": 65_536,
            "final": False,
            "deadline": (datetime.now(UTC) + timedelta(seconds=100)).isoformat(),
        }
        return handler(event | changes, Context(left))

    return call


def test_an_answer_says_who_answered_and_what_it_used(call: Call) -> None:
    answer = ModelAnswer.from_json(call())
    assert answer.message == Message("assistant", (Text("The Cubs."),))
    assert (answer.provider, answer.model, answer.cost_usd) == ("vendor", "m-2026", None)
    assert (answer.usage, answer.chunk) == (Usage(3, 2), None)


def test_a_cancelled_run_asks_nothing(call: Call, vendor: Vendor, objects: Objects) -> None:
    objects.put(f"{RUN}cancel", b"", "text/plain")
    with pytest.raises(RunCancelled):
        call()
    assert not vendor.asked


def test_a_tail_over_its_budget_becomes_one_chunk_that_the_next_call_reads(call: Call, vendor: Vendor) -> None:
    tail = [user("x" * 9000), user("y" * 9000)]
    chunk = call(transcript={"chunks": [], "tail": tail}, turn=7)["chunk"]
    assert chunk["through"] == 2
    assert chunk["uri"].startswith(f"{RUN}00007-")
    call(transcript={"chunks": [chunk["uri"]], "tail": [user("z")]}, turn=8)
    assert [message.text[0] for message in vendor.asked[-1].messages] == ["x", "y", "z"]


def test_a_repeated_call_writes_the_same_chunk(call: Call, objects: Objects) -> None:
    transcript = {"chunks": [], "tail": [user("x" * 20_000)]}
    assert call(transcript=transcript)["chunk"] == call(transcript=transcript)["chunk"]
    assert len(objects.list(RUN)) == 1


def test_a_chunk_is_a_json_array_of_messages(call: Call, objects: Objects) -> None:
    tail = [user("ü" * 20_000)]
    chunk = call(transcript={"chunks": [], "tail": tail})["chunk"]
    assert json.loads(objects.get(chunk["uri"])) == tail


def test_many_chunks_are_read_in_order_by_a_cold_process(call: Call, vendor: Vendor, objects: Objects) -> None:
    uris = [f"s3://b/transcripts/other/r0/{number}.json" for number in range(20)]
    for number, uri in enumerate(uris):
        objects.put(uri, json.dumps([user(str(number))]).encode(), "application/json")
    call(transcript={"chunks": uris, "tail": []})
    assert [message.text for message in vendor.asked[0].messages] == [str(number) for number in range(20)]


@pytest.mark.parametrize(
    "uri",
    [
        "s3://b/artifacts/sql/r1/a.json",
        "s3://other/transcripts/sql/r1/1.json",
        "s3://b/transcripts/../x",
        f"{RUN}gone.json",
    ],
)
def test_a_chunk_that_is_no_transcript_of_this_store_is_refused_by_name(call: Call, uri: str) -> None:
    with pytest.raises(LlmInvalidRequest) as raised:
        call(transcript={"chunks": [uri], "tail": []})
    assert uri in str(raised.value)


def test_a_chunk_that_holds_no_messages_is_refused_with_the_place(call: Call, objects: Objects) -> None:
    objects.put(f"{RUN}1.json", b'[{"role": "robot", "content": []}]', "application/json")
    with pytest.raises(LlmInvalidRequest, match=r"1\.json\[0\]\.role: one of user, assistant"):
        call(transcript={"chunks": [f"{RUN}1.json"], "tail": []})


def test_text_over_the_message_s_budget_is_an_artifact_of_the_run(call: Call, vendor: Vendor, objects: Objects) -> None:
    vendor.reply = said(Text("x" * 70_000))
    call()
    ((location, size),) = objects.list("s3://b/artifacts/sql/r1/")
    assert (size, location.name.startswith("answer-1-")) == (70_000, True)


def test_output_is_validated_by_the_caller(call: Call, vendor: Vendor) -> None:
    schema = {"type": "object", "required": ["team"]}
    assert call(output_schema=schema)["output_errors"]
    vendor.reply = said(Text('{"team": "Cubs"}'))
    assert call(output_schema=schema)["output"] == {"team": "Cubs"}


def test_pictures_of_the_run_s_store_are_read_and_others_are_not(call: Call, vendor: Vendor, objects: Objects) -> None:
    objects.put("s3://b/artifacts/sql/r0/a.png", b"png", "image/png")
    objects.put("s3://b/transcripts/sql/r0/b.png", b"png", "image/png")
    uris = [
        "s3://b/artifacts/sql/r0/a.png",
        "s3://b/transcripts/sql/r0/b.png",
        "https://x/y.png",
        "s3://b/artifacts/none.png",
    ]
    images = [{"type": "image", "uri": uri, "media_type": "image/png"} for uri in uris]
    result = {"type": "tool_result", "tool_use_id": "a", "name": "t", "content": images}
    call(transcript={"chunks": [], "tail": [{"role": "user", "content": [result]}]})
    assert vendor.asked[0].pictures == {uris[0]: "cG5n"}


def test_the_vendor_has_what_is_left_of_the_run_or_of_the_lambda(call: Call, vendor: Vendor) -> None:
    call(left=60_000)
    call(left=900_000)
    assert [round(question.timeout_seconds) for question in vendor.asked] == [57, 100]


@pytest.mark.parametrize("changes", [{"left": 2_000}, {"deadline": "2020-01-01T00:00:00Z"}])
def test_without_time_left_nothing_is_asked(call: Call, vendor: Vendor, changes: dict[str, Any]) -> None:
    with pytest.raises(LlmTimeout, match="no time left"):
        call(**changes)
    assert not vendor.asked


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"turn": 0}, "turn"), ({"deadline": "soon"}, "deadline"), ({"transcript": None}, "transcript")],
)
def test_a_request_out_of_contract_is_said_with_its_field(call: Call, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(LlmInvalidRequest, match=field):
        call(**changes)


def test_without_a_bucket_the_operator_is_told(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEPSMITH_BUCKET")
    with pytest.raises(LlmInvalidRequest, match="STEPSMITH_BUCKET is not set"):
        call()


def test_what_was_said_and_asked_is_counted_and_not_logged(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    call()
    (line,) = capsys.readouterr().out.splitlines()
    document = json.loads(line)
    (directive,) = document["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Stepsmith"
    assert {metric["Name"] for metric in directive["Metrics"]} <= document.keys()
    assert {name for dimensions in directive["Dimensions"] for name in dimensions} <= document.keys()
    assert (document["gen_ai.usage.input_tokens"], document["gen_ai.agent.name"]) == (3, "sql")
    assert not [word for word in ("Who", "Cubs") if word in line]


def test_an_error_is_counted_by_its_name(call: Call, vendor: Vendor, capsys: pytest.CaptureFixture[str]) -> None:
    vendor.reply = LlmThrottled("Slow down.", 3)
    with pytest.raises(LlmThrottled, match="retry_after=3"):
        call()
    document = json.loads(capsys.readouterr().out)
    assert (document["error.type"], document["gen_ai.client.errors"]) == ("LlmThrottled", 1)


def test_an_answer_of_another_shape_is_said_with_its_place_only(call: Call, vendor: Vendor) -> None:
    broken: Any = "select secret"
    vendor.reply = said(Text("Look."), ToolUse("a", "t", broken))
    with pytest.raises(LlmUnavailable, match=r"not as documented, at message\.content\[1\]\.input") as raised:
        call()
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("reply", "place"),
    [
        (Reply((Text("x"),), "end_turn", Usage(output_tokens=-4), "m"), "usage.output_tokens"),
        (Reply((Text("x"),), "end_turn", Usage("1", 2), "m"), "usage.input_tokens"),  # type: ignore[arg-type]
        (Reply((Text("x"),), "end_turn", Usage(), None), "model"),  # type: ignore[arg-type]
        (said(ToolUse("a", "t", {"x": float("nan")})), "a value that is no JSON"),
    ],
)
def test_nothing_is_priced_or_kept_of_an_answer_out_of_contract(
    call: Call, vendor: Vendor, reply: Reply, place: str
) -> None:
    vendor.reply = reply
    with pytest.raises(LlmUnavailable, match=f"not as documented, at {place}. Try another"):
        call()


def test_half_a_character_of_an_answer_is_replaced(call: Call, vendor: Vendor) -> None:
    vendor.reply = said(Text("\ud83d\ude00 \ud800."), ToolUse("a", "t", {"x": "\udc00"}))
    text, use = call()["message"]["content"]
    assert (text["text"], use["input"]) == ("😀 \ufffd.", {"x": "\ufffd"})


def test_a_store_that_the_role_may_not_reach_is_the_operator_s(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(MemoryObjects):
        def exists(self, uri: object) -> bool:
            raise PermissionError("This function's role may not reach 's3://b/x'.")

    monkeypatch.setenv("STEPSMITH_BUCKET", "b")
    handler = serve("vendor", Vendor().ask, unknown, Closed())
    event = {"run_id": "r", "agent": "a", "turn": 1, "model": "vendor:m", "system": "", "transcript": {}, "tools": []}
    rest = {"max_output_bytes": 1, "final": False, "deadline": "2100-01-01T00:00:00Z"}
    with pytest.raises(LlmAuthentication, match=r"may not reach 's3://b/x'\. The operator must"):
        handler(event | rest, Context())
