"""Claims about loading: what a folder says, and one clear sentence for each way in which it can be broken."""

import json
from pathlib import Path
from typing import Any

import pytest

from stepsmith.agent import AgentError, find_agents, load

AGENT = "from stepsmith.agent import Agent, subagent, toolbox\nagent = Agent('d', 'anthropic:m', tools=[{tools}])\n"
HINTS = {"readOnlyHint": True, "destructiveHint": False, "idempotentHint": True, "openWorldHint": False}


def tool_json(**changes: Any) -> dict[str, Any]:
    tools = [
        {"name": name, "description": name, "input_schema": {"type": "object"}, "annotations": HINTS}
        for name in ("read", "count")
    ]
    function = {"function": "f", "language": "python", "timeout_seconds": 9, "memory_mb": 128, "network": "none"}
    return {**function, "tools": tools, **changes}


def write(
    root: Path, name: str = "a", tools: str = "", agent: str | None = None, instructions: str | None = "Do."
) -> None:
    folder = root / "agents" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "agent.py").write_text(AGENT.format(tools=tools) if agent is None else agent)
    if instructions is not None:
        (folder / "instructions.md").write_text(instructions)


def write_tool(root: Path, content: str) -> None:
    folder = root / "tools" / "python" / "f"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tool.json").write_text(content)


def refusal(root: Path, name: str = "a") -> str:
    with pytest.raises(AgentError) as caught:
        load(name, root)
    return str(caught.value)


def test_a_folder_is_enough(tmp_path: Path) -> None:
    write(tmp_path, tools="toolbox('python/f')")
    write_tool(tmp_path, json.dumps(tool_json()))
    loaded = load("a", tmp_path)
    assert (loaded.name, loaded.instructions) == ("a", "Do.")
    assert [tool.name for tool in loaded.tools] == ["count", "read"]
    assert find_agents(tmp_path) == ("a",)


def test_a_part_of_a_lambda_can_be_taken(tmp_path: Path) -> None:
    write(tmp_path, tools="toolbox('python/f', only=['count'])")
    write_tool(tmp_path, json.dumps(tool_json()))
    assert [tool.name for tool in load("a", tmp_path).tools] == ["count"]


def test_a_tool_that_does_not_exist_is_named_with_those_that_do(tmp_path: Path) -> None:
    write(tmp_path, tools="toolbox('python/f', only=['sum'])")
    write_tool(tmp_path, json.dumps(tool_json()))
    assert refusal(tmp_path) == "tools/python/f/tool.json has no tool 'sum' (only=[...]). It has read, count."


def test_an_unknown_agent_is_answered_with_those_there_are(tmp_path: Path) -> None:
    write(tmp_path)
    assert refusal(tmp_path, "b") == "there is no agent 'b' (agents/b/agent.py is missing). Agents here: a."


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("agent = (", "agents/a/agent.py, line 1: SyntaxError: '(' was never closed. Correct it there."),
        ("\nagent = nothing", "agents/a/agent.py, line 2: NameError: name 'nothing' is not defined. Correct it there."),
        ("raise SystemExit(3)", "agents/a/agent.py, line 1: SystemExit: 3. Correct it there."),
        ("x = 1", "agents/a/agent.py holds no agent: assign `agent = Agent(...)` at its top level."),
    ],
)
def test_a_broken_agent_py_is_told_with_its_line(tmp_path: Path, source: str, sentence: str) -> None:
    write(tmp_path, agent=source)
    assert refusal(tmp_path) == sentence


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("description", "None"),
        ("model", "5"),
        ("tools", "['python/f']"),
        ("tools", "toolbox('python/f')"),
        ("fallbacks", "'anthropic:m'"),
        ("output_schema", "'object'"),
        ("output_schema", "{'enum': {1, 2}}"),
        ("approvals", "{'read': 'sometimes'}"),
        ("approvals", "{'read': Approval(within=60)}"),
        ("approvals", "{'read': Approval(when=5)}"),
        ("limits", "{'max_turns': 3}"),
        ("limits", "Limits(max_turns='3')"),
        ("limits", "Limits(deadline_seconds=float('inf'))"),
        ("max_output_tokens", "0"),
        ("temperature", "float('nan')"),
    ],
)
def test_a_field_that_holds_something_else_is_named_with_what_it_must_hold(
    tmp_path: Path, field: str, value: str
) -> None:
    fields = {"description": "'d'", "model": "'anthropic:m'", field: value}
    given = ", ".join(f"{name}={each}" for name, each in fields.items())
    write(tmp_path, agent=f"from stepsmith.agent import *\nagent = Agent({given})\n")
    write_tool(tmp_path, json.dumps(tool_json()))
    assert refusal(tmp_path).startswith(f"agents/a/agent.py: {field} must be ")


def test_instructions_must_be_there(tmp_path: Path) -> None:
    write(tmp_path, instructions=None)
    assert refusal(tmp_path).startswith("agents/a/instructions.md is missing or empty:")
    write(tmp_path, instructions=" \n")
    assert refusal(tmp_path).startswith("agents/a/instructions.md is missing or empty:")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "tools/python/f/tool.json is no JSON: "),
        (
            json.dumps(tool_json(memory_mb="much")),
            "tools/python/f/tool.json: memory_mb: an integer is needed, not 'much'.",
        ),
        (json.dumps(tool_json(memory=1)), "tools/python/f/tool.json: memory: no such field; "),
    ],
)
def test_a_broken_tool_json_is_told_with_its_field(tmp_path: Path, content: str, sentence: str) -> None:
    write(tmp_path, tools="toolbox('python/f')")
    write_tool(tmp_path, content)
    assert refusal(tmp_path).startswith(sentence)


def test_a_missing_tool_json_is_told(tmp_path: Path) -> None:
    write(tmp_path, tools="toolbox('python/g')")
    said = "agents/a/agent.py has a toolbox that is not there: tools/python/g/tool.json is missing: "
    assert refusal(tmp_path).startswith(said)


def test_sub_agents_in_a_circle_are_refused_with_the_circle(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "c"), ("c", "a")):
        write(tmp_path, name, tools=f"subagent('{other}')")
    assert refusal(tmp_path).startswith("sub-agents go in a circle: a > b > c > a.")


def test_a_sub_agent_may_do_what_its_tools_may_do(tmp_path: Path) -> None:
    write(tmp_path, tools="subagent('b')")
    write(tmp_path, "b", tools="toolbox('python/f')")
    changing = {"readOnlyHint": False, "destructiveHint": True, "idempotentHint": False, "openWorldHint": True}
    tools = [{**tool_json()["tools"][0], "annotations": changing}]
    write_tool(tmp_path, json.dumps(tool_json(tools=tools)))
    (tool,) = load("a", tmp_path).tools
    hints = tool.annotations
    assert (hints.readOnlyHint, hints.destructiveHint, hints.repeatable, hints.openWorldHint) == (
        False,
        False,
        False,
        True,
    )
