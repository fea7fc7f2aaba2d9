"""Where the pictures and files of a run lie on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stepsmith.contracts import File, Image
from stepsmith.trace import Trace


@dataclass(frozen=True)
class Artifact:
    title: str
    media_type: str
    uri: str
    path: Path
    """In the folder that is the local S3 bucket."""

    @property
    def is_picture(self) -> bool:
        return self.media_type.startswith("image/")


def artifacts(trace: Trace, buckets: Path) -> tuple[Artifact, ...]:
    """What the tools of a run made, in order, each once. `buckets` is the folder of the local S3."""
    blocks = [block for call in trace.calls if call.result for block in call.result.content]
    made = {block.uri: block for block in blocks if isinstance(block, Image | File)}
    return tuple(
        Artifact(block.title or uri.rpartition("/")[2], block.media_type, uri, buckets / uri.removeprefix("s3://"))
        for uri, block in made.items()
    )
