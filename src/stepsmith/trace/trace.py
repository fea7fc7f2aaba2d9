"""A whole run as one value, built from its steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, assert_never

from stepsmith.contracts import ApprovalRequest, Message, ModelAnswer, RunOutput, ToolResult, Usage

from .steps import (
    Asked,
    Began,
    Ended,
    Failed,
    ModelAnswered,
    ModelAsked,
    Retried,
    Step,
    ToolAnswered,
    ToolCalled,
    Waited,
)


@dataclass(frozen=True)
class TracedCall:
    """One tool call; `result` is absent while it runs, `asked` is what a person was asked about it, where somebody was.
    Times are seconds since 1970."""

    id: str
    name: str
    input: Mapping[str, Any]
    began: float | None = None
    ended: float | None = None
    result: ToolResult | None = None
    asked: ApprovalRequest | None = None

    @property
    def is_error(self) -> bool:
        return self.result is not None and self.result.is_error

    @property
    def seconds(self) -> float | None:
        return None if self.began is None or self.ended is None else self.ended - self.began


@dataclass(frozen=True)
class Turn:
    """One call of a model and the tool calls that it wanted."""

    number: int
    model: str
    began: float
    ended: float | None = None
    answer: ModelAnswer | None = None
    calls: tuple[TracedCall, ...] = ()

    @property
    def seconds(self) -> float | None:
        return None if self.ended is None else self.ended - self.began


@dataclass(frozen=True)
class Trace:
    """A run as far as its history goes; `end` says how it ended, if it did."""

    began: float = 0.0
    input: Any = None
    turns: tuple[Turn, ...] = ()
    retries: tuple[Retried, ...] = ()
    end: Ended | Failed | None = None

    @property
    def calls(self) -> tuple[TracedCall, ...]:
        """All tool calls, in order."""
        return tuple(call for turn in self.turns for call in turn.calls)

    @property
    def output(self) -> RunOutput | None:
        return self.end.output if isinstance(self.end, Ended) else None

    @property
    def status(self) -> str:
        """``running``, ``completed``, ``stopped``, or AWS's word in small letters (``failed``, ``timed_out`` ...)."""
        match self.end:
            case Ended(output=output):
                return output.status
            case Failed(status=status):
                return status.lower()
            case None:
                return "running"
            case _:
                assert_never(self.end)

    @property
    def seconds(self) -> float | None:
        return None if self.end is None else self.end.at - self.began

    @property
    def usage(self) -> Usage:
        """Tokens of all models, sub-agents included."""
        answers = (turn.answer.usage for turn in self.turns if turn.answer)
        inner = (call.result.usage for call in self.calls if call.result and call.result.usage)
        return sum([*answers, *inner], Usage())

    @property
    def cost_usd(self) -> float | None:
        """What models, sub-agents and paid tools cost so far; None once a price was unknown."""
        costs = [turn.answer.cost_usd for turn in self.turns if turn.answer]
        results = [call.result for call in self.calls if call.result]
        # Only of a sub-agent (which has a run) does a missing cost mean that its price is unknown.
        costs += [result.cost_usd for result in results if result.cost_usd is not None or result.run_id]
        known = [cost for cost in costs if cost is not None]
        return None if len(known) < len(costs) else round(sum(known), 9)

    @property
    def question(self) -> str:
        """The prompt, or the text of the last message that came in."""
        given = self.input if isinstance(self.input, Mapping) else {}
        if isinstance(prompt := given.get("prompt"), str):
            return prompt
        messages = given.get("messages")
        try:
            return Message.from_json(messages[-1]).text if isinstance(messages, list) and messages else ""
        except ValueError:
            return ""

    def after(self, step: Step) -> Trace:
        """This trace with one step more."""
        match step:
            case Began(at, input):
                return replace(self, began=at, input=input)
            case ModelAsked(at, number, model):
                return self._asked(Turn(number, model, at))
            case ModelAnswered(at, _, answer):
                calls = tuple(TracedCall(each.id, each.name, each.input) for each in answer.message.calls)
                return self._turn(ended=at, answer=answer, calls=calls)
            case Asked(_, request):
                return self._call(request.call_id, asked=request)
            case ToolCalled(at, id, _, input):
                return self._call(id, began=at, input=input)
            case ToolAnswered(at, result):
                return self._call(result.tool_use_id, ended=at, result=result)
            case Retried():
                return replace(self, retries=(*self.retries, step))
            case Ended() | Failed():
                return replace(self, end=step)
            case Waited():
                return self
            case _:
                assert_never(step)

    def _asked(self, turn: Turn) -> Trace:
        """A repeat of the same turn (a retry, the next model) takes its place and keeps its beginning."""
        last = self.turns[-1] if self.turns else None
        if last is None or last.answer is not None:
            return replace(self, turns=(*self.turns, turn))
        return self._turn(model=turn.model)

    def _turn(self, **changes: Any) -> Trace:
        return replace(self, turns=(*self.turns[:-1], replace(self.turns[-1], **changes))) if self.turns else self

    def _call(self, id: str, **changes: Any) -> Trace:
        if not self.turns:
            return self
        calls = tuple(replace(call, **changes) if call.id == id else call for call in self.turns[-1].calls)
        return self._turn(calls=calls)
