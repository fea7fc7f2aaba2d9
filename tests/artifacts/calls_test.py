"""Claims on the built artifact of every tool, asked everything that a model, or a broken machine, could ask it.

Cases are made from each tool's own tool.json. What is no call is a contract error; a call whose input does not fit the
schema is a result that tells the model so; any other call is a result. Nothing ends the process, and no result has
another shape than the contract's. The inputs of `FUZZED` calls a tool are drawn from a seed; of those that fit the
schema only `FITTING` are sent, since each of them works (the interpreter runs code). docs/reference/tool-calls.md has
the table of tools by cases; STEPSMITH_UPDATE_SNAPSHOTS=1 writes it anew.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

from stepsmith.cli.settings import ROOT
from stepsmith.contracts import Tool, ToolResult
from stepsmith.contracts.budgets import json_bytes
from stepsmith.validation import Schema
from tests.artifacts.hosting import BUCKET, CONTEXT, FUNCTIONS, MAX_RESULT_BYTES, PREFIX, Lambdas, built, call, hosting

FUZZED, FITTING, SEED = 1_000, 5, 20_261_123
AT_ONCE = 4
LARGE = 300_000
DEEP, DEEPER = 20, 200
"""Levels of an object in a list; not every language's reader goes as deep as the latter."""

BUILT = tuple(built())
PAGE = ROOT / "docs/reference/tool-calls.md"

Outcome = Literal["contract error", "error result", "result"]


@dataclass(frozen=True)
class Case:
    """`outcomes` are those that are right."""

    kind: str
    payload: bytes
    outcomes: tuple[Outcome, ...]


REFUSED: tuple[Outcome, ...] = ("contract error",)
ADVISED: tuple[Outcome, ...] = ("error result",)
SERVED: tuple[Outcome, ...] = ("result", "error result")
NO_CALLS = (b"null", b"[]", b'"text"', b"17", b"{}", b"true")
TEXTS = (
    "",
    " ",
    "x",
    "\u00e4\u4e2d\U0001f600",
    "\x00\x1f",
    "'; DROP TABLE Teams; --",
    "../../etc/passwd",
    "e\u0301" * 50,
)
FOREIGN = (
    {"bucket": BUCKET, "key": "artifacts/test/r2/prices.csv"},
    {"bucket": BUCKET, "key": f"{PREFIX}../r2/prices.csv"},
    {"bucket": BUCKET, "key": "transcripts/test/r1/chunk.json"},
    {"bucket": "another-bucket", "key": f"{PREFIX}prices.csv"},
    {"bucket": f"{BUCKET}/artifacts", "key": "test/r1/prices.csv"},
)


@pytest.mark.parametrize("name", BUILT)
@pytest.mark.skipif(not BUILT, reason="nothing is built: `./pants package ::` makes the artifacts")
def test_no_call_ends_a_tool_or_gets_an_answer_out_of_shape(tmp_path: Path, name: str) -> None:
    async def scenario() -> None:
        async with hosting(tmp_path, [name]) as lambdas:
            for tool in FUNCTIONS[name].tools:
                await _ask(lambdas, tool.name, list(_cases(tool)))

    asyncio.run(scenario())


def test_the_page_tells_what_is_asked() -> None:
    asked = {
        f"{name}: `{tool.name}`": Counter(case.kind for case in _cases(tool))
        for name, function in FUNCTIONS.items()
        for tool in function.tools
    }
    told = PAGE.read_text("utf-8").partition("\n| ")[0] + f"\n{_table(asked)}\n"
    if os.environ.get("STEPSMITH_UPDATE_SNAPSHOTS"):
        PAGE.write_text(told, "utf-8")
    assert PAGE.read_text("utf-8") == told, "STEPSMITH_UPDATE_SNAPSHOTS=1 writes the page anew"


async def _ask(lambdas: Lambdas, tool: str, cases: list[Case]) -> None:
    room = asyncio.Semaphore(AT_ONCE)

    async def one(case: Case) -> None:
        async with room:
            answer = await lambdas.invoke(tool, case.payload)
        outcome = _outcome(tool, answer.error, json.loads(answer.payload))
        assert outcome in case.outcomes, (case.kind, case.payload[:500], answer.payload[:500])

    async with asyncio.TaskGroup() as group:
        for case in cases:
            group.create_task(one(case))


def _outcome(tool: str, error: str | None, document: Any) -> Outcome:
    """What an answer is. Asserts that it is one of the contract."""
    if error:
        assert document["errorType"].endswith("ContractError"), document
        assert 0 < len(document["errorMessage"]) < 1_000, document
        return "contract error"
    result = ToolResult.from_json(document)
    assert (result.tool_use_id, result.name) == ("call_1", tool)
    assert json_bytes(document) <= MAX_RESULT_BYTES
    assert result.content
    return "error result" if result.is_error else "result"


def _cases(tool: Tool) -> Iterator[Case]:
    fits = Schema(tool.input_schema).fits
    sample = _sample(tool.input_schema)
    assert fits(sample), sample
    yield _case("valid", tool, sample, SERVED)
    yield from _malformed(tool, sample)
    yield from _misfits(tool, sample)
    yield from _unusual(tool, sample, fits)
    yield from _fuzzed(tool, sample, fits)


