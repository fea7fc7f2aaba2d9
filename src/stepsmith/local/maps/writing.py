"""The results of a Map Run: as the state's result, or as files in S3.

    PREFIX/ID/manifest.json        where the others are, and how large
    PREFIX/ID/SUCCEEDED_0.json     outputs of the children that succeeded, or whole descriptions of them (NONE)
    PREFIX/ID/FAILED_0.json        descriptions of those that failed, timed out or were stopped
    PREFIX/ID/PENDING_0.json       those that never began, because the Map Run failed or was stopped

ID is the end of the Map Run's ARN (Developer Guide, "ResultWriter"). A description has the members of
DescribeExecution's answer, its input and output as JSON texts. One file a status, however large. Assumed: JSON Lines
end in .jsonl, and the members of a child that is pending.
"""

import hashlib
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from stepsmith import asl
from stepsmith.asl import Json
from stepsmith.asl.distribution import OutputType
from stepsmith.asl.errors import RESULT_WRITER_FAILED
from stepsmith.asl.parameters import wrong_parameters
from stepsmith.local.maps.access import Access
from stepsmith.local.packing import encode
from stepsmith.local.s3.faults import Fault
from stepsmith.local.s3.records import About

KINDS = ("FAILED", "PENDING", "SUCCEEDED")
A_TURN = 20
"""Results that are written in one turn of the event loop."""
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one child: its description, and its output if it succeeded."""

    kind: str
    description: dict[str, Json]
    output: Json = None


def transformed(outcome: Outcome, results: asl.Results) -> list[Json]:
    """What one child adds to the results: one that did not succeed is always described."""
    if outcome.kind != "SUCCEEDED" or results.transformation == "NONE":
        return [outcome.description]
    if results.transformation == "FLATTEN" and isinstance(outcome.output, list):
        return outcome.output
    return [outcome.output]


Steps = Generator[None, None, Json]
"""Long work, to be done between others' turns; it returns the result of the state."""


def gather(results: asl.Results, outcomes: Iterable[Outcome]) -> Steps:
    """What children that succeeded add to the results, in one array."""
    gathered: list[Json] = []
    for number, outcome in enumerate(outcomes, start=1):
        if outcome.kind == "SUCCEEDED":
            gathered += transformed(outcome, results)
        if number % A_TURN == 0:
            yield
    return gathered


def write(access: Access, arn: str, results: asl.Results, outcomes: Iterable[Outcome]) -> Steps:
    """Writes all files, some results between two yields; returns the state's result. Raises StateError."""
    bucket, folder = _place(results.arguments or {}, arn)
    files: dict[str, _File] = {}
    try:
        for number, outcome in enumerate(outcomes, start=1):
            if outcome.kind not in files:
                files[outcome.kind] = _File(access, results.output_type)
            files[outcome.kind].add(transformed(outcome, results))
            if number % A_TURN == 0:
                yield
        listed = {kind: [files[kind].close(bucket, f"{folder}/{kind}_0")] if kind in files else [] for kind in KINDS}
        manifest = {"DestinationBucket": bucket, "MapRunArn": arn, "ResultFiles": listed}
        key = f"{folder}/manifest.json"
        _put(access, bucket, key, encode(manifest))
    except (Fault, OSError) as error:
        raise _failed(f"The results cannot be written to bucket {bucket!r}: {error}") from error
    finally:
        for file in files.values():
            file.discard()
    return {"MapRunArn": arn, "ResultWriterDetails": {"Bucket": bucket, "Key": key}}


def _place(arguments: dict[str, Json], arn: str) -> tuple[str, str]:
    """The bucket, and the folder in it."""
    for _, message in wrong_parameters("arn:aws:states:::s3:putObject", arguments):
        raise _failed(message)
    prefix = arguments.get("Prefix", "")
    return arguments["Bucket"], "/".join(part for part in (prefix.rstrip("/"), arn.rpartition(":")[2]) if part)


def _put(access: Access, bucket: str, key: str, text: bytes) -> None:
    written = access.temporary()
    written.write(text)
    access.commit(written, bucket, key, About(hashlib.md5(text, usedforsecurity=False).hexdigest(), _JSON))


@dataclass(slots=True)
class _File:
    """One file on its way: an array, or lines."""

    access: Access
    type: OutputType
    written: BinaryIO = field(init=False)
    md5: Any = field(default_factory=lambda: hashlib.md5(usedforsecurity=False))
    size: int = 0

    def __post_init__(self) -> None:
        self.written = self.access.temporary()

    def add(self, values: list[Json]) -> None:
        for value in values:
            if self.type == "JSONL":
                self._write(encode(value) + b"\n")
            else:
                self._write((b"," if self.size else b"[") + encode(value))

    def close(self, bucket: str, name: str) -> dict[str, Json]:
        """Makes it an object; returns what the manifest says of it."""
        if self.type == "JSON":
            self._write(b"]" if self.size else b"[]")
        key = f"{name}.{self.type.lower()}"
        self.access.commit(self.written, bucket, key, About(self.md5.hexdigest(), _JSON))
        return {"Key": key, "Size": self.size}

    def discard(self) -> None:
        self.access.discard(self.written)

    def _write(self, text: bytes) -> None:
        self.written.write(text)
        self.md5.update(text)
        self.size += len(text)


def _failed(cause: str) -> asl.StateError:
    return asl.StateError(RESULT_WRITER_FAILED, cause)
