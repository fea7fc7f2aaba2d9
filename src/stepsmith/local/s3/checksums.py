"""Checksums that S3 checks on the way in and keeps of objects ("Checking object integrity" in the user guide).

A client names one by `x-amz-checksum-ALGORITHM`, in a header or a trailer. Of an upload in parts the checksum is made
of those of its parts: COMPOSITE is the checksum of the parts' digests one after another, with the number of parts
behind it; FULL_OBJECT that of the whole object, which CRCs give without reading it again. Those that the standard
library lacks come from `anycrc`, which is imported when a client first asks for one of them.
"""

import base64
import functools
import hashlib
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .faults import Fault

PREFIX = "x-amz-checksum-"
COMPOSITE, FULL_OBJECT = "COMPOSITE", "FULL_OBJECT"


class Sum(Protocol):
    """A running checksum."""

    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Checksum:
    """A checksum as S3 tells of it: `algorithm` as in CRC32, `value` in base64 (a composite one ends in `-PARTS`)."""

    algorithm: str
    value: str
    kind: str = FULL_OBJECT

    @property
    def header(self) -> str:
        return PREFIX + self.algorithm.lower()

    @property
    def element(self) -> str:
        """Its name in XML."""
        return f"Checksum{self.algorithm}"


class _Crc:
    """A CRC as a running checksum; `calc` goes on from a value."""

    def __init__(self, calc: Callable[[bytes, int], int], width: int) -> None:
        self._calc, self._width, self._value = calc, width, 0

    def update(self, data: bytes) -> None:
        self._value = self._calc(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._width, "big")


@functools.cache
def _model(name: str) -> Any:
    import anycrc  # type: ignore[import-untyped]  # 80 ms and 4 MB, which most clients never ask for

    return anycrc.Model(name)


def md5() -> Sum:
    return hashlib.md5(usedforsecurity=False)


ALGORITHMS: Mapping[str, Callable[[], Sum]] = {
    "CRC32": lambda: _Crc(zlib.crc32, 4),
    "CRC32C": lambda: _Crc(_model("CRC32C").calc, 4),
    "CRC64NVME": lambda: _Crc(_model("CRC64-NVME").calc, 8),
    "SHA1": lambda: hashlib.sha1(usedforsecurity=False),
    "SHA256": hashlib.sha256,
}
_MODELS = {"CRC32": "CRC32", "CRC32C": "CRC32C", "CRC64NVME": "CRC64-NVME"}


def given(headers: Mapping[str, str]) -> tuple[Checksum, ...]:
    """The checksums that headers (or a document's elements, by the names of headers) give."""
    names = ((algorithm, PREFIX + algorithm.lower()) for algorithm in ALGORITHMS)
    return tuple(Checksum(algorithm, headers[name]) for algorithm, name in names if name in headers)


def algorithm(headers: Mapping[str, str]) -> str | None:
    """The algorithm that a request asks for. Fault: none that S3 knows."""
    name = headers.get("x-amz-checksum-algorithm", headers.get("x-amz-sdk-checksum-algorithm", "")).upper()
    if name and name not in ALGORITHMS:
        raise Fault(
            "InvalidRequest",
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
            f"[{', '.join(ALGORITHMS)}]",
        )
    return name or None


def kind(headers: Mapping[str, str], algorithm: str | None) -> str | None:
    """How an upload in parts is to be summed up: as it asks, else as S3 does for the algorithm."""
    if algorithm is None:
        return None
    wanted = headers.get("x-amz-checksum-type", FULL_OBJECT if algorithm == "CRC64NVME" else COMPOSITE).upper()
    allowed = {COMPOSITE: algorithm != "CRC64NVME", FULL_OBJECT: algorithm in _MODELS}
    if not allowed.get(wanted, False):
        said = f"The {wanted} checksum type cannot be used with the {algorithm.lower()} checksum algorithm."
        raise Fault("InvalidRequest", said)
    return wanted


def of_parts(algorithm: str, kind: str, parts: Sequence[tuple[str, int]]) -> Checksum:
    """The checksum of an object by those of its parts: (value in base64, size in bytes)."""
    digests = [base64.b64decode(value) for value, _ in parts]
    if kind == COMPOSITE:
        made = ALGORITHMS[algorithm]()
        made.update(b"".join(digests))
        return Checksum(algorithm, f"{encoded(made.digest())}-{len(parts)}", COMPOSITE)
    model, whole = _model(_MODELS[algorithm]), 0
    for digest, (_, size) in zip(digests, parts, strict=True):
        whole = model.combine(whole, int.from_bytes(digest, "big"), size)
    return Checksum(algorithm, encoded(whole.to_bytes(len(digests[0]), "big")))


def encoded(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
