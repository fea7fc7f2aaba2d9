"""Named fragments of JSONata, and how they become values of a definition.

A fragment is JSONata source without delimiters; `query` makes it a field. Fragments never rely on `and` or `or`
leaving their right side alone (JSONata may evaluate both): where a test guards another it is written `a ? b : false`.
"""

from __future__ import annotations

import json
from typing import Any

State = dict[str, Any]
"""One state of a definition, as JSON."""


def query(fragment: str) -> str:
    """A field's value: JSONata between its delimiters."""
    return f"{{% {fragment} %}}"


def quote(value: Any) -> str:
    """A JSON value as JSONata source: its literals are JSON's."""
    return json.dumps(value, ensure_ascii=False)


def literal(value: Any) -> Any:
    """A constant as a field's value. Text that looks like an expression becomes one that says that text."""
    if isinstance(value, dict):
        return {name: literal(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [literal(each) for each in value]
    if isinstance(value, str) and (value.startswith("{%") or value.endswith("%}")):
        return query(quote(value))
    return value


def record(**fields: str) -> str:
    """An object of named fragments; a field whose fragment is undefined is left out by JSONata."""
    return "{" + ", ".join(f"'{name}': {fragment}" for name, fragment in fields.items()) + "}"


def either(words: tuple[str, ...]) -> str:
    """A list of words, for `x in [...]`."""
    return "[" + ", ".join(f"'{word}'" for word in words) + "]"


# The run

RUN_ID = "$states.context.Execution.Name"
NOW = "$toMillis($states.context.State.EnteredTime)"
BEGAN = "$max([$toMillis($states.context.Execution.StartTime), $toMillis($states.context.Execution.RedriveTime)])"
DEADLINE = f"({BEGAN} + 1000 * $limits.deadline_seconds)"
"""Milliseconds since 1970. A redrive starts the time anew. EnteredTime, not $millis(): a history reproduces it."""
DEADLINE_TIME = f"$fromMillis({DEADLINE})"
SECONDS_LEFT = f"$max([1, $ceil(({DEADLINE} - {NOW}) / 1000)])"
TOKENS = "$sum($usage.*)"


def timeout(seconds: float) -> str:
    """A task's TimeoutSeconds: its own, or what the run has left."""
    return query(f"$min([{int(seconds)}, {SECONDS_LEFT}])")


# The call of one iteration of Use tools, whose state input is {index, id, name}

CALL = "$calls[$states.input.index]"
CALL_INPUT = f"{CALL}.input"
INPUT_HASH = f"$hash($string({CALL_INPUT}), 'SHA-256')"
EFFECT_ID = "$hash($join([$states.context.Execution.Id, $string($turn), $states.input.id], '/'), 'SHA-256')"
"""Of the execution's ARN, since names repeat between agents: the same logical call always has the same one."""
INPUT_TO_RUN = f"($exists($states.input.input) ? $states.input.input : {CALL_INPUT})"
"""The reviewer's edit where there is one."""
RESULT_SHARE = "($exists($states.input.approval) ? $floor($max_result_bytes / 2) : $max_result_bytes)"
"""What a tool may answer: after an approval half, so that the edit and the reviewer's words fit beside it."""


def asked(fragment: str) -> str:
    """The state's input with more fields, for the next state of the iteration."""
    return query(f"$merge([$states.input, {fragment}])")


# Sizes

ESCAPED_BYTES = 6
"""The most bytes that one character of text takes in JSON: \\u0001."""


def byte_count(text: str) -> str:
    """UTF-8 bytes of a text, of which $length counts the characters: four for each, less one for each character that
    is narrower. Surrogates count as wide, so the number is the same where characters are UTF-16 units."""
    narrower = (r"[^\u0000-\u007F]", r"[^\u0000-\u07FF]", r"[^\u0000-\uD7FF\uE000-\uFFFF]")
    counts = " - ".join(f"$length($replace({text}, /{wide}+/, ''))" for wide in narrower)
    return f"(4 * $length({text}) - {counts})"


def fits(text: str, most: str) -> str:
    """Whether a text has at most so many UTF-8 bytes; short ones are not counted one by one."""
    return f"($counted := {text}; 4 * $length($counted) <= {most} ? true : {byte_count('$counted')} <= {most})"


def cut(text: str, most: str) -> str:
    """A text, cut where it takes more than `most` bytes of JSON, its quotes among them."""
    short = f"$substring($said, 0, $max([0, $floor(({most}) / {ESCAPED_BYTES}) - 1])) & '…'"
    return f"($said := $string({text}); {fits('$string([$said])', f'({most} + 2)')} ? $said : {short})"
