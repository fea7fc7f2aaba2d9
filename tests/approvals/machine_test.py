"""The approval section of contracts.md and its sub-agents, sentence by sentence: the compiled machine in the runtime.

The model is a script, the tools count what they do, time is virtual; everything between is what runs anywhere.
"""

import asyncio
import hashlib
import json
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from stepsmith.agent import Deployment, compile, load
from stepsmith.asl import tokens
from stepsmith.contracts import ApprovalRequest, Decision
from stepsmith.local import Hosted, InProcess, Runtime, VirtualClock
from stepsmith.local.approvals.here import desk, table_of
from stepsmith.local.approvals.table import seeds
from stepsmith.local.errors import AlreadyDecided, DecisionTooLate, LocalError
from tests.agents.script import calls, result, says, text, use

pytestmark = pytest.mark.asyncio

TESTDATA = Path(__file__).parent / "testdata"
LOCAL = Deployment()
DAY = 86_400


class World:
    """The model by a script for each agent, and tools that note what they have done."""

    def __init__(self, **scripts):
        self.scripts, self.done, self.requests = scripts, [], []

    def model(self, request):
        self.requests.append(request)
        script = self.scripts[request["agent"]]
        return script[min(request["turn"], len(script)) - 1]

    def tool(self, call):
        self.done.append((call["name"], call["input"]))
        return result(call, text(f"{call['name']} done"))


@asynccontextmanager
async def opened(folder, world, clock):
    agents = [load(name, TESTDATA) for name in ("shop", "scout", "overseer")]
    async with Runtime(
        folder,
        clock=clock,
        functions={
            LOCAL.caller_arn("scripted"): Hosted(InProcess(world.model)),
            LOCAL.tool_arn("counter"): Hosted(InProcess(world.tool)),
        },
        machines={LOCAL.machine_arn(each.name): compile(each, LOCAL, callers=("scripted",)) for each in agents},
        seeds=seeds(LOCAL.approvals_table),
    ) as runtime:
        table = table_of(runtime.moto, LOCAL.approvals_table)
        runtime.desk = desk(table, runtime.database, runtime.now_ms, runtime.deliver)  # type: ignore[attr-defined]  # at hand for tests
        yield runtime


@pytest.fixture
def clock():
    return VirtualClock()


def start(runtime, agent="shop", **more):
    return runtime.start(LOCAL.machine_arn(agent), None, {"prompt": "?", **more})


async def one(runtime):
    """The one request, as soon as it is in the table and its run knows that."""
    while not (found := await runtime.desk.waiting()) or not is_submitted(runtime, found[0]):
        await asyncio.sleep(0.01)
    (waiting,) = found
    return waiting


def is_submitted(runtime, waiting):
    run = runtime.at_work(waiting.execution)
    return run is None or run.pending(tokens.read(waiting.token).effect).news is not None


def decision(waiting, kind="approve", **more):
    return Decision(kind, **{"input_hash": waiting.request.input_hash, "approver": "ada", "decided_at": "now", **more})


def results(ending):
    tail = ending.result["transcript"]["tail"]
    return [block for message in tail for block in message["content"] if block["type"] == "tool_result"]


def said(found):
    return found["content"][0]["text"]


def asks(**input):
    return World(shop=[calls(use("refund", **input)), says("ok")])


async def test_a_request_says_who_asks_what_and_until_when(tmp_path, clock):
    async with opened(tmp_path, asks(euros=50), clock) as runtime:
        run = start(runtime)
        await clock.advance(1)
        request = (await one(runtime)).request
        assert set(request.to_json()) == set(ApprovalRequest.__dataclass_fields__)
        assert (request.run_id, request.agent, request.call_id) == (run.name, "shop", "call_1")
        assert (request.tool, request.input) == ("refund", {"euros": 50})
        assert request.input_hash == hashlib.sha256(b'{"euros":50}').hexdigest()
        assert "$input.euros > 10 or $tainted" in request.reason


@pytest.mark.parametrize(("input", "asked"), [({"euros": 10}, 0), ({"euros": 11}, 1), ({"euros": "many"}, 1)])
async def test_anything_but_a_clean_false_asks_an_error_included(tmp_path, clock, input, asked):
    world = asks(**input)
    async with opened(tmp_path, world, clock) as runtime:
        run = start(runtime)
        if asked:
            await one(runtime)
        else:
            await run.wait()
        assert (len(await runtime.desk.waiting()), len(world.done)) == (asked, 1 - asked)
        run.stop()


