"""The call as a tool function sees it: who it is, until when, and the objects it may read.

A reference (an ``s3://`` URI, or ``{bucket, key}``) is data from the model, so it is checked before anything is read:
it must lie under the run's own artifacts, in plain spelling (no ``..``, no percent-encoding).
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

from stepsmith import contracts
from stepsmith.contracts import ContractError
from stepsmith.objects import Location, Objects

from .answer import ToolError

type Reference = str | Mapping[str, object]

ADVICE = "Use a reference that a result of this run gives."


@dataclass(frozen=True)
class Call:
    """One call of one tool.

    `effect_id` names the logical call: a repeat carries the same one. `deadline` (aware, UTC) is the earlier of the
    run's and the function's own. `artifacts` is the prefix under which alone the call may read and write.
    """

    name: str
    id: str
    effect_id: str
    run_id: str
    agent: str
    turn: int
    deadline: datetime
    artifacts: Location
    max_result_bytes: int
    objects: Objects

    def seconds_left(self) -> float:
        """Until the deadline; never negative."""
        return max(0.0, self.deadline.timestamp() - time.time())

    def locate(self, reference: Reference) -> Location:
        """The object that a model's reference means. Raises `ToolError` outside this run's artifacts."""
        if (at := _parsed(reference)) and at.is_under(self.artifacts) and not at.key.endswith("/"):
            return at
        raise ToolError(
            f"{_spelled(reference)!r} is not one of this run's files. Use a reference exactly as a result of this run "
            f"gives it; they begin with {str(self.artifacts)!r}."
        )

    def read(self, reference: Reference) -> bytes:
        """The object that a model's reference means. Raises `ToolError` where it may not be read or is not there."""
        at = self.locate(reference)
        try:
            return self.objects.get(at)
        except FileNotFoundError:
            raise ToolError(f"There is no file {str(at)!r}. {ADVICE}") from None
        except PermissionError:  # S3's answer about what is not there, too, to a role that may not list.
            raise ToolError(f"There is no file {str(at)!r} (or this function may not read it). {ADVICE}") from None

    def place(self, name: str) -> Location:
        """Where a file of this call goes: ``chart.png`` becomes ``<artifacts>chart-1a2b3c4d.png``.

        The digits come from the effect_id, so another call never overwrites it and a repeat of this one does.
        Characters that a plain reference cannot hold become ``_``.
        """
        file = PurePosixPath(_UNPLAIN.sub("_", name))
        if file.name in ("", "..") or file.name != str(file):
            raise ValueError(f"{name!r} is no file name; give one without folders.")
        mark = hashlib.sha256(self.effect_id.encode()).hexdigest()[:8]
        return self.artifacts / f"{file.stem}-{mark}{file.suffix}"


def opened(call: contracts.Call, objects: Objects, function_seconds: float) -> Call:
    """The call of a contract; the function itself ends in `function_seconds`. Raises `ContractError`."""
    context = call.context
    function_end = datetime.now(UTC) + timedelta(seconds=function_seconds)
    return Call(
        name=call.name,
        id=call.id,
        effect_id=context.effect_id,
        run_id=context.run_id,
        agent=context.agent,
        turn=context.turn,
        deadline=min(_instant(context.deadline), function_end),
        artifacts=_prefix(context.artifacts),
        max_result_bytes=context.max_result_bytes,
        objects=objects,
    )


_UNPLAIN = re.compile(r"[%?#\\\x00-\x1f\x7f]")


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise ContractError(
            "context.deadline",
            f"a time like 2026-01-31T12:00:00Z is needed, not {text[:60]!r}",
        )
    return instant.astimezone(UTC)


def _prefix(text: str) -> Location:
    try:
        prefix = Location.parse(text)
    except ValueError:
        prefix = None
    if prefix is None or not prefix.key.endswith("/"):
        raise ContractError(
            "context.artifacts",
            f"a prefix like s3://bucket/artifacts/ is needed, not {text[:60]!r}",
        )
    return prefix


def _parsed(reference: Reference) -> Location | None:
    try:
        at = Location.parse(_spelled(reference))
    except ValueError:
        return None
    # A bucket with a slash would move part of the key.
    return at if isinstance(reference, str) or at.bucket == reference.get("bucket") else None


def _spelled(reference: Reference) -> str:
    if isinstance(reference, str):
        return reference
    return f"s3://{reference.get('bucket')}/{reference.get('key')}"
