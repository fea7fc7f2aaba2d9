"""A run while it happens: a line for each turn and each call as it ends, and what runs now under a spinner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Self, assert_never

from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from stepsmith.contracts import ModelAnswer
from stepsmith.trace import (
    Asked,
    Began,
    Ended,
    Failed,
    ModelAnswered,
    ModelAsked,
    Reader,
    Retried,
    Step,
    ToolAnswered,
    ToolCalled,
    Trace,
    TracedCall,
    Turn,
    Waited,
)

from .results import decided, sentence, summary
from .terminal import clock, count, err, money, one_line, plain, seconds, short_input

NAME_WIDTH = 18
RUN_WIDTH = 12
TIME_WIDTH = 8


class Live:
    """Fed with the events of a history; `trace` is what they told. Used as a context, so that the spinner ends."""

    def __init__(self, console: Console = err) -> None:
        self._reader = Reader()
        self._console = console
        self._status = Status("", console=console, spinner="dots") if console.is_terminal else None
        self._held = False

    @property
    def trace(self) -> Trace:
        return self._reader.trace

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._status:
            self._status.stop()

    def feed(self, event: dict[str, Any]) -> None:
        """One event of the history, in the order of the history."""
        for step in self._reader.read(event):
            self._show(step)

    def _show(self, step: Step) -> None:
        match step:
            case Began():
                self._console.print(Text(plain(self.trace.question), "bold"), soft_wrap=True)
                self._console.print()
            case ModelAsked(_, turn, model):
                self._running(f"turn {turn}: {model} is asked")
            case ModelAnswered(_, _, answer):
                self._console.print(turn_line(self.trace.turns[-1], answer))
                self._running("")
            case Asked(_, request, None):
                self._running(f"{request.tool} waits for a person until {clock(request.expires_at)}")
            case Asked(_, request, activity):
                where = f"waits for a worker of {activity} until {clock(request.expires_at)}"
                self._console.print(Text(plain(f"     {request.tool}  {where}"), "yellow"), soft_wrap=True)
            case ToolCalled(_, _, name, input):
                self._running(f"{name}  {short_input(input, 60)}")
            case ToolAnswered(_, result):
                self._end_question()
                for call in self.trace.turns[-1].calls:
                    if call.id == result.tool_use_id:
                        self._console.print(call_line(call))
                        for line in call_notes(call):
                            self._console.print(Text(plain(f"     {line}"), "dim"), soft_wrap=True)
            case Retried():
                self._console.print(Text(plain(f"     {failed_attempt(self.trace.retries)}"), "yellow"), soft_wrap=True)
            case Waited():
                self._running("waits as long as the vendor asked for")
            case Ended() | Failed():
                self._running("")
            case _:
                assert_never(step)

    def hold(self) -> None:
        """Somebody types now: no spinner until `go_on`."""
        self._held = True
        if self._status:
            self._status.stop()

    def go_on(self) -> None:
        self._held = False

    def _end_question(self) -> None:
        """What was asked and not typed to its end: the next line is a new one."""
        if self._held:
            self._console.print()

    def _running(self, what: str) -> None:
        if self._status and what and not self._held:
            self._status.update(Text(one_line(what, self._console.width - 4), "dim"))
            self._status.start()
        elif self._status:
            self._status.stop()


def failed_attempt(retries: Sequence[Retried]) -> str:
    """The last failed attempt: with its sentence the first time, then counted."""
    last = retries[-1]
    count = sum((each.what, each.error) == (last.what, last.error) for each in retries)
    said = sentence(last.cause) if count == 1 else f"again, {count} times now"
    return f"{last.what}: {last.error}: {said}"


def turn_line(turn: Turn, answer: ModelAnswer) -> Table:
    """``  1  anthropic:claude-sonnet-5-5                 2,104 tokens · $0.0071    1.9 s``."""
    used = f"{count(answer.usage.total, 'token')} · {money(answer.cost_usd)}"
    line = Table.grid(expand=True, padding=(0, 2, 0, 0))
    line.add_column(width=3, justify="right")
    line.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    line.add_column(no_wrap=True)
    line.add_column(width=TIME_WIDTH, justify="right")
    duration = Text(seconds(turn.seconds), "dim")
    line.add_row(str(turn.number), Text(plain(turn.model), "cyan"), Text(used, "dim"), duration)
    return line


def call_line(call: TracedCall) -> Table:
    """``     execute_sql_query  select ...  30 rows  0.08 s``."""
    said = summary(call.result, 60) if call.result else "is running"
    line = Table.grid(expand=True, padding=(0, 2, 0, 0))
    line.add_column(width=3)
    line.add_column(no_wrap=True)
    line.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    line.add_column(max_width=40, no_wrap=True, overflow="ellipsis")
    line.add_column(width=TIME_WIDTH, justify="right")
    line.add_row(
        "",
        Text(plain(call.name).ljust(NAME_WIDTH)),
        Text(short_input(call.input, 200), "dim"),
        Text(said, "red" if call.is_error else "green"),
        Text(seconds(call.seconds), "dim"),
    )
    return line


def call_notes(call: TracedCall) -> Iterator[str]:
    """Who decided about the call, when and what; the run of its sub-agent."""
    result = call.result
    if result and result.approval:
        yield decided(result.approval)
    if result and result.run_id:
        yield f"run of its own: stepsmith show {result.run_id[:RUN_WIDTH]}"


def last_line(trace: Trace, again: str) -> str:
    """``completed · 4 turns · 3 calls · 1.3 s · $0.00 · stepsmith show 7f3k``; `again` is how one sees it again."""
    parts = [
        _ended(trace),
        count(len(trace.turns), "turn"),
        count(len(trace.calls), "call"),
        seconds(trace.seconds),
        count(trace.usage.total, "token"),
        money(trace.cost_usd),
        again,
    ]
    return " · ".join(part for part in parts if part)


def _ended(trace: Trace) -> str:
    if trace.output and trace.output.status == "stopped":
        return f"stopped: {trace.output.stop_reason}"
    return trace.status