async def test_the_predicate_sees_that_untrusted_content_was_read(tmp_path, clock):
    world = World(shop=[calls(use("look", page="1")), calls(use("refund", euros=1)), says("ok")])
    async with opened(tmp_path, world, clock) as runtime:
        start(runtime)
        await clock.advance(1)
        assert (await one(runtime)).request.input == {"euros": 1}


async def test_approve_runs_the_tool_and_who_decided_when_and_what_is_in_the_transcript(tmp_path, clock):
    world = asks(euros=50)
    async with opened(tmp_path, world, clock) as runtime:
        run = start(runtime)
        await clock.advance(1)
        await runtime.desk.decide(await one(runtime), decision(await one(runtime), reason="fine"))
        (found,) = results(await run.wait())
        assert world.done == [("refund", {"euros": 50})]
        assert found["approval"] == {"decision": "approve", "approver": "ada", "decided_at": "now", "reason": "fine"}
        assert world.requests[-1]["transcript"]["tail"][-1]["content"] == [found]


async def test_edit_runs_the_other_input_and_the_model_sees_it(tmp_path, clock):
    world = asks(euros=50)
    async with opened(tmp_path, world, clock) as runtime:
        run = start(runtime)
        await clock.advance(1)
        await runtime.desk.decide(await one(runtime), decision(await one(runtime), "edit", input={"euros": 7}))
        (found,) = results(await run.wait())
        assert world.done == [("refund", {"euros": 7})]
        assert said(found) == 'The reviewer changed the input to {"euros":7}'


@pytest.mark.parametrize(
    ("kind", "words", "is_error"), [("reject", "Rejected by ada: because", True), ("answer", "because", False)]
)
async def test_reject_and_answer_become_the_result_with_the_reason(tmp_path, clock, kind, words, is_error):
    world = asks(euros=50)
    async with opened(tmp_path, world, clock) as runtime:
        run = start(runtime)
        await clock.advance(1)
        await runtime.desk.decide(await one(runtime), decision(await one(runtime), kind, reason="because"))
        (found,) = results(await run.wait())
        assert (said(found), found["is_error"], world.done) == (words, is_error, [])


async def test_no_answer_in_time_denies_and_a_decision_after_the_deadline_is_refused(tmp_path, clock):
    world = asks(euros=50)
    async with opened(tmp_path, world, clock) as runtime:
        run = start(runtime)
        await clock.advance(1)
        waiting = await one(runtime)
        clock_left = waiting.expires_ms - clock.now_ms()
        assert 3_590_000 < clock_left <= 3_600_000
        await clock.advance(3_600)
        (found,) = results(await run.wait())
        assert (said(found), found["approval"]) == ("Nobody decided in time: denied.", {"decision": "expired"})
        with pytest.raises(Exception, match="has ended") as refused:
            await runtime.desk.decide(waiting, decision(waiting))
        assert type(refused.value).__name__ == "RunIsFinished"
        assert world.done == []


async def test_a_late_decision_is_refused_while_the_run_goes_on(tmp_path, clock):
    world = World(shop=[calls(use("refund", "a", euros=50), use("pay", "b", euros=1)), says("ok")])
    async with opened(tmp_path, world, clock) as runtime:
        run = start(runtime)
        await clock.advance(1)
        waiting = await one(runtime)
        await clock.advance(3_700)
        assert run.ending is None  # the other call waits for a worker until the run's deadline
        with pytest.raises(DecisionTooLate):
            await runtime.desk.decide(waiting, decision(waiting))
        await clock.advance(DAY - 3_700)
        assert [said(each) for each in results(await run.wait())] == ["Nobody decided in time: denied."] * 2
        assert world.done == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"input_hash": "0" * 64, "decision": "approve"},
        {"decision": "shrug"},
        {"decision": "edit"},
        {"decision": "edit", "input": {"euros": 1, "note": "x" * 9_000}},
        "approve",
    ],
)
async def test_what_is_no_decision_about_this_input_denies_whoever_sends_it(tmp_path, clock, wrong):
    world = asks(euros=50)
    async with opened(tmp_path, world, clock) as runtime:
        run = start(runtime)
        await clock.advance(1)
        waiting = await one(runtime)
        sent = {**decision(waiting).to_json(), **wrong} if isinstance(wrong, dict) else wrong
        runtime.tokens.success(waiting.token, sent)  # whoever goes past the desk
        (found,) = results(await run.wait())
        assert (said(found), world.done) == ("The decision does not fit this call: denied.", [])


