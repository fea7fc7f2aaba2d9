"""Playing a scenario: the turn that is due, its expressions computed from the results of the run's tools.

An expression may call

    $results(tool)        the last result of `tool` in this run: its text parsed as JSON (or the text, where it is none)
    $results(tool, n)     the n-th one, from 0
    $artifacts(tool)      the pictures and files of its last result: [{uri, media_type, title, type}]; also with n

A result that was too large for the conversation is read back from the artifact store, so an expression sees all of it.
What cannot be computed fails the call: a result that is not there or is an error makes no answer with holes in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stepsmith.contracts import Block, File, LlmInvalidRequest, Message, Text, ToolResult, ToolUse

from .scenario import Scenario, Turn, expression, is_expression

Fetch = Callable[[str], bytes]
"""Reads an artifact by its URI."""


def of_this_run(messages: Sequence[Message], turn: int) -> tuple[Message, ...]:
    """The messages since this run began: all after the answers of earlier runs of the conversation."""
    answers = [index for index, message in enumerate(messages) if message.role == "assistant"]
    earlier = answers[: len(answers) - (turn - 1)]
    return tuple(messages[earlier[-1] + 1 if earlier else 0 :])


def due(scenario: Scenario, turn: int) -> Turn:
    """The turn (from 1) that is to be played."""
    if turn > len(scenario.turns):
        raise LlmInvalidRequest(
            f"The scenario {scenario.name!r} has {len(scenario.turns)} turns, and turn {turn} is wanted: "
            "add a turn, or let its last one say something."
        )
    return scenario.turns[turn - 1]


def content(turn: Turn, results: Results) -> tuple[Block, ...]:
    """What the model says: text, then calls (without ids)."""
    said = () if turn.say is None else (Text(_said(turn.say, results)),)
    return (*said, *(ToolUse("", call.name, computed(call.input, results)) for call in turn.calls))


@dataclass(frozen=True)
class Results:
    """The results of a run's tools, in order; an expression over them may take `evaluation_ms`."""

    results: tuple[ToolResult, ...]
    fetch: Fetch
    evaluation_ms: int = 10_000

    @classmethod
    def of(cls, messages: Sequence[Message], fetch: Fetch) -> Results:
        found = (block for message in messages for block in message.content if isinstance(block, ToolResult))
        return cls(tuple(found), fetch)

    def data(self, tool: str, number: int | None) -> Any:
        """What ``$results`` gives."""
        result = self._find(tool, number)
        if result.is_error:
            raise LookupError(f"the result of {tool!r} is an error, so nothing can be computed from it.")
        text = self._whole_text(result)
        try:
            return json.loads(text)
        except ValueError:
            return text

    def artifacts(self, tool: str, number: int | None) -> list[dict[str, Any]]:
        """What ``$artifacts`` gives."""
        return [block.to_json() for block in self._find(tool, number).content if not isinstance(block, Text)]

    def _find(self, tool: str, number: int | None) -> ToolResult:
        found = [result for result in self.results if result.name == tool]
        wanted = max(0, len(found) - 1) if number is None else number
        if not 0 <= wanted < len(found):
            seen = ", ".join(dict.fromkeys(result.name for result in self.results)) or "none"
            raise LookupError(
                f"{tool!r} has {len(found)} results so far, number {wanted} is wanted; tools with results: {seen}."
            )
        return found[wanted]

    def _whole_text(self, result: ToolResult) -> str:
        """The text, or the file that the tool kit keeps the whole of it in: it has the tool's name for its title."""
        titles = {f"{result.name}.json", f"{result.name}.txt"}
        for block in result.content:
            if isinstance(block, File) and block.title in titles:
                return self.fetch(block.uri).decode("utf-8")
        return "\n".join(block.text for block in result.content if isinstance(block, Text))


def computed(value: Any, results: Results) -> Any:
    """`value` with every text that is an expression replaced by what it gives."""
    match value:
        case str() if is_expression(value):
            return _evaluated(value, results)
        case Mapping():
            return {name: computed(each, results) for name, each in value.items()}
        case list():
            return [computed(each, results) for each in value]
        case _:
            return value


def _said(text: str, results: Results) -> str:
    value = computed(text, results)
    if isinstance(value, str):
        return value
    raise LlmInvalidRequest(
        f"The scenario's say {_short(text)} gives {_short(repr(value))}: a text is needed ($string makes one)."
    )


def _evaluated(text: str, results: Results) -> Any:
    from jsonata2py import MISSING, JsonataBindings, JsonataError, bound_function
    from jsonata2py import compile as compile_jsonata

    def number(n: Any) -> int | None:
        return None if n is MISSING or n is None else int(n)

    bindings = JsonataBindings()
    bindings.bind_function("results", bound_function("<s-n?:x>")(lambda tool, n=None: results.data(tool, number(n))))
    bindings.bind_function(
        "artifacts", bound_function("<s-n?:a>")(lambda tool, n=None: results.artifacts(tool, number(n)))
    )
    try:
        compiled = compile_jsonata(expression(text))
        compiled.set_timeout(results.evaluation_ms)
        value = compiled.evaluate(None, bindings)
    except JsonataError as error:
        raise LlmInvalidRequest(f"The scenario's expression {_short(text)} failed: {error.message}") from None
    if value is MISSING:
        raise LlmInvalidRequest(f"The scenario's expression {_short(text)} gives nothing: look at its paths.")
    return value


def _short(text: str) -> str:
    text = " ".join(text.split())
    return repr(text if len(text) <= 80 else f"{text[:77]}...")
