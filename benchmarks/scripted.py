"""The scripted model and the one tool of the benchmarks' agent loop, as plain functions and as Lambda handlers.

Standard library only: the handlers run in processes of their own. They keep a ledger (`LEDGER`, one line at the start
and one at the end of a call, with a digest of the answer): whoever kills the engine can tell what ran how often.
The call that is number `HOLD` in the ledger says so and never ends.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TAIL_BYTES = 16 * 1024
HELD = "held"

Json = Any


def look(call: Json) -> Json:
    """The tool: an answer of about 150 bytes."""
    text = json.dumps({"team": call["input"]["team"], "wins": 90 + call["context"]["turn"] % 20})
    content = [{"type": "text", "text": text}]
    return {"type": "tool_result", "tool_use_id": call["id"], "name": "look", "content": content, "is_error": False}


def answer(request: Json, turns: int) -> Json:
    """The model: about 300 bytes, a call of `look` on each of the turns, then the answer."""
    turn = request["turn"]
    last = turn > turns
    said = {"type": "text", "text": "Thirteen teams did." if last else f"Team number {turn} comes next."}
    call = {"type": "tool_use", "id": f"toolu_{turn:04}", "name": "look", "input": {"team": f"team {turn}"}}
    return {
        "message": {"role": "assistant", "content": [said] if last else [said, call]},
        "stop_reason": "end_turn" if last else "tool_use",
        "usage": {"input_tokens": 900 + turn, "output_tokens": 40, "cache_read_tokens": 0, "cache_write_tokens": 0},
        "cost_usd": 0.00021,
        "provider": "scripted",
        "model": "loop/turns",
        "latency_ms": 3,
        **_chunk(request),
    }


def _chunk(request: Json) -> Json:
    """As real callers do: a tail over 16 KiB is put aside, so that a long run carries no more than a short one."""
    tail = request["transcript"]["tail"]
    if len(json.dumps(tail)) <= TAIL_BYTES:
        return {}
    uri = f"s3://bucket/transcripts/loop/{request['run_id']}/{request['turn']:05}.json"
    return {"chunk": {"uri": uri, "through": len(tail)}}


def digest(payload: Json) -> str:
    """What the ledger calls an answer."""
    return hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()[:16]


def tool_handler(event: Json, context: object) -> Json:
    return _in_ledger(look, event)


def model_handler(event: Json, context: object) -> Json:
    return _in_ledger(lambda request: answer(request, int(os.environ["TURNS"])), event)


def _in_ledger(act: Callable[[Json], Json], event: Json) -> Json:
    ledger = Path(os.environ["LEDGER"])
    _write(ledger, "begin")
    if ledger.read_text().count("begin") == int(os.environ["HOLD"]):
        print(HELD, flush=True)
        time.sleep(600)
    given = act(event)
    _write(ledger, f"end {digest(given)}")
    return given


def _write(ledger: Path, line: str) -> None:
    with ledger.open("a") as file:
        file.write(line + "\n")
