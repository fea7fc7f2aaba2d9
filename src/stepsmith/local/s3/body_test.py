"""Bodies as SDKs send them: plain, in frames, in signed frames; and bodies that are not what they say."""

import asyncio
import base64
import hashlib
import tempfile
import zlib
from dataclasses import replace

import pytest
from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol

from stepsmith.local import Role
from stepsmith.local.endpoint.signature import Session, Signed
from stepsmith.local.s3.body import Body, Limits
from stepsmith.local.s3.checksums import Checksum
from stepsmith.local.s3.faults import Fault
from stepsmith.signing import UNSIGNED

pytestmark = pytest.mark.asyncio

# The example of "Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks
# (Chunked Upload)" in the Amazon S3 API reference: 66,560 letters a in two chunks.
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
FIRST = "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"
SECOND = "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"
LAST = "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"
EXAMPLE = Signed(
    session=Session("AKIAIOSFODNN7EXAMPLE", SECRET, "", Role()),
    payload="STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    date="20130524T000000Z",
    scope="20130524/us-east-1/s3/aws4_request",
    signature=SEED,
)
FRAMED = replace(EXAMPLE, payload="STREAMING-UNSIGNED-PAYLOAD-TRAILER")
PLAIN = replace(EXAMPLE, payload=UNSIGNED)
LIMITS = Limits(object_bytes=100_000)


def body(data: bytes, signed: Signed, headers: dict[str, str] | None = None) -> Body:
    """A body that has arrived whole."""
    loop = asyncio.get_running_loop()
    content = StreamReader(BaseProtocol(loop), 2**16, loop=loop)
    content.feed_data(data)
    content.feed_eof()
    return Body(content, headers or {}, signed, LIMITS)


def chunk(data: bytes, signature: str = "") -> bytes:
    extension = f";chunk-signature={signature}" if signature else ""
    return f"{len(data):x}{extension}\r\n".encode() + data + b"\r\n"


async def refused(body: Body) -> str:
    with pytest.raises(Fault) as fault:
        await body.read()
    return fault.value.code


async def test_signed_chunks_are_verified_as_in_amazons_example() -> None:
    a, b = b"a" * 65536, b"a" * 1024
    whole = chunk(a, FIRST) + chunk(b, SECOND) + f"0;chunk-signature={LAST}\r\n\r\n".encode()
    assert await body(whole, EXAMPLE).read() == a + b


@pytest.mark.parametrize("signatures", [(FIRST, LAST), (SECOND, FIRST), ("", "")])
async def test_a_chunk_with_another_signature_is_refused(signatures: tuple[str, str]) -> None:
    data = chunk(b"a" * 65536, signatures[0]) + chunk(b"a" * 1024, signatures[1])
    assert await refused(body(data, EXAMPLE)) == "SignatureDoesNotMatch"


async def test_frames_come_out_as_the_bytes_in_them_and_the_trailer_is_checked() -> None:
    crc = base64.b64encode(zlib.crc32(b"hello world").to_bytes(4, "big"))
    frames = chunk(b"hello ") + chunk(b"world") + b"0\r\n"
    headers = {"x-amz-trailer": "x-amz-checksum-crc32", "x-amz-decoded-content-length": "11"}
    good = body(frames + b"x-amz-checksum-crc32:" + crc + b"\r\n\r\n", FRAMED, headers)
    with tempfile.TemporaryFile() as file:
        arrived = await good.write(file)
        assert file.seek(0) == 0 and file.read() == b"hello world"
    assert arrived.md5 == hashlib.md5(b"hello world").digest()
    assert arrived.checksum == Checksum("CRC32", crc.decode())
    wrong = body(frames + b"x-amz-checksum-crc32:AAAAAA==\r\n\r\n", FRAMED, headers)
    assert await refused(wrong) == "BadDigest"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"zz\r\n",
        b"5\r\nhel",
        b"3\r\nhello\r\n0\r\n\r\n",
        b"9" * 100_000,
        b"ffffffffff\r\nx",
        b"-1\r\nx",
        b"0x1\r\nx",
    ],
)
async def test_broken_frames_are_incomplete(data: bytes) -> None:
    assert await refused(body(data, FRAMED)) == "IncompleteBody"


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("content-md5", hashlib.md5(b"data").digest()),
        ("x-amz-checksum-sha1", hashlib.sha1(b"data").digest()),
        ("x-amz-checksum-sha256", hashlib.sha256(b"data").digest()),
        ("x-amz-checksum-crc32", zlib.crc32(b"data").to_bytes(4, "big")),
    ],
)
async def test_every_checksum_of_the_standard_library_is_verified(name: str, digest: bytes) -> None:
    header = {name: base64.b64encode(digest).decode()}
    assert await body(b"data", PLAIN, header).read() == b"data"
    assert await refused(body(b"other", PLAIN, header)) == "BadDigest"


async def test_the_signed_hash_of_the_body_is_verified() -> None:
    signed = replace(EXAMPLE, payload=hashlib.sha256(b"data").hexdigest())
    assert await body(b"data", signed).read() == b"data"
    assert await refused(body(b"other", signed)) == "XAmzContentSHA256Mismatch"
    with pytest.raises(Fault, match="in hex"):
        body(b"", replace(EXAMPLE, payload="nonsense"))


async def test_more_than_the_bound_is_refused_whatever_the_headers_say() -> None:
    with pytest.raises(Fault, match="exceeds the 100000 bytes"):
        body(b"", PLAIN, {"content-length": "100001"})
    assert await refused(body(b"x" * 100_001, PLAIN, {"content-length": "5"})) == "EntityTooLarge"


async def test_a_digest_that_is_no_base64_is_named() -> None:
    with pytest.raises(Fault, match="digest you specified was invalid") as refused:
        body(b"", PLAIN, {"content-md5": "***"})
    assert refused.value.code == "InvalidDigest"
