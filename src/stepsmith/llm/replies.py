"""From what a vendor said to the message that the machine keeps: every call has an id, every budget holds.

Ids are 1 to 40 of ``A-Z a-z 0-9 _ -`` (what all vendors take back; OpenAI's limit is 40) and not used before in the
conversation; any other becomes ``call_<turn>_<index>``. A call that cannot be made (its input over 48 KiB or nested
without end, the 21st of a turn) keeps its place with an `error`, which the machine answers: every call gets its result.
Text that does not fit goes to the artifact store, and a preview with its URI stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from stepsmith.contracts import Block, Message, Text, Thinking, ToolUse
from stepsmith.contracts.budgets import CALL_INPUT_BYTES, MAX_CALLS, MESSAGE_BYTES, fitting, json_bytes

PREVIEW_BYTES = 4096
MAX_DEPTH = 64
"""Objects and arrays in each other: expressions of a state machine give up on some hundred."""
_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")

Keep = Callable[[str], str]
"""Stores a text in the artifact store and gives its URI."""


def bounded(content: Iterable[Block], *, turn: int, used: Iterable[str], keep: Keep) -> Message:
    """The assistant's message of this turn. `used` are the ids of earlier calls."""
    blocks = with_ids(tuple(content), turn, used)
    blocks = tuple(_within_input(block) for block in _at_most_calls(blocks))
    return Message("assistant", _within_message(blocks, keep))


def with_ids(content: tuple[Block, ...], turn: int, used: Iterable[str]) -> tuple[Block, ...]:
    """Gives each call an id of its own."""
    taken = set(used)
    calls = 0
    given: list[Block] = []
    for block in content:
        if isinstance(block, ToolUse):
            block = replace(block, id=_own_id(block.id, f"call_{turn}_{calls}", taken))
            taken.add(block.id)
            calls += 1
        given.append(block)
    return tuple(given)


def preview(text: str, uri: str, limit: int = PREVIEW_BYTES) -> str:
    """The beginning of a long text, its size, and where the whole of it is: at most `limit` bytes of JSON."""
    size = len(text.encode("utf-8", "surrogatepass"))
    note = f"\n[The whole text, {size:,} bytes, is at {uri}]"
    return fitting(text, limit - json_bytes(note)) + note


def _own_id(given: str, fallback: str, taken: set[str]) -> str:
    if _ID.fullmatch(given) and given not in taken:
        return given
    while fallback in taken:
        fallback += "_"
    return fallback


def _at_most_calls(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    late = {block.id for block in [block for block in blocks if isinstance(block, ToolUse)][MAX_CALLS:]}
    problem = f"not made: a turn has at most {MAX_CALLS} calls. Ask again in the next turn."
    return tuple(
        _refused(block, problem) if isinstance(block, ToolUse) and block.id in late else block for block in blocks
    )


def _within_input(block: Block) -> Block:
    if not isinstance(block, ToolUse):
        return block
    if (size := json_bytes(block.input)) > CALL_INPUT_BYTES:
        return _refused(
            block, f"not made: its input is {size:,} bytes of JSON, the limit is {CALL_INPUT_BYTES:,}. Send less."
        )
    if _is_deeper(block.input, MAX_DEPTH):
        return _refused(block, f"not made: its input is nested over {MAX_DEPTH} levels. Send a flatter one.")
    return block


def _is_deeper(value: object, levels: int) -> bool:
    """Whether objects and arrays lie in each other over more than `levels`."""
    if not isinstance(value, dict | list):
        return False
    inside = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in inside)


def _within_message(blocks: tuple[Block, ...], keep: Keep) -> tuple[Block, ...]:
    """Texts go first, then calls, the largest of each first; a model's own notes go last."""
    for shrink in (_shorten(keep), _refuse, _forget):
        for block in sorted(blocks, key=lambda block: json_bytes(block.to_json()), reverse=True):
            if json_bytes(Message("assistant", blocks).to_json()) <= MESSAGE_BYTES:
                return blocks
            blocks = tuple(each for old in blocks for each in (shrink(old) if old is block else (old,)))
    return blocks


def _shorten(keep: Keep) -> Callable[[Block], tuple[Block, ...]]:
    def shorten(block: Block) -> tuple[Block, ...]:
        if not isinstance(block, Text) or json_bytes(block.text) <= PREVIEW_BYTES:
            return (block,)
        return (Text(preview(block.text, keep(block.text))),)

    return shorten


def _refuse(block: Block) -> tuple[Block, ...]:
    if not isinstance(block, ToolUse):
        return (block,)
    return (_refused(block, "not made: the calls of this turn are too large together. Make fewer or smaller ones."),)


def _forget(block: Block) -> tuple[Block, ...]:
    return () if isinstance(block, Thinking) else (block,)


def _refused(call: ToolUse, problem: str) -> ToolUse:
    return replace(call, input={}, error=call.error or f"This call was {problem}")
