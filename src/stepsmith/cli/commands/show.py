"""Every turn, tool call, result and cost of a run, from its recorded history; a running one as far as it went."""

from __future__ import annotations

import argparse
import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from stepsmith.asl import tokens
from stepsmith.contracts import ContractError, Decision, File, Image
from stepsmith.contracts import Text as TextBlock
from stepsmith.local.archive import archive
from stepsmith.local.inbox import Letter
from stepsmith.local.store import Row
from stepsmith.trace import Trace, TracedCall, Turn
from stepsmith.trace import read as read_history

from ..errors import COMPLETED
from ..laptop import LOCAL
from ..live import call_line, call_notes, turn_line
from ..project import Project
from ..results import decided
from ..runs import agent_of, shown, summary, tell
from ..settings import Settings, read
from ..terminal import clock, document, json_text, out, plain, say

Kept = Mapping[str, Decision]
"""Decisions by the hash of the input that they are about."""

LINES = 12
"""Of an input or a result, unless --full."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="its id, or the beginning of it; see `stepsmith runs`")
    parser.add_argument("--full", action="store_true", help="whole inputs and results")
    parser.add_argument(
        "--events", action="store_true", help="the history's events as JSON, as GetExecutionHistory has it"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def main(options: argparse.Namespace) -> int:
    settings = read(options.data)
    project = Project(settings.root)
    row, events, kept = _recorded(settings, options.run)
    if options.events:
        document({"events": events})
        return COMPLETED
    trace, agent = read_history(events), agent_of(row.machine, project.agents)
    if options.json:
        document(_document(trace, row.name, agent, settings))
        return COMPLETED
    if row.machine not in map(LOCAL.machine_arn, project.agents) and not trace.turns:
        _tell_plain(row, agent, events)
        return COMPLETED
    say(f"run {row.name} of agent {agent}", "bold")
    say(trace.question)
    for turn in trace.turns:
        _show(turn, kept, None if options.full else LINES)
    tell(trace, shown(row.name), settings)
    return COMPLETED


def _tell_plain(row: Row, machine: str, events: list[dict[str, Any]]) -> None:
    """A run of a state machine that is no agent: it has no turns, its graph says what it did."""
    say(f"run {row.name} of state machine {machine}: {row.status.lower()}", "bold")
    last: dict[str, Any] = next((value for name, value in events[-1].items() if name.endswith("EventDetails")), {})
    if row.status == "SUCCEEDED":
        say(json_text(json.loads(last["output"])))
    elif row.status != "RUNNING":
        say(": ".join(last[name] for name in ("error", "cause") if last.get(name)), "red")
    say(f"`stepsmith graph {row.name}` draws its way.", "dim")


def _recorded(settings: Settings, run: str) -> tuple[Row, list[dict[str, Any]], Kept]:
    """The run, its history, and the decisions that it has not taken up."""
    with archive(settings.data) as recorded:
        row = recorded.find(run)
        events = [event.to_json() for event in recorded.history(row.arn)]
        letters = (letter for letter in recorded.inbox.unread() if _is_of(letter, row))
        return row, events, {made.input_hash: made for made in map(_decision, letters) if made}


def _is_of(letter: Letter, row: Row) -> bool:
    said = tokens.read(letter.token)
    return said is not None and said.arn == row.arn


def _decision(letter: Letter) -> Decision | None:
    with contextlib.suppress(ContractError):  # A token may be answered with anything.
        return Decision.from_json(letter.output)
    return None


def _show(turn: Turn, kept: Kept, lines: int | None) -> None:
    out.print()
    if turn.answer is None:
        say(f"{turn.number:>3}  {turn.model} was asked and has not answered")
        return
    out.print(turn_line(turn, turn.answer))
    if turn.answer.message.text and turn.calls:
        _indented(turn.answer.message.text, lines)
    for call in turn.calls:
        out.print(call_line(call))
        for name, value in call.input.items():
            _indented(
                f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}", lines, "dim"
            )
        for text in _said(call, kept):
            _indented(text, lines)


def _said(call: TracedCall, kept: Kept) -> Iterator[str]:
    for block in call.result.content if call.result else ():
        match block:
            case TextBlock(text):
                yield _pretty(text)
            case Image(uri, media_type) | File(uri, media_type):
                yield f"{media_type} {uri}"
    yield from call_notes(call)
    if call.asked and call.result is None:
        made = kept.get(call.asked.input_hash)
        until = f"waits for a decision until {clock(call.asked.expires_at)}: {call.asked.reason}"
        yield f"{decided(made)}; `stepsmith resume {call.asked.run_id[:12]}` takes it up" if made else until


def _pretty(text: str) -> str:
    """JSON with its rows one below the other; any other text as it is."""
    try:
        return json.dumps(json.loads(text), indent=1, ensure_ascii=False)
    except ValueError:
        return text


def _indented(text: str, lines: int | None, style: str = "") -> None:
    all_lines = plain(text).splitlines()
    shown = all_lines[:lines]
    if len(all_lines) > len(shown):
        shown.append(f"... {len(all_lines) - len(shown)} lines more (--full)")
    for line in shown:
        out.print(Text(f"       {line}", style), soft_wrap=True)


def _document(trace: Trace, run_id: str, agent: str, settings: Settings) -> dict[str, Any]:
    turns = [
        {
            "turn": turn.number,
            "model": turn.model,
            "seconds": turn.seconds,
            **({"answer": turn.answer.to_json()} if turn.answer else {}),
            "calls": [_call(call) for call in turn.calls],
        }
        for turn in trace.turns
    ]
    return {"question": trace.question, **summary(trace, run_id, agent, settings), "turns_taken": turns}


def _call(call: TracedCall) -> dict[str, Any]:
    result = call.result.to_json() if call.result else None
    return {"id": call.id, "name": call.name, "input": call.input, "seconds": call.seconds, "result": result}
