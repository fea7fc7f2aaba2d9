"""What goes wrong in the middle: a full disk, a client that vanishes, a client that stalls, several writers of one key.
Nothing is half-written, and the others go on."""

import asyncio
import logging
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from stepsmith.local.roles import OWNER
from stepsmith.local.s3 import ObjectServer
from stepsmith.local.s3.body import Limits
from stepsmith.local.s3.conftest import BUCKET, MB, ask, client, get, put, refusal

pytestmark = pytest.mark.asyncio


@pytest.fixture
def small_disk() -> Iterator[None]:
    """No file of this process grows beyond a megabyte: a write beyond it fails as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MB, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("small_disk")
async def test_a_full_disk_leaves_the_old_object(owner: Any, folder: Path) -> None:
    await put(owner, "a", b"old")
    assert await refusal(owner.put_object, Bucket=BUCKET, Key="a", Body=b"x" * 3 * MB) == "ServiceUnavailable"
    upload = await ask(owner.create_multipart_upload, Bucket=BUCKET, Key="a")
    part = {"Bucket": BUCKET, "Key": "a", "UploadId": upload["UploadId"], "PartNumber": 1}
    assert await refusal(owner.upload_part, **part, Body=b"x" * 3 * MB) == "ServiceUnavailable"
    assert await get(owner, "a") == b"old"
    assert [each.name for each in (folder / ".uploads").iterdir()] == [upload["UploadId"]]


async def test_a_client_that_vanishes_in_the_middle_leaves_nothing(server: ObjectServer, folder: Path) -> None:
    url = presigned(server, "a")
    _, writer = await connect(server)
    writer.write(f"PUT {url} HTTP/1.1\r\nhost: {host(server)}\r\ncontent-length: {20 * MB}\r\n\r\n".encode())
    writer.write(b"x" * 3 * MB)
    await writer.drain()
    await until(lambda: any((folder / ".uploads").glob("*")))
    writer.transport.abort()
    await until(lambda: not any((folder / ".uploads").glob("*")))
    assert list((folder / BUCKET).iterdir()) == []


async def test_a_reader_that_vanishes_makes_no_noise(
    server: ObjectServer, owner: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await put(owner, "a", b"x" * 30 * MB)
    for _ in range(3):
        reader, writer = await connect(server)
        writer.write(f"GET {presigned(server, 'a', 'get_object')} HTTP/1.1\r\nhost: {host(server)}\r\n\r\n".encode())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        writer.transport.abort()
    assert len(await get(owner, "a")) == 30 * MB
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_client_that_stalls_is_told_so_and_leaves_nothing(server: ObjectServer, folder: Path) -> None:
    server.service.limits = Limits(idle_seconds=0.1)
    reader, writer = await connect(server)
    writer.write(
        f"PUT {presigned(server, 'a')} HTTP/1.1\r\nhost: {host(server)}\r\ncontent-length: 9\r\n\r\nx".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ") and b"<Code>RequestTimeout</Code>" in await reader.read()
    assert list((folder / ".uploads").iterdir()) == [] == list((folder / BUCKET).iterdir())
    writer.close()


async def test_of_many_writers_one_wins_with_all_that_it_said(server: ObjectServer) -> None:
    s3 = client(server.session(OWNER), max_pool_connections=10)
    for _ in range(3):
        await asyncio.gather(*(put(s3, "a", str(n).encode(), Metadata={"n": str(n)}) for n in range(10)))
        found = await ask(s3.get_object, Bucket=BUCKET, Key="a")
        assert found["Body"].read().decode() == found["Metadata"]["n"]


async def test_a_reader_goes_on_reading_what_is_deleted(owner: Any) -> None:
    await put(owner, "a", b"x" * 5 * MB)
    answer = await ask(owner.get_object, Bucket=BUCKET, Key="a")
    first = await ask(answer["Body"].read, amt=1000)
    await ask(owner.delete_object, Bucket=BUCKET, Key="a")
    assert len(first) + len(await ask(answer["Body"].read)) == 5 * MB


def presigned(server: ObjectServer, key: str, action: str = "put_object") -> str:
    s3 = client(server.session(OWNER))
    url = urlsplit(s3.generate_presigned_url(action, Params={"Bucket": BUCKET, "Key": key}))
    return f"{url.path}?{url.query}"


def host(server: ObjectServer) -> str:
    return server.url.removeprefix("http://")


async def connect(server: ObjectServer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    name, _, port = host(server).partition(":")
    return await asyncio.open_connection(name, int(port))


async def until(holds: Any) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.005)