async def test_of_two_deciders_one_wins(tmp_path, clock):
    world = asks(euros=50)
    async with opened(tmp_path, world, clock) as runtime:
        run = start(runtime)
        await clock.advance(1)
        waiting = await one(runtime)
        await runtime.desk.decide(waiting, decision(waiting, "reject", reason="no"))
        with pytest.raises(AlreadyDecided, match="'reject' by 'ada'"):
            await runtime.desk.decide(waiting, decision(waiting))
        assert said(results(await run.wait())[0]) == "Rejected by ada: no"
        assert world.done == []


async def test_without_within_a_person_has_as_long_as_the_run_and_a_worker_of_an_activity_decides(tmp_path, clock):
    world = World(shop=[calls(use("pay", euros=50)), says("ok")])
    async with opened(tmp_path, world, clock) as runtime:
        run = start(runtime)
        task = await runtime.tokens.get_activity_task(LOCAL.approvals_activity_arn, "ada's desk")
        request = ApprovalRequest.from_json(task.input)
        assert (request.tool, request.input, await runtime.desk.waiting()) == ("pay", {"euros": 50}, [])
        await clock.advance(DAY - 60)
        answer = Decision("approve", request.input_hash, "ada", "now")
        runtime.tokens.success(task.token, answer.to_json())
        (found,) = results(await run.wait())
        assert world.done == [("pay", {"euros": 50})]
        assert found["approval"]["approver"] == "ada"


async def test_a_request_that_no_worker_takes_is_denied_at_the_deadline_and_nobody_finds_it_later(tmp_path, clock):
    world = World(shop=[calls(use("pay", euros=50)), says("ok")])
    async with opened(tmp_path, world, clock) as runtime:
        run = start(runtime)
        await clock.advance(DAY + 1)
        (found,) = results(await run.wait())
        assert (said(found), found["approval"]) == ("Nobody decided in time: denied.", {"decision": "expired"})
        assert world.done == []


async def test_a_worker_that_takes_the_request_late_has_no_more_time_than_the_request(tmp_path, clock):
    world = World(shop=[calls(use("pay", euros=50)), says("ok")])
    async with opened(tmp_path, world, clock) as runtime:
        run = start(runtime)
        await clock.advance(DAY - 60)
        task = await runtime.tokens.get_activity_task(LOCAL.approvals_activity_arn)
        await clock.advance(120)
        late = Decision("approve", ApprovalRequest.from_json(task.input).input_hash, "ada", "now")
        with pytest.raises(LocalError):
            runtime.tokens.success(task.token, late.to_json())
        assert said(results(await run.wait())[0]) == "Nobody decided in time: denied."
        assert world.done == []


@pytest.mark.parametrize("cause", ["", "no JSON", '{"approval": {"decision": "approve"}}'])
@pytest.mark.parametrize("error", ["Stepsmith.ApprovalEnded", "States.TaskFailed"])
async def test_a_worker_that_fails_denies_whatever_it_fails_with(tmp_path, clock, error, cause):
    world = World(shop=[calls(use("pay", euros=50)), says("ok")])
    async with opened(tmp_path, world, clock) as runtime:
        run = start(runtime)
        task = await runtime.tokens.get_activity_task(LOCAL.approvals_activity_arn)
        runtime.tokens.failure(task.token, error, cause)
        assert said(results(await run.wait())[0]) == "Nobody could be asked: denied."
        assert world.done == []


async def test_a_workers_edit_travels_whole(tmp_path, clock):
    world = World(shop=[calls(use("pay", euros=50)), says("ok")])
    async with opened(tmp_path, world, clock) as runtime:
        run = start(runtime)
        task = await runtime.tokens.get_activity_task(LOCAL.approvals_activity_arn)
        note = {"euros": 1, "note": 'ü"{% x %}' * 500}
        edit = Decision("edit", ApprovalRequest.from_json(task.input).input_hash, "ada", "now", note)
        runtime.tokens.success(task.token, edit.to_json())
        await run.wait()
        assert world.done == [("pay", note)]


