"""A conversation's older part: immutable chunks in the artifact store, and the mark that cancels a run.

    s3://<bucket>/transcripts/<agent>/<run_id>/<turn>-<hash>.json    a JSON array of messages
    s3://<bucket>/transcripts/<agent>/<run_id>/cancel                put there by ``stepsmith cancel RUN``

A chunk is named by its content, so that a repeated call writes the same object again. A warm process keeps the chunks
it has read: they never change. A run may begin with another run's transcript, so any chunk of the own bucket is read.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from stepsmith.contracts import Chunk, LlmInvalidRequest, Message, ModelRequest, Transcript
from stepsmith.contracts.budgets import TAIL_BYTES, json_bytes
from stepsmith.objects import Location, Objects

CACHED_CHUNKS = 512
PARALLEL_READS = 8


@dataclass
class Transcripts:
    """The transcripts of a bucket, and this process's copies of them."""

    objects: Objects
    bucket: str
    _read: OrderedDict[str, tuple[Message, ...]] = field(default_factory=OrderedDict)

    def is_cancelled(self, request: ModelRequest) -> bool:
        return self.objects.exists(self._folder(request) / "cancel")

    def messages(self, transcript: Transcript) -> tuple[Message, ...]:
        """The whole conversation. Raises `LlmInvalidRequest` for a chunk that is not there or not of this store."""
        self._fetch([uri for uri in transcript.chunks if uri not in self._read])
        older = tuple(message for uri in transcript.chunks for message in self._read[uri])
        self._forget_oldest(keep=transcript.chunks)
        return older + transcript.tail

    def shelve(self, request: ModelRequest) -> Chunk | None:
        """Writes the tail as a chunk where it is over its budget; the machine then drops these messages."""
        tail = [message.to_json() for message in request.transcript.tail]
        if json_bytes(tail) <= TAIL_BYTES:
            return None
        data = json.dumps(tail, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        name = f"{request.turn:05}-{hashlib.sha256(data).hexdigest()[:16]}.json"
        uri = self._folder(request) / name
        self.objects.put(uri, data, "application/json")
        self._read[str(uri)] = request.transcript.tail
        return Chunk(str(uri), len(tail))

    def _folder(self, request: ModelRequest) -> Location:
        return Location(self.bucket, f"transcripts/{request.agent}/{request.run_id}/")

    def _fetch(self, uris: Sequence[str]) -> None:
        if len(uris) <= 1:
            self._read.update((uri, self._chunk(uri)) for uri in uris)
            return
        from concurrent.futures import ThreadPoolExecutor  # Only a cold process with a long conversation needs it.

        with ThreadPoolExecutor(PARALLEL_READS) as pool:
            self._read.update(zip(uris, pool.map(self._chunk, uris), strict=True))

    def _chunk(self, uri: str) -> tuple[Message, ...]:
        try:
            data = json.loads(self.objects.get(self._own(uri)))
            return tuple(Message.from_json(each, f"{uri}[{index}]") for index, each in enumerate(data))
        except FileNotFoundError:
            raise LlmInvalidRequest(f"The transcript's chunk {uri!r} is gone: start a new run without it.") from None
        except (ValueError, TypeError) as error:
            raise LlmInvalidRequest(f"The transcript's chunk {uri!r} holds no messages: {error}") from None

    def _own(self, uri: str) -> Location:
        location = Location.parse(uri)
        if not location.is_under(Location(self.bucket, "transcripts/")):
            raise ValueError(f"it is not under s3://{self.bucket}/transcripts/.")
        return location

    def _forget_oldest(self, keep: Sequence[str]) -> None:
        for uri in [uri for uri in self._read if uri not in set(keep)][: max(0, len(self._read) - CACHED_CHUNKS)]:
            del self._read[uri]
