"""What arrives: the bytes of a body, decoded, bounded and checked while they stream.

SDKs send an object's bytes as they are, or in `aws-chunked` frames with checksums in a trailer, signed or not
("Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks"). Nothing here holds
more than a piece of a frame in memory. Checksums that the standard library can compute are verified (MD5, SHA-256,
SHA-1, CRC32); the others (CRC32C, CRC64NVME) and the signature of a trailer are taken as they come.
"""

import base64
import hashlib
import hmac
import re
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Protocol

from aiohttp import StreamReader

from stepsmith.local.endpoint.signature import UNSIGNED, Signed, sign_chunk

from .faults import Fault

PIECE_BYTES = 256 * 1024
_LONGEST_LINE = 8192
_PLAIN_CHUNKS = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
_SIGNED_CHUNKS = ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class _Crc32:
    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


_PAYLOAD = "x-amz-content-sha256"
_MD5 = "content-md5"
_DIGESTS: dict[str, Callable[[], _Digest]] = {
    _MD5: lambda: hashlib.md5(usedforsecurity=False),
    _PAYLOAD: hashlib.sha256,
    "x-amz-checksum-crc32": _Crc32,
    "x-amz-checksum-sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "x-amz-checksum-sha256": hashlib.sha256,
}


class Body:
    """The decoded bytes of one request. `md5` (the ETag of a plain object) holds once `pieces` has run to its end."""

    def __init__(self, content: StreamReader, headers: Mapping[str, str], signed: Signed, max_bytes: int) -> None:
        self._content = content
        self._signed = signed
        self._max_bytes = max_bytes
        self._expected = _expected(headers, signed)
        trailer = headers.get("x-amz-trailer", "").lower().split(",")
        wanted = {_MD5, *self._expected, *(name.strip() for name in trailer)}
        self._digests = {name: make() for name, make in _DIGESTS.items() if name in wanted}
        declared = headers.get("x-amz-decoded-content-length") or headers.get("content-length") or "0"
        if declared.isdecimal() and int(declared) > max_bytes:
            raise Fault("EntityTooLarge", f"An object may have {max_bytes} bytes here.")

    @property
    def md5(self) -> bytes:
        return self._digests[_MD5].digest()

    async def read(self) -> bytes:
        """The whole body, for small ones."""
        return b"".join([piece async for piece in self.pieces()])

    async def pieces(self) -> AsyncIterator[bytes]:
        """The bytes in pieces. Fault at the end when a checksum or a signature does not fit."""
        total = 0
        async for piece in self._raw():
            total += len(piece)
            if total > self._max_bytes:
                raise Fault("EntityTooLarge", f"An object may have {self._max_bytes} bytes here.")
            for digest in self._digests.values():
                digest.update(piece)
            yield piece
        self._check()

    def _raw(self) -> AsyncIterator[bytes]:
        payload = self._signed.payload
        if payload == _PLAIN_CHUNKS:
            return self._chunks(signed=False)
        return self._chunks(signed=True) if payload in _SIGNED_CHUNKS else self._plain()

    async def _plain(self) -> AsyncIterator[bytes]:
        while piece := await self._content.read(PIECE_BYTES):
            yield piece

    async def _chunks(self, signed: bool) -> AsyncIterator[bytes]:
        """`SIZE-IN-HEX[;chunk-signature=..]` CRLF, the bytes, CRLF; a last one of size 0; then the trailer."""
        previous = self._signed.signature
        while True:
            size, signature = _head(await self._line())
            digest = hashlib.sha256()
            async for piece in self._exactly(size):
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
            if name.lower() in self._digests:
                self._expected[name.lower()] = _decoded(value.strip())

    async def _line(self) -> bytes:
        try:
            line = await self._content.readline()
        except ValueError as error:
            raise Fault("IncompleteBody", "A line of a chunked body is too long.") from error
        if len(line) > _LONGEST_LINE:
            raise Fault("IncompleteBody", "A line of a chunked body is too long.")
        return line.rstrip(b"\r\n")

    async def _exactly(self, size: int) -> AsyncIterator[bytes]:
        while size:
            piece = await self._content.read(min(size, PIECE_BYTES))
            if not piece:
                raise Fault("IncompleteBody", "The body ends too early.")
            size -= len(piece)
            yield piece

    def _check(self) -> None:
        for name, expected in self._expected.items():
            if self._digests[name].digest() != expected:
                code = "XAmzContentSHA256Mismatch" if name == _PAYLOAD else "BadDigest"
                raise Fault(code, f"The body does not fit its {name}.")


def _expected(headers: Mapping[str, str], signed: Signed) -> dict[str, bytes]:
    """The digests that the headers promise."""
    promised = {name: _decoded(headers[name]) for name in _DIGESTS if name in headers and name != _PAYLOAD}
    if signed.payload == UNSIGNED or signed.payload.startswith("STREAMING-"):
        return promised
    try:
        return {**promised, _PAYLOAD: bytes.fromhex(signed.payload)}
    except ValueError:
        raise Fault("InvalidArgument", "x-amz-content-sha256 must be the body's SHA-256 in hex.") from None


def _decoded(digest: str) -> bytes:
    try:
        return base64.b64decode(digest, validate=True)
    except ValueError:
        raise Fault("InvalidRequest", f"{digest[:60]!r} is no digest in base64.") from None


def _head(line: bytes) -> tuple[int, str]:
    size, _, rest = line.decode("latin-1").partition(";")
    if not re.fullmatch("[0-9a-fA-F]{1,16}", size):
        raise Fault("IncompleteBody", "A chunk must begin with its size.")
    return int(size, 16), rest.partition("=")[2]
