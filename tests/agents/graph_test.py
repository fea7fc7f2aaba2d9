"""What the graph of a run says is what its history says, whatever the model, the tools and the people did."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from hypothesis import given

from stepsmith.agent.rehearsal import Rehearsal, rehearse
from stepsmith.asl import StateMachine
from stepsmith.trace.graph import Lights, graph, lights
from tests.agents.machine_property_test import (
    TOOLS,
    decisions,
    model_steps,
    run_inputs,
    subagent_answers,
    thorough,
    tool_answers,
)
from tests.agents.script import Json, Script, calls, fails, says, use


def lit(definition: dict[str, Any], run: Rehearsal) -> Lights:
    return lights(graph(definition), [event.to_json() for event in run.events])


def test_retries_catches_and_the_tools_that_were_used_are_lit(everything: dict[str, Any]) -> None:
    world = Script(
        [
            fails("LlmThrottled", "retry_after=3"),
            calls(use("fetch_page"), use("get_db_schema", "call_2")),
            says("Done"),
        ],
        tools={"fetch_page": lambda call: fails("Lambda.ServiceException")},
    )
    found = lit(everything, rehearse(everything, {"prompt": "?"}, world))
    assert found.status == "succeeded"
    assert (found.of("Call model").visits, found.of("Call model").caught) == (3, 1)
    assert found.of("fetch_page").status == "caught" and found.of("fetch_page").retries > 0
    assert found.of("get_db_schema").status == "succeeded"
    assert found.of("Wait for the vendor").seconds >= 3
    assert found.ways["Call model", "Model failed", True] == 1
    assert found.ways["fetch_page", "Failed", True] == 1
    assert found.ways["Use tools", "Call model", False] == 1


@thorough
@given(run_inputs, model_steps, tool_answers, decisions, subagent_answers)
def test_every_event_is_counted_where_it_belongs(
    everything: dict[str, Any],
    everything_ready: StateMachine,
    run_input: Json,
    model: Sequence[Any],
    tool: Any,
    person: Any,
    subagent: Any,
) -> None:
    run = rehearse(everything_ready, run_input, Script(model, dict.fromkeys(TOOLS, tool), person, subagent))
    found, shape = lit(everything, run), graph(everything)
    entered = Counter(run.states)
    assert {name: light.visits for name, light in found.states.items()} == dict(entered)
    left = Counter(event.facts["name"] for event in run.events if event.type.endswith("StateExited"))
    for name, light in found.states.items():
        assert light.running == 0
        assert light.visits == left[name] + light.failed + light.stopped
    ways = {(way.source, way.target, way.is_caught) for _, home in shape.walk() for way in home.ways}
    assert set(found.ways) <= ways
    came = Counter[str]()
    for (_, target, _), count in found.ways.items():
        came[target] += count
    starts = {home.start for _, home in shape.walk()} | {shape.start}
    for state, _ in shape.walk():
        assert came[state.name] == entered[state.name] or state.name in starts
