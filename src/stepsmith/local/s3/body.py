"""What arrives: the bytes of a body, decoded, bounded and checked while they stream.

SDKs send an object's bytes as they are, or in `aws-chunked` frames with checksums in a trailer, signed or not
("Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks"). Nothing here holds
more than a batch of a body in memory, and batches are hashed and written by a thread while the next one arrives. The
signature of a trailer is taken as it comes: what it vouches for is checked against the bytes themselves.
"""

import asyncio
import base64
import hashlib
import hmac
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from aiohttp import StreamReader

from stepsmith.local.endpoint.signature import Signed, sign_chunk
from stepsmith.signing import UNSIGNED

from . import checksums
from .checksums import Checksum, Sum
from .faults import Fault

PIECE_BYTES = 256 * 1024
BATCH_BYTES = 1024 * 1024
AT_ONCE_BYTES = 64 * 1024  # what is hashed sooner than handed to a thread
_LONGEST_LINE = 8192
_PLAIN_CHUNKS = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
_SIGNED_CHUNKS = ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")
_PAYLOAD = "x-amz-content-sha256"
_MD5 = "content-md5"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client gets no more of."""

    object_bytes: int = 5 * 1024**3  # of one PUT or part, as S3 has it
    idle_seconds: float = 60.0  # without a byte of a body


@dataclass(frozen=True, slots=True)
class Arrived:
    """What is known of bytes that have arrived whole. `md5` is the ETag of a plain object; `checksum` is there when the
    client gave one or it was asked for."""

    md5: bytes
    checksum: Checksum | None


class Body:
    """The decoded bytes of one request. `algorithm` names a checksum to compute in any case."""

    def __init__(
        self,
        content: StreamReader,
        headers: Mapping[str, str],
        signed: Signed,
        limits: Limits,
        algorithm: str | None = None,
    ) -> None:
        self._content = content
        self._signed = signed
        self._limits = limits
        self._expected = _expected(headers, signed)
        self._trailing = {name.strip() for name in headers.get("x-amz-trailer", "").lower().split(",") if name.strip()}
        also = {checksums.PREFIX + algorithm.lower()} if algorithm else set()
        self._sums = _sums({_MD5, *self._expected, *self._trailing, *also})
        declared = headers.get("x-amz-decoded-content-length") or headers.get("content-length") or "0"
        if declared.isdecimal() and int(declared) > limits.object_bytes:
            raise self._too_large()

    async def read(self) -> bytes:
        """The whole body, for small ones."""
        whole = b"".join([piece async for piece in self.pieces()])
        self._take(whole)
        self._arrived()
        return whole

    async def write(self, to: BinaryIO) -> Arrived:
        """The body into a file. Fault at the end when a checksum or a signature does not fit."""
        batch, under_way = bytearray(), None
        async for piece in self.pieces():
            batch += piece
            if len(batch) >= BATCH_BYTES:
                if under_way:
                    await under_way
                under_way = asyncio.ensure_future(asyncio.to_thread(self._keep, bytes(batch), to))
                batch.clear()
        if under_way:
            await under_way
        if len(batch) > AT_ONCE_BYTES:
            await asyncio.to_thread(self._keep, bytes(batch), to)
        else:
            self._keep(bytes(batch), to)
        return self._arrived()

    async def pieces(self) -> AsyncIterator[bytes]:
        """The bytes in pieces, not yet checked."""
        total = 0
        async for piece in self._raw():
            total += len(piece)
            if total > self._limits.object_bytes:
                raise self._too_large()
            yield piece

    def _keep(self, batch: bytes, to: BinaryIO) -> None:
        to.write(batch)
        self._take(batch)

    def _take(self, batch: bytes) -> None:
        for each in self._sums.values():
            each.update(batch)

    def _arrived(self) -> Arrived:
        digests = {name: each.digest() for name, each in self._sums.items()}
        if missing := self._trailing & self._sums.keys() - self._expected.keys():
            raise Fault("MalformedTrailerError", f"The trailer lacks {', '.join(sorted(missing))}.")
        for name, expected in self._expected.items():
            if digests[name] != expected:
                raise _other_than(name)
        found = (
            Checksum(algorithm, checksums.encoded(digests[header]))
            for algorithm in checksums.ALGORITHMS
            if (header := checksums.PREFIX + algorithm.lower()) in digests
        )
        return Arrived(digests[_MD5], next(found, None))

    def _raw(self) -> AsyncIterator[bytes]:
        payload = self._signed.payload
        if payload == _PLAIN_CHUNKS:
            return self._chunks(signed=False)
        return self._chunks(signed=True) if payload in _SIGNED_CHUNKS else self._plain()

    async def _plain(self) -> AsyncIterator[bytes]:
        while piece := await self._some(PIECE_BYTES):
            yield piece

    async def _chunks(self, signed: bool) -> AsyncIterator[bytes]:
        """`SIZE-IN-HEX[;chunk-signature=..]` CRLF, the bytes, CRLF; a last one of size 0; then the trailer."""
        previous = self._signed.signature
        while True:
            size, signature = _head(await self._line())
            digest = hashlib.sha256()
            async for piece in self._exactly(size):
                if signed:
                    digest.update(piece)
                yield piece
            if signed:
                previous = self._check_chunk(previous, signature, digest.hexdigest())
            if size == 0:
                break
            if await self._line():
                raise Fault("IncompleteBody", "A chunk is longer than it says.")
        await self._trailer()

    def _check_chunk(self, previous: str, signature: str, data_sha256: str) -> str:
        if not hmac.compare_digest(sign_chunk(self._signed, previous, data_sha256), signature):
            raise Fault("SignatureDoesNotMatch", "The signature of a chunk does not fit its bytes.")
        return signature

    async def _trailer(self) -> None:
        while line := await self._line():
            name, _, value = line.decode("latin-1").partition(":")
            if name.lower() in self._sums:
                self._expected[name.lower()] = _decoded(value.strip())

    async def _line(self) -> bytes:
        try:
            async with asyncio.timeout(self._limits.idle_seconds):
                line = await self._content.readline()
        except ValueError as error:
            raise Fault("IncompleteBody", "A line of a chunked body is too long.") from error
        except TimeoutError:
            raise _idle() from None
        if len(line) > _LONGEST_LINE:
            raise Fault("IncompleteBody", "A line of a chunked body is too long.")
        return line.rstrip(b"\r\n")

    async def _exactly(self, size: int) -> AsyncIterator[bytes]:
        while size:
            piece = await self._some(min(size, PIECE_BYTES))
            if not piece:
                raise Fault("IncompleteBody", "The body ends too early.")
            size -= len(piece)
            yield piece

    async def _some(self, most: int) -> bytes:
        try:
            async with asyncio.timeout(self._limits.idle_seconds):
                return await self._content.read(most)
        except TimeoutError:
            raise _idle() from None

    def _too_large(self) -> Fault:
        said = f"Your proposed upload exceeds the {self._limits.object_bytes} bytes that it may have here."
        return Fault("EntityTooLarge", said)


def _sums(names: set[str]) -> dict[str, Sum]:
    """A running sum for each name of a header that is one."""
    of_objects = {checksums.PREFIX + name.lower(): make for name, make in checksums.ALGORITHMS.items()}
    known = {_MD5: checksums.md5, _PAYLOAD: hashlib.sha256, **of_objects}
    return {name: make() for name, make in known.items() if name in names}


def _expected(headers: Mapping[str, str], signed: Signed) -> dict[str, bytes]:
    """The digests that the headers promise."""
    promised = {each.header: _decoded(each.value) for each in checksums.given(headers)}
    if _MD5 in headers:
        promised[_MD5] = _decoded(headers[_MD5])
    if signed.payload == UNSIGNED or signed.payload.startswith("STREAMING-"):
        return promised
    try:
        return {**promised, _PAYLOAD: bytes.fromhex(signed.payload)}
    except ValueError:
        raise Fault("InvalidArgument", "x-amz-content-sha256 must be the body's SHA-256 in hex.") from None


def _other_than(name: str) -> Fault:
    if name == _PAYLOAD:
        said = "The provided 'x-amz-content-sha256' header does not match what was computed."
        return Fault("XAmzContentSHA256Mismatch", said)
    said = "The Content-MD5 you specified did not match what we received."
    if name != _MD5:
        kind = name.removeprefix(checksums.PREFIX).upper()
        said = f"The {kind} you specified did not match the calculated checksum."
    return Fault("BadDigest", said)


def _decoded(digest: str) -> bytes:
    try:
        return base64.b64decode(digest, validate=True)
    except ValueError:
        raise Fault("InvalidDigest", f"The digest you specified was invalid: {digest[:60]!r} is no base64.") from None


def _idle() -> Fault:
    said = "Your socket connection to the server was not read from or written to within the timeout period."
    return Fault("RequestTimeout", f"{said} Idle connections will be closed.")


def _head(line: bytes) -> tuple[int, str]:
    size, _, rest = line.decode("latin-1").partition(";")
    if not re.fullmatch("[0-9a-fA-F]{1,16}", size):
        raise Fault("IncompleteBody", "A chunk must begin with its size.")
    return int(size, 16), rest.partition("=")[2]