# Sub-agents


def both():
    return World(
        overseer=[calls(use("scout", "a", prompt="page 1"), use("shop", "b", prompt="order 7")), says("both done")],
        scout=[calls(use("look", page="1")), says("seen")],
        shop=[calls(use("refund", euros=50)), says("refunded")],
    )


def subruns(runtime, run):
    return {row.machine.rpartition("-")[2]: row for row in runtime.list() if row.arn != run.arn}


async def test_two_sub_agents_run_at_once_with_what_is_left_of_the_limits_divided(tmp_path, clock):
    async with opened(tmp_path, both(), clock) as runtime:
        run = start(runtime, "overseer")
        await clock.advance(1)
        found = subruns(runtime, run)
        inputs = {name: runtime.beginning(row.arn).input for name, row in found.items()}
        assert set(inputs) == {"scout", "shop"}
        for given in inputs.values():
            assert given["limits"]["max_total_tokens"] == (100_000 - 126) // 2
            assert given["limits"]["max_cost_usd"] == round((1.0 - 0.001) / 2, 9)
            assert 7_190 <= given["limits"]["deadline_seconds"] <= 7_200
        await runtime.desk.decide(await one(runtime), decision(await one(runtime)))
        await clock.advance(1)
        ending = await run.wait()
        assert ending.result["output"] == "both done"
        assert ending.result["cost_usd"] == 6 * 0.001
        assert ending.result["usage"]["input_tokens"] == 6 * 100
        assert {each["run_id"] for each in results(ending)} == {row.name for row in found.values()}


async def test_a_sub_agents_request_is_found_by_the_run_above_it(tmp_path, clock):
    async with opened(tmp_path, both(), clock) as runtime:
        run = start(runtime, "overseer")
        await clock.advance(1)
        waiting = await one(runtime)
        assert waiting.request.agent == "shop"
        assert runtime.desk.is_of(waiting, run.arn) and runtime.desk.is_of(waiting, run.name[:5])
        assert not runtime.desk.is_of(waiting, "another")


async def test_stopping_the_parent_stops_them(tmp_path, clock):
    world = both()
    async with opened(tmp_path, world, clock) as runtime:
        run = start(runtime, "overseer")
        await clock.advance(1)
        runtime.stop(run.name)
        await clock.advance(1)
        assert subruns(runtime, run)["shop"].status == "ABORTED"
        assert await runtime.desk.waiting() == []
        assert ("refund", {"euros": 50}) not in world.done


async def test_after_a_crash_in_the_middle_it_goes_on_and_repeats_nothing(tmp_path, clock):
    world = both()
    async with opened(tmp_path, world, clock) as runtime:
        run = start(runtime, "overseer")
        await clock.advance(1)
        waiting = await one(runtime)
    async with opened(tmp_path, world, clock) as runtime:
        resumed = runtime.resume(run.name)
        await clock.advance(1)
        assert await one(runtime) == waiting
        await runtime.desk.decide(waiting, decision(waiting))
        await clock.advance(1)
        assert (await resumed.wait()).result["output"] == "both done"
        assert sorted(world.done) == [("look", {"page": "1"}), ("refund", {"euros": 50})]
        assert len(runtime.list()) == 3


async def test_under_a_scripted_model_they_play_the_scenario_of_the_same_name(tmp_path, clock):
    world = both()
    async with opened(tmp_path, world, clock) as runtime:
        start(runtime, "overseer", model="scripted:overseer/two at once")
        await clock.advance(1)
        assert {request["model"] for request in world.requests} == {
            f"scripted:{agent}/two at once" for agent in ("overseer", "scout", "shop")
        }


async def test_a_request_that_survives_json_is_shown_as_it_is_run(tmp_path, clock):
    async with opened(tmp_path, asks(euros=50, note="é\u202e\x1b[2J"), clock) as runtime:
        start(runtime)
        await clock.advance(1)
        assert json.loads(json.dumps((await one(runtime)).request.input)) == {"euros": 50, "note": "é\u202e\x1b[2J"}