def _malformed(tool: Tool, sample: dict[str, Any]) -> Iterator[Case]:
    for payload in NO_CALLS:
        yield Case("malformed", payload, REFUSED)
    whole = call(tool.name, sample)
    for field in whole:
        yield Case("malformed", _bytes({key: value for key, value in whole.items() if key != field}), REFUSED)
        yield Case("malformed", _bytes(whole | {field: 17}), REFUSED)
    for field in CONTEXT:
        context = {key: value for key, value in CONTEXT.items() if key != field}
        yield Case("malformed", _bytes(whole | {"context": context}), REFUSED)
        yield Case("malformed", _bytes(whole | {"context": CONTEXT | {field: []}}), REFUSED)
    yield Case("unknown tool", _bytes(whole | {"name": "no_such_tool"}), REFUSED)
    yield Case("unknown tool", _bytes(whole | {"name": ""}), REFUSED)


def _misfits(tool: Tool, sample: dict[str, Any]) -> Iterator[Case]:
    """Inputs that the schema refuses, each in one place."""
    yield _case("wrong type", tool, {**sample, "one_more": True}, ADVISED)
    for name in tool.input_schema["properties"]:
        yield _case("wrong type", tool, {**sample, name: {"a": [None]}}, ADVISED)
        yield _case("too large", tool, {**sample, name: "x" * LARGE}, SERVED)
    for name in tool.input_schema.get("required", ()):
        left = {key: value for key, value in sample.items() if key != name}
        yield _case("missing field", tool, left, ADVISED)
    yield _case("deep", tool, {**sample, "one_more": _nested(DEEP)}, ADVISED)
    yield _case("deep", tool, {**sample, "one_more": _nested(DEEPER)}, (*ADVISED, *REFUSED))


def _unusual(tool: Tool, sample: dict[str, Any], fits: Any) -> Iterator[Case]:
    for name in tool.input_schema["properties"]:
        for text in TEXTS:
            input = {**sample, name: text}
            yield _case("unicode", tool, input, SERVED if fits(input) else ADVISED)
    if {"bucket", "key"} <= set(tool.input_schema["properties"]):
        for reference in FOREIGN:
            yield _case("foreign reference", tool, {**sample, **reference}, ADVISED)


def _fuzzed(tool: Tool, sample: dict[str, Any], fits: Any) -> Iterator[Case]:
    chance = random.Random(f"{SEED} {tool.name}")
    fitting = made = 0
    while made < FUZZED:
        input = _mutated(chance, sample, list(tool.input_schema["properties"]))
        if fits(input) and (fitting := fitting + 1) > FITTING:
            input = {**input, "one_more": _value(chance, 2)}  # No tool takes a field that it does not name.
        made += 1
        yield _case("fuzzed", tool, input, SERVED if fits(input) else ADVISED)


def _mutated(chance: random.Random, sample: dict[str, Any], names: list[str]) -> dict[str, Any]:
    kept = {name: value for name, value in sample.items() if chance.random() < 0.7}
    drawn = [name for name in [*names, _text(chance)] if chance.random() < 0.5]
    return {**kept, **{name: _value(chance, 3) for name in drawn}}


def _value(chance: random.Random, depth: int) -> Any:
    match chance.randrange(8 if depth else 6):
        case 0:
            return None
        case 1:
            return chance.random() < 0.5
        case 2:
            return chance.choice([0, -1, 1, 2**31, 2**53, -(2**63), 10**30, chance.randrange(1000)])
        case 3:
            return chance.choice([0.5, -0.0, 1e308, 5e-324, chance.uniform(-1e6, 1e6)])
        case 4 | 5:
            return _text(chance)
        case 6:
            return [_value(chance, depth - 1) for _ in range(chance.randrange(4))]
        case _:
            return {_text(chance): _value(chance, depth - 1) for _ in range(chance.randrange(4))}


def _text(chance: random.Random) -> str:
    """Any code points but surrogates, which no UTF-8 holds."""
    codes = (
        chance.choice([chance.randrange(128), chance.randrange(0xD800), 0x1F600]) for _ in range(chance.randrange(9))
    )
    return "".join(map(chr, codes))


def _sample(schema: Mapping[str, Any]) -> Any:
    """A value that fits a schema of our tools' kind."""
    match schema:
        case {"enum": [first, *_]}:
            return first
        case {"type": "object"}:
            return {name: _sample(schema["properties"][name]) for name in schema.get("required", ())}
        case {"type": "array"}:
            return [_sample(schema["items"])]
        case {"type": "integer"}:
            return schema.get("minimum", 1)
        case {"format": "date"}:
            return "2013-01-02"
        case _:
            return "a"


def _case(kind: str, tool: Tool, input: Any, outcomes: tuple[Outcome, ...]) -> Case:
    return Case(kind, _bytes(call(tool.name, input)), outcomes)


def _bytes(event: Any) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode()


def _nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = {"a": [value]}
    return value


def _table(counted: Mapping[str, Counter[str]]) -> str:
    """Tools by kinds of cases, as Markdown."""
    kinds = list(dict.fromkeys(kind for counts in counted.values() for kind in counts))
    head = ["tool", *kinds, "all"]
    rows = [
        [tool, *(str(counts[kind]) for kind in kinds), f"{counts.total():,}"]
        for tool, counts in sorted(counted.items())
    ]
    lines = [head, ["---", *["--:"] * (len(kinds) + 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
