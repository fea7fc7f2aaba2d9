"""Claims about the definition itself; what it does is played in tests/agents."""

from dataclasses import replace
from typing import Any

from stepsmith.agent import Agent, Approval, Deployment, Limits, LoadedAgent, OfferedTool, compile
from stepsmith.agent.machine.events import call_events
from stepsmith.contracts import Annotations, Tool, ToolFunction

READ = Annotations(readOnlyHint=True, destructiveHint=False, idempotentHint=True, openWorldHint=False)
DESTROY = Annotations(readOnlyHint=False, destructiveHint=True, idempotentHint=False, openWorldHint=False)
SCHEMA = {"type": "object"}


def offered(name: str, hints: Annotations) -> OfferedTool:
    function = ToolFunction("f", "python", 50, 128, "none", (Tool(name, "d", SCHEMA, hints),))
    return OfferedTool(name, "d", SCHEMA, hints, function)


PLAIN = LoadedAgent("a", Agent("d", "anthropic:m"), "Do.", (offered("look", READ),))


def definition(loaded: LoadedAgent = PLAIN, deployment: Deployment | None = None) -> dict[str, Any]:
    return compile(loaded, deployment or Deployment(), ["anthropic", "openai"])


def processor(machine: dict[str, Any]) -> Any:
    return machine["States"]["Use tools"]["ItemProcessor"]


def test_the_same_values_give_the_same_machine() -> None:
    assert definition() == definition()


def test_only_states_that_something_leads_to_are_there() -> None:
    assert set(processor(definition())["States"]) == {"Route", "look", "Refused call", "Unknown tool", "Failed"}
    wipe = replace(PLAIN, tools=(offered("wipe", DESTROY),))
    states = {"Route", "wipe", "Approve wipe", "Decision wipe", "Refused call", "Unknown tool"}
    assert set(processor(definition(wipe))["States"]) == states | {"Not approved", "Outcome unknown"}


def test_a_functions_own_timeout_comes_before_its_states() -> None:
    assert "$min([60, " in processor(definition())["States"]["look"]["TimeoutSeconds"]


def test_the_machines_timeout_lies_behind_the_deadline() -> None:
    short = replace(PLAIN, agent=replace(PLAIN.agent, limits=Limits(deadline_seconds=60)))
    assert definition(short)["TimeoutSeconds"] == 360


def test_everything_it_calls_is_named_by_the_deployment() -> None:
    text = str(definition(deployment=Deployment("dev", "eu-west-1", "123456789012")))
    assert "stepsmith-local" not in text and "us-east-1" not in text
    assert "arn:aws:lambda:eu-west-1:123456789012:function:stepsmith-dev-f" in text


def test_the_estimate_of_events_counts_the_longest_way_with_every_retry() -> None:
    look = 2 + 2 + (5 + 2 + 3 * 5) + 2
    assert call_events(processor(definition())) == look
    asks = Agent("d", "anthropic:m", approvals={"wipe": Approval(when="$tainted")})
    wipe = replace(PLAIN, agent=asks, tools=(offered("wipe", DESTROY),))
    check, decide, act = (5 + 2) + 2, (5 + 2 + 3 * 4) + 2, (5 + 2 + 3 * 4) + 2
    assert call_events(processor(definition(wipe))) == 2 + 2 + check + decide + act
