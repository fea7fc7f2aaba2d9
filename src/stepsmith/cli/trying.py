"""One call of one tool from its built artifact, behind the same Runtime API, role, store and secrets as in a run.

    trial = await tried(project, settings, function, Trial("get_db_schema", {}), logs=False)
    shown(trial)

All tries share the artifact folder of one scratch run, so that a tool can read what another wrote.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from stepsmith.asl import outcome
from stepsmith.contracts import CallContext, ToolFunction
from stepsmith.local.functions import Call, outcome_of
from stepsmith.local.packing import encode

from .laptop import LOCAL
from .native import artifact
from .project import Project
from .settings import Settings
from .terminal import count, log_line, no_log, note, say, seconds
from .wiring import Workshop

AGENT, RUN = "try", "scratch"
MAX_RESULT_BYTES = 65_536
Stamps = dict[Path, tuple[int, int]]


@dataclass(frozen=True)
class Trial:
    """A call, and once it was made: the `result`, or the `error` as ``type: cause``; how long it took with the start of
    the process; the files that it wrote."""

    tool: str
    input: Mapping[str, Any]
    result: dict[str, Any] | None = None
    error: str | None = None
    took_seconds: float = 0.0
    artifacts: tuple[Path, ...] = ()

    @property
    def is_error(self) -> bool:
        return self.result is None or bool(self.result["is_error"])

    @property
    def result_bytes(self) -> int:
        return len(_compact(self.result)) if self.result else 0

    def to_json(self) -> dict[str, Any]:
        return {
            "tool": self.tool,
            "is_error": self.is_error,
            "result": self.result,
            "error": self.error,
            "seconds": round(self.took_seconds, 3),
            "bytes": self.result_bytes,
            "artifacts": [str(path) for path in self.artifacts],
        }


async def tried(project: Project, settings: Settings, function: ToolFunction, trial: Trial, logs: bool) -> Trial:
    """The trial with what came of it. The artifact is there (`native.build`)."""
    built = artifact(project.root, function).parents[2]
    workshop = Workshop(project, settings, built=built)
    folder = settings.data / "s3" / LOCAL.bucket / "artifacts" / AGENT / RUN
    async with workshop.runtime(log=log_line if logs else no_log) as runtime:
        before, started = _stamps(folder), time.perf_counter()
        target = runtime.functions.find(LOCAL.tool_arn(function.function))
        reply = await runtime.functions.invoke(target, Call(encode(event(trial.tool, trial.input))))
        took, after = time.perf_counter() - started, _stamps(folder)
    written = tuple(sorted(path for path in after if after[path] != before.get(path)))
    done = replace(trial, took_seconds=took, artifacts=written)
    match outcome_of(target.arn, reply):
        case outcome.Succeeded(result):
            return replace(done, result=result)
        case outcome.Failed(error, cause):
            return replace(done, error=f"{error}: {cause}")


def shown(trial: Trial) -> None:
    """The result on stdout, all else beside it."""
    if trial.result is None:
        note(f"The tool failed. {trial.error} (--logs shows what it printed.)", "bold red")
    else:
        for line in _blocks(trial.result["content"]):
            say(line, "red" if trial.is_error else "")
    for path in trial.artifacts:
        note(f"wrote {path}")
    note(f"is_error: {str(trial.is_error).lower()}, {seconds(trial.took_seconds)}, {count(trial.result_bytes, 'byte')}")


def _blocks(content: list[dict[str, Any]]) -> Iterator[str]:
    for block in content:
        yield block["text"] if block["type"] == "text" else f"[{block['type']} {block['media_type']}] {block['uri']}"


def event(tool: str, input: Mapping[str, Any]) -> dict[str, Any]:
    call = f"try-{uuid.uuid4().hex[:12]}"
    context = CallContext(
        run_id=RUN,
        agent=AGENT,
        turn=1,
        effect_id=call,
        artifacts=f"{LOCAL.artifacts(AGENT)}{RUN}/",
        max_result_bytes=MAX_RESULT_BYTES,
        deadline=(datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    return {"name": tool, "id": call, "input": dict(input), "context": context.to_json()}


def _stamps(folder: Path) -> Stamps:
    files = [path for path in folder.glob("**/*") if path.is_file() and not path.name.startswith(".")]
    return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in files}


def _compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
