"""Claims about findings: each defect of an agent is found where it is, with what to do about it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from stepsmith.agent import Agent, Approval, Deployment, Limits, LoadedAgent, OfferedTool, compile
from stepsmith.agent.lint import lint
from stepsmith.contracts import Annotations, Tool, ToolFunction

READ = Annotations(readOnlyHint=True, destructiveHint=False, idempotentHint=True, openWorldHint=False)
AGENT = Agent(description="d", model="anthropic:m")


def offered(*names: str, description: str = "d", **schema: Any) -> tuple[OfferedTool, ...]:
    input_schema = {"type": "object", **schema}
    tools = tuple(Tool(name, description, input_schema, READ) for name in names)
    function = ToolFunction("f", "python", timeout_seconds=9, memory_mb=128, network="none", tools=tools)
    return tuple(OfferedTool(name, description, input_schema, READ, function) for name in names)


def findings(agent: Agent = AGENT, tools: tuple[OfferedTool, ...] = (), **more: Any) -> list[tuple[str, str]]:
    loaded = LoadedAgent("a", agent, "Do.", tools, **more)
    found = lint(loaded, compile(loaded, Deployment(), ["anthropic"]), ["anthropic"])
    assert all(problem.remedy for problem in found)
    return [(problem.path, problem.message) for problem in found]


def test_a_sound_agent_has_none() -> None:
    assert findings(tools=offered("read")) == []


def test_two_tools_of_one_name() -> None:
    assert findings(tools=offered("read", "read")) == [("agent.py tools", "2 tools are named 'read'.")]


@pytest.mark.parametrize("name", ["Begin", "Decide", "Finish", "Stop", "Route", "Failed"])
def test_a_tool_named_like_a_state(name: str) -> None:
    assert ("agent.py tools", f"{name!r} is the name of a state of the machine.") in findings(tools=offered(name))


@pytest.mark.parametrize("name", ["Call model", "größe", "x" * 65, "a.b"])
def test_a_name_that_some_vendor_refuses(name: str) -> None:
    assert ("agent.py tools", f"{name!r} is no name that every vendor takes.") in findings(tools=offered(name))


def test_an_input_that_is_no_object() -> None:
    found = findings(tools=offered("read", type="array"))
    assert found == [("tool.json read.input_schema", "the input of 'read' is no object.")]


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("mystery:m", "there is no caller for 'mystery:m'."),
        ("anthropic", "'anthropic' names no vendor."),
        ("anthropic:", "'anthropic:' names no vendor."),
    ],
)
def test_a_model_that_nobody_calls(model: str, message: str) -> None:
    assert findings(replace(AGENT, model=model)) == [("agent.py model", message)]
    assert findings(replace(AGENT, fallbacks=[model])) == [("agent.py model", message)]


def test_an_approval_that_names_no_tool() -> None:
    found = findings(replace(AGENT, approvals={"reed": "always"}), offered("read"))
    assert found == [("agent.py approvals['reed']", "the agent has no tool 'reed'.")]


def test_a_predicate_that_does_not_parse_or_reads_what_is_not_there() -> None:
    def found(when: str) -> list[tuple[str, str]]:
        loaded = LoadedAgent("a", replace(AGENT, approvals={"read": Approval(when=when)}), "Do.", offered("read"))
        sound = compile(replace(loaded, agent=AGENT), Deployment(), ["anthropic"])
        return [(problem.path, problem.message) for problem in lint(loaded, sound, ["anthropic"])]

    assert found("$input.count > 10 or $tainted") == []
    assert found("$inputs.count > 10") == [("agent.py approvals['read']", "the predicate reads $inputs.")]
    [(path, message)] = found("$input.count >")
    assert (path, message[:41]) == ("agent.py approvals['read']", "the predicate '$input.count >' does not p")


def test_no_time_to_decide() -> None:
    asks = Approval(within=timedelta(milliseconds=10))
    found = findings(replace(AGENT, approvals={"read": asks}), offered("read"))
    assert ("agent.py approvals['read']", "within is less than a second.") in found


def test_a_budget_that_is_exceeded() -> None:
    [(path, message)] = findings(tools=offered("read", description="€" * 25_000))
    assert (path, message[-30:]) == ("instructions.md", "take 75,150 bytes of 65,536."[-30:]) or "65,536" in message


def test_more_turns_than_a_history_holds() -> None:
    [(path, message)] = findings(replace(AGENT, limits=Limits(max_turns=1_251)))
    assert (path, message) == (
        "agent.py limits.max_turns",
        "1,251 turns of one call pass the 25,000 events of an execution.",
    )
    assert findings(replace(AGENT, limits=Limits(max_turns=1_250))) == []


def test_limits_that_nothing_could_keep() -> None:
    [(path, message)] = findings(replace(AGENT, limits=Limits(max_turns=0)))
    assert (path, message) == ("agent.py limits.max_turns", "at least 1 is needed, not 0.")


def test_a_deadline_of_more_than_a_year() -> None:
    [(path, _)] = findings(replace(AGENT, limits=Limits(deadline_seconds=32_000_000)))
    assert path == "agent.py limits.deadline_seconds"


def test_a_schema_that_is_none() -> None:
    [(path, message)] = findings(replace(AGENT, output_schema={"type": "objekt"}))
    assert path == "agent.py output_schema"
    assert message.startswith("it is no JSON Schema at 'type': ")


def test_faults_of_the_machine_itself_are_found_too() -> None:
    loaded = LoadedAgent("a", AGENT, "Do.", ())
    definition = compile(loaded, Deployment(), ["anthropic"])
    definition["States"]["Lost"] = {"Type": "Succeed"}
    assert [problem.path for problem in lint(loaded, definition, ["anthropic"])] == ["/States/Lost"]
