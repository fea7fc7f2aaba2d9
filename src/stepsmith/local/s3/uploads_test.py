"""Uploads in parts through boto3: parts of other objects, checksums, pages, conditions; and boto3's own transfer."""

import base64
import io
import zlib
from pathlib import Path
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig

from stepsmith.local.s3.conftest import BUCKET, MB, ask, get, put, refusal

pytestmark = pytest.mark.asyncio

KEY = {"Bucket": BUCKET, "Key": "big"}
FIRST, SECOND = b"a" * 5 * MB, b"b" * 100


async def begin(s3: Any, **more: Any) -> dict[str, Any]:
    begun = await ask(s3.create_multipart_upload, **KEY, **more)
    return {**KEY, "UploadId": begun["UploadId"]}


async def add(s3: Any, upload: dict[str, Any], number: int, data: bytes, **more: Any) -> dict[str, Any]:
    part = await ask(s3.upload_part, **upload, PartNumber=number, Body=data, **more)
    summed = {name: value for name, value in part.items() if name.startswith("Checksum")}
    return {"PartNumber": number, "ETag": part["ETag"], **summed}


async def complete(s3: Any, upload: dict[str, Any], *parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return dict(await ask(s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": list(parts)}, **more))


def crc(data: bytes) -> str:
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


async def test_the_checksum_of_an_object_is_made_of_its_parts(owner: Any) -> None:
    upload = await begin(owner, ChecksumAlgorithm="CRC32")
    parts = [await add(owner, upload, 1, FIRST), await add(owner, upload, 2, SECOND)]
    assert [part["ChecksumCRC32"] for part in parts] == [crc(FIRST), crc(SECOND)]
    done = await complete(owner, upload, *parts)
    both = b"".join(zlib.crc32(data).to_bytes(4, "big") for data in (FIRST, SECOND))
    assert (done["ChecksumCRC32"], done["ChecksumType"]) == (f"{crc(both)}-2", "COMPOSITE")


async def test_the_checksum_of_the_whole_object_comes_without_reading_it_again(owner: Any) -> None:
    upload = await begin(owner, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    parts = [await add(owner, upload, 1, FIRST), await add(owner, upload, 2, SECOND)]
    wrong = {"ChecksumCRC32": crc(b"other"), "ChecksumType": "FULL_OBJECT"}
    with pytest.raises(owner.exceptions.ClientError, match="BadDigest"):
        await complete(owner, upload, *parts, **wrong)
    whole = crc(FIRST + SECOND)
    done = await complete(owner, upload, *parts, ChecksumCRC32=whole, ChecksumType="FULL_OBJECT")
    assert (done["ChecksumCRC32"], done["ChecksumType"]) == (whole, "FULL_OBJECT")
    head = await ask(owner.head_object, **KEY, ChecksumMode="ENABLED")
    assert head["ChecksumCRC32"] == whole


async def test_a_checksum_of_a_kind_that_its_algorithm_has_not_is_refused(owner: Any) -> None:
    wanted = {"ChecksumAlgorithm": "SHA256", "ChecksumType": "FULL_OBJECT"}
    assert await refusal(owner.create_multipart_upload, **KEY, **wanted) == "InvalidRequest"


async def test_a_part_may_be_made_of_another_object(owner: Any) -> None:
    await put(owner, "source", FIRST + SECOND)
    upload, source = await begin(owner), {"Bucket": BUCKET, "Key": "source"}
    parts = []
    for number, span in ((1, f"bytes=0-{5 * MB - 1}"), (2, f"bytes={5 * MB}-{5 * MB + 99}")):
        made = await ask(owner.upload_part_copy, **upload, PartNumber=number, CopySource=source, CopySourceRange=span)
        parts.append({"PartNumber": number, "ETag": made["CopyPartResult"]["ETag"]})
    await complete(owner, upload, *parts)
    assert await get(owner, "big") == FIRST + SECOND
    beyond = {**upload, "PartNumber": 1, "CopySource": source, "CopySourceRange": "bytes=0-99999999"}
    assert await refusal(owner.upload_part_copy, **beyond) == "NoSuchUpload"
    beyond |= await begin(owner)
    assert await refusal(owner.upload_part_copy, **beyond) == "InvalidArgument"


async def test_a_part_but_the_last_has_five_megabytes(owner: Any) -> None:
    upload = await begin(owner)
    parts = [await add(owner, upload, 1, SECOND), await add(owner, upload, 2, SECOND)]
    with pytest.raises(owner.exceptions.ClientError, match="EntityTooSmall"):
        await complete(owner, upload, *parts)


async def test_a_part_that_is_sent_again_replaces_the_first(owner: Any) -> None:
    upload = await begin(owner)
    await add(owner, upload, 1, b"old")
    again = await add(owner, upload, 1, b"new")
    assert [part["Size"] for part in (await ask(owner.list_parts, **upload))["Parts"]] == [3]
    await complete(owner, upload, again)
    assert await get(owner, "big") == b"new"


async def test_an_upload_replaces_only_what_the_writer_knows(owner: Any, folder: Path) -> None:
    await put(owner, "big", b"there")
    upload = await begin(owner)
    part = await add(owner, upload, 1, b"part")
    with pytest.raises(owner.exceptions.ClientError, match="PreconditionFailed"):
        await complete(owner, upload, part, IfNoneMatch="*")
    assert await get(owner, "big") == b"there"
    await complete(owner, upload, part)
    assert await get(owner, "big") == b"part" and list((folder / ".uploads").iterdir()) == []


async def test_parts_and_uploads_are_listed_in_pages(owner: Any) -> None:
    uploads = [await begin(owner) for _ in range(3)]
    other = await ask(owner.create_multipart_upload, Bucket=BUCKET, Key="other")
    for number in (1, 2, 3):
        await add(owner, uploads[0], number, b"part")
    pages = await ask(
        lambda: list(owner.get_paginator("list_parts").paginate(**uploads[0], PaginationConfig={"PageSize": 2}))
    )
    assert [[part["PartNumber"] for part in page["Parts"]] for page in pages] == [[1, 2], [3]]
    paginator = owner.get_paginator("list_multipart_uploads")
    pages = await ask(lambda: list(paginator.paginate(Bucket=BUCKET, PaginationConfig={"PageSize": 3})))
    found = [[each["UploadId"] for each in page["Uploads"]] for page in pages]
    assert [set(page) for page in found] == [{each["UploadId"] for each in uploads}, {other["UploadId"]}]
    only = await ask(owner.list_multipart_uploads, Bucket=BUCKET, Prefix="oth")
    assert [each["Key"] for each in only["Uploads"]] == ["other"]


async def test_a_part_of_an_object_is_read_by_its_number(owner: Any) -> None:
    upload = await begin(owner)
    await complete(owner, upload, await add(owner, upload, 1, FIRST), await add(owner, upload, 2, SECOND))
    second = await ask(owner.get_object, **KEY, PartNumber=2)
    assert (second["Body"].read(), second["PartsCount"]) == (SECOND, 2)
    assert await refusal(owner.head_object, **KEY, PartNumber=3) == "416"
    parts = (await ask(owner.get_object_attributes, **KEY, ObjectAttributes=["ObjectParts"]))["ObjectParts"]
    assert parts["TotalPartsCount"] == 2


async def test_a_removed_bucket_takes_its_uploads_along(owner: Any, folder: Path) -> None:
    await ask(owner.create_bucket, Bucket="short-lived")
    await ask(owner.create_multipart_upload, Bucket="short-lived", Key="a")
    await ask(owner.delete_bucket, Bucket="short-lived")
    assert list((folder / ".uploads").iterdir()) == []


async def test_the_transfer_of_boto3_goes_both_ways(owner: Any) -> None:
    data = bytes(range(256)) * 4096 * 13
    config = TransferConfig(multipart_threshold=5 * MB, multipart_chunksize=5 * MB, max_concurrency=4)
    await ask(owner.upload_fileobj, Fileobj=io.BytesIO(data), **KEY, Config=config)
    back = io.BytesIO()
    await ask(owner.download_fileobj, **KEY, Fileobj=back, Config=config)
    assert back.getvalue() == data
