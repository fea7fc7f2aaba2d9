"""A repository of its own with one agent, whose tool changes something: what `stepsmith up` serves while it is killed.

The tool honours `effect_id`: it looks whether the effect is in its file before it adds it, under a lock, and only then
answers. Every call is noted in another file, so that one can tell what was called again.

    LEDGER/calls      a line for each call, at its beginning: the effect_id
    LEDGER/effects    a line for each effect
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from benchmarks.endpoint.servers import ROOT

AGENT = "ledger"
MODEL = f"scripted:{AGENT}/effects"
CALLS = 4
"""Calls of the tool in a run: one, two at once, one."""

_AGENT = """
from stepsmith.agent import Agent, toolbox

agent = Agent(description="Writes into a ledger", model="scripted:ledger/effects", tools=[toolbox("python/ledger")])
"""
_SCENARIO = """
- name: effects
  question: Write four lines.
  turns:
    - call: {record: {line: first}}
    - calls:
        - record: {line: second}
        - record: {line: third}
    - call: {record: {line: fourth}}
    - say: Four lines are written.
"""
_TOOL = {
    "function": "ledger",
    "language": "python",
    "timeout_seconds": 30,
    "memory_mb": 256,
    "network": "none",
    "tools": [
        {
            "name": "record",
            "description": "Writes a line into the ledger, once for each effect.",
            "input_schema": {"type": "object", "properties": {"line": {"type": "string"}}, "required": ["line"]},
            "annotations": {
                "readOnlyHint": False,
                "destructiveHint": False,
                "idempotentHint": True,
                "openWorldHint": False,
            },
        }
    ],
    "permissions": [],
    "secrets": [],
    "environment": {"LEDGER": ""},
}
_HANDLER = """
import fcntl
import os
import time
from pathlib import Path

from stepsmith.tool import Call, serve

FOLDER = Path(os.environ["LEDGER"])


def record(input, call: Call):
    _note("calls", call.effect_id)
    time.sleep(0.02)
    with (FOLDER / "effects").open("a+") as effects:
        fcntl.flock(effects, fcntl.LOCK_EX)
        effects.seek(0)
        if call.effect_id not in effects.read().split():
            effects.write(call.effect_id + "\\n")
    return {"effect": call.effect_id}


def _note(name, line):
    with (FOLDER / name).open("a") as file:
        file.write(line + "\\n")


handler = serve({"record": record})
"""


def make(folder: Path) -> Path:
    """The repository in `folder`: the sources of this one, the scripted model, the agent and its tool."""
    leave = shutil.ignore_patterns("__pycache__", ".*", "*_test.py", "testdata")
    for name in ("src", "llm_callers/scripted", "tools/python/db_interface"):
        shutil.copytree(ROOT / name, folder / name, ignore=leave)
    shutil.rmtree(folder / "tools/python/db_interface/data", ignore_errors=True)
    _write(folder / "agents" / AGENT, {"agent.py": _AGENT, "scenario.yaml": _SCENARIO, "instructions.md": "Write."})
    tool = {"__init__.py": "", "tool.json": json.dumps(_TOOL), "handler.py": _HANDLER}
    _write(folder / "tools" / "python" / "ledger", tool)
    return folder


def _write(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
