"""Objects through boto3: their headers, conditions, ranges, copies, checksums and tags."""

import base64
import hashlib
import zlib
from pathlib import Path
from typing import Any

import pytest

from stepsmith.local.roles import Permissions
from stepsmith.local.roles.policy import Patterns, Statement
from stepsmith.local.s3 import ObjectServer
from stepsmith.local.s3.conftest import BUCKET, ask, client, get, put, refusal

pytestmark = pytest.mark.asyncio

SOURCE = {"Bucket": BUCKET, "Key": "a"}


async def head(s3: Any, key: str, **more: Any) -> dict[str, Any]:
    return dict(await ask(s3.head_object, Bucket=BUCKET, Key=key, **more))


async def test_an_object_keeps_what_was_said_of_it(owner: Any) -> None:
    said = {
        "CacheControl": "no-cache",
        "ContentDisposition": 'attachment; filename="a.csv"',
        "ContentEncoding": "gzip",
        "ContentLanguage": "de",
        "ContentType": "text/csv",
        "StorageClass": "STANDARD_IA",
        "WebsiteRedirectLocation": "/b",
        "Metadata": {"rows": "3"},
    }
    await put(owner, "a", **said)
    found = await head(owner, "a")
    assert {name: found[name] for name in said} == said
    assert found["ServerSideEncryption"] == "AES256" and found["AcceptRanges"] == "bytes"


async def test_what_the_sdk_adds_to_an_encoding_is_not_the_objects(owner: Any) -> None:
    await put(owner, "a", ContentEncoding="aws-chunked")
    assert "ContentEncoding" not in await head(owner, "a")


async def test_metadata_beyond_its_bound_is_refused(owner: Any) -> None:
    too_much = {"Metadata": {"k": "v" * 2048}}
    assert await refusal(owner.put_object, Bucket=BUCKET, Key="a", Body=b"", **too_much) == "MetadataTooLarge"


@pytest.mark.parametrize("acl", ["public-read", "authenticated-read"])
async def test_an_acl_that_opens_an_object_is_refused_as_by_buckets_of_today(owner: Any, acl: str) -> None:
    refused = await refusal(owner.put_object, Bucket=BUCKET, Key="a", Body=b"", ACL=acl)
    assert refused == "AccessControlListNotSupported"
    await put(owner, "a", ACL="bucket-owner-full-control")
    grants = (await ask(owner.get_object_acl, Bucket=BUCKET, Key="a"))["Grants"]
    assert [grant["Permission"] for grant in grants] == ["FULL_CONTROL"]


async def test_what_a_laptop_does_not_do_is_refused_by_name(owner: Any) -> None:
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "0" * 32}
    assert await refusal(owner.put_object, Bucket=BUCKET, Key="a", Body=b"", **key) == "NotImplemented"
    assert await refusal(owner.restore_object, Bucket=BUCKET, Key="a", RestoreRequest={"Days": 1}) == "NotImplemented"


async def test_a_write_replaces_only_what_the_writer_knows(owner: Any) -> None:
    first = (await put(owner, "a", b"1", IfNoneMatch="*"))["ETag"]
    assert await refusal(owner.put_object, **SOURCE, Body=b"2", IfNoneMatch="*") == "PreconditionFailed"
    assert await refusal(owner.put_object, **SOURCE, Body=b"2", IfMatch='"0"') == "PreconditionFailed"
    assert await refusal(owner.put_object, Bucket=BUCKET, Key="b", Body=b"2", IfMatch=first) == "NoSuchKey"
    await put(owner, "a", b"2", IfMatch=first)
    assert await refusal(owner.delete_object, **SOURCE, IfMatch=first) == "PreconditionFailed"
    assert await get(owner, "a") == b"2"


async def test_a_copy_replaces_only_what_the_writer_knows(owner: Any) -> None:
    await put(owner, "a", b"1")
    there = (await put(owner, "b", b"2"))["ETag"]
    copy = {"Bucket": BUCKET, "Key": "b", "CopySource": SOURCE}
    assert await refusal(owner.copy_object, **copy, IfNoneMatch="*") == "PreconditionFailed"
    assert await refusal(owner.copy_object, **copy, IfMatch='"0"') == "PreconditionFailed"
    await ask(owner.copy_object, **copy, IfMatch=there)
    assert await get(owner, "b") == b"1"


@pytest.mark.parametrize(
    ("range", "status", "part"),
    [
        ("bytes=0-0", 206, b"0"),
        ("bytes=-3", 206, b"789"),
        ("bytes=-99", 206, b"0123456789"),
        ("bytes=0-1,4-5", 200, b"0123456789"),
        ("bytes=5-2", 200, b"0123456789"),
        ("lines=1-2", 200, b"0123456789"),
    ],
)
async def test_ranges_are_as_s3_has_them(owner: Any, range: str, status: int, part: bytes) -> None:
    await put(owner, "a", b"0123456789")
    answer = await ask(owner.get_object, **SOURCE, Range=range)
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Body"].read()) == (status, part)
    assert await refusal(owner.get_object, **SOURCE, Range="bytes=-0") == "InvalidRange"


async def test_dates_are_conditions_too(owner: Any) -> None:
    await put(owner, "a")
    modified = (await head(owner, "a"))["LastModified"]
    assert await refusal(owner.get_object, **SOURCE, IfModifiedSince=modified) == "304"
    assert await get(owner, "a", IfUnmodifiedSince=modified) == b"data"
    before = modified.replace(year=2020)
    assert await refusal(owner.get_object, **SOURCE, IfUnmodifiedSince=before) == "PreconditionFailed"
    assert await get(owner, "a", IfModifiedSince=before) == b"data"


async def test_a_copy_takes_what_is_known_of_its_source_or_what_is_said(owner: Any) -> None:
    await put(owner, "a", ContentType="text/csv", CacheControl="no-cache", Metadata={"n": "1"}, Tagging="kind=table")
    copied = await ask(owner.copy_object, Bucket=BUCKET, Key="b", CopySource=SOURCE)
    found = await head(owner, "b")
    assert (found["ContentType"], found["CacheControl"], found["Metadata"]) == ("text/csv", "no-cache", {"n": "1"})
    assert (found["ETag"], found["TagCount"]) == (copied["CopyObjectResult"]["ETag"], 1)
    said = {"MetadataDirective": "REPLACE", "Metadata": {"n": "2"}, "TaggingDirective": "REPLACE"}
    await ask(owner.copy_object, Bucket=BUCKET, Key="c", CopySource=SOURCE, **said)
    found = await head(owner, "c")
    assert (found["Metadata"], "CacheControl" in found, "TagCount" in found) == ({"n": "2"}, False, False)


async def test_an_object_is_copied_onto_itself_only_to_change_what_is_said_of_it(owner: Any) -> None:
    await put(owner, "a", ContentType="text/plain")
    assert await refusal(owner.copy_object, **SOURCE, CopySource=SOURCE) == "InvalidRequest"
    await ask(owner.copy_object, **SOURCE, CopySource=SOURCE, MetadataDirective="REPLACE", ContentType="text/csv")
    assert (await head(owner, "a"))["ContentType"] == "text/csv"
    await ask(owner.copy_object, **SOURCE, CopySource=SOURCE, StorageClass="GLACIER_IR")
    found = await head(owner, "a")
    assert (found["ContentType"], found["StorageClass"]) == ("text/csv", "GLACIER_IR")


async def test_a_copy_has_conditions_on_its_source(owner: Any) -> None:
    etag = (await put(owner, "a"))["ETag"]
    copy = {"Bucket": BUCKET, "Key": "b", "CopySource": SOURCE}
    assert await refusal(owner.copy_object, **copy, CopySourceIfMatch='"0"') == "PreconditionFailed"
    assert await refusal(owner.copy_object, **copy, CopySourceIfNoneMatch=etag) == "PreconditionFailed"
    await ask(owner.copy_object, **copy, CopySourceIfMatch=etag)
    gone = {**copy, "CopySource": {"Bucket": BUCKET, "Key": "gone"}}
    assert await refusal(owner.copy_object, **gone) == "NoSuchKey"


CHECK = b"123456789"
VALUES = {
    "CRC32": zlib.crc32(CHECK).to_bytes(4, "big"),
    "CRC32C": 0xE3069283.to_bytes(4, "big"),  # the check values of the CRC catalogue (reveng.sourceforge.io)
    "CRC64NVME": 0xAE8B14860A799888.to_bytes(8, "big"),
    "SHA1": hashlib.sha1(CHECK).digest(),
    "SHA256": hashlib.sha256(CHECK).digest(),
}


@pytest.mark.parametrize("algorithm", VALUES)
async def test_a_checksum_is_checked_kept_and_told(owner: Any, algorithm: str) -> None:
    value, name = base64.b64encode(VALUES[algorithm]).decode(), f"Checksum{algorithm}"
    assert (await put(owner, "a", CHECK, **{name: value}))[name] == value
    found = await head(owner, "a", ChecksumMode="ENABLED")
    assert (found[name], found["ChecksumType"]) == (value, "FULL_OBJECT")
    assert name not in await head(owner, "a")
    other = {"Bucket": BUCKET, "Key": "b", "Body": b"other", name: value}
    assert await refusal(owner.put_object, **other) == "BadDigest"
    copied = await ask(owner.copy_object, Bucket=BUCKET, Key="c", CopySource=SOURCE)
    assert copied["CopyObjectResult"][name] == value


async def test_attributes_are_those_that_are_asked_for(owner: Any) -> None:
    await put(owner, "a", CHECK, ChecksumSHA256=base64.b64encode(VALUES["SHA256"]).decode())
    asked = {**SOURCE, "ObjectAttributes": ["ETag", "Checksum", "ObjectSize", "StorageClass", "ObjectParts"]}
    found = await ask(owner.get_object_attributes, **asked)
    assert (found["ETag"], found["ObjectSize"]) == (hashlib.md5(CHECK).hexdigest(), 9)
    assert found["Checksum"]["ChecksumSHA256"] == base64.b64encode(VALUES["SHA256"]).decode()
    assert found["StorageClass"] == "STANDARD" and "ObjectParts" not in found
    assert "ETag" not in await ask(owner.get_object_attributes, **SOURCE, ObjectAttributes=["ObjectSize"])


async def test_tags_come_with_an_object_or_later(owner: Any) -> None:
    etag = (await put(owner, "a", Tagging="kind=table&year=2026"))["ETag"]
    tags = (await ask(owner.get_object_tagging, **SOURCE))["TagSet"]
    assert tags == [{"Key": "kind", "Value": "table"}, {"Key": "year", "Value": "2026"}]
    await ask(owner.put_object_tagging, **SOURCE, Tagging={"TagSet": [{"Key": "kind", "Value": "chart"}]})
    assert (await ask(owner.get_object_tagging, **SOURCE))["TagSet"] == [{"Key": "kind", "Value": "chart"}]
    found = await head(owner, "a")
    assert (found["TagCount"], found["ETag"]) == (1, etag)
    await ask(owner.delete_object_tagging, **SOURCE)
    assert (await ask(owner.get_object_tagging, **SOURCE))["TagSet"] == []


@pytest.mark.parametrize(
    "tags",
    [
        [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}],
        [{"Key": str(n), "Value": ""} for n in range(11)],
        [{"Key": "k" * 129, "Value": ""}],
        [{"Key": "k", "Value": "v" * 257}],
    ],
)
async def test_tags_that_s3_does_not_take_are_refused(owner: Any, tags: list[dict[str, str]]) -> None:
    await put(owner, "a")
    assert await refusal(owner.put_object_tagging, **SOURCE, Tagging={"TagSet": tags}) == "InvalidTag"


async def test_another_version_than_the_one_there_is_is_none(owner: Any) -> None:
    await put(owner, "a")
    assert await get(owner, "a", VersionId="null") == b"data"
    assert await refusal(owner.get_object, **SOURCE, VersionId="3HL4kqtJlcpXroDTDmJ") == "NoSuchVersion"
    assert await refusal(owner.delete_object, **SOURCE, VersionId="3HL4kqtJlcpXroDTDmJ") == "NoSuchVersion"
    await ask(owner.delete_object, **SOURCE, VersionId="null")
    assert await refusal(owner.get_object, **SOURCE) == "NoSuchKey"


async def test_many_are_deleted_each_with_its_own_answer(owner: Any) -> None:
    etag = (await put(owner, "a"))["ETag"]
    await put(owner, "b")
    wanted = [{"Key": "a", "ETag": etag}, {"Key": "b", "ETag": '"0"'}, {"Key": "c"}, {"Key": "b", "VersionId": "1"}]
    deleted = await ask(owner.delete_objects, Bucket=BUCKET, Delete={"Objects": wanted})
    assert [each["Key"] for each in deleted["Deleted"]] == ["a", "c"]
    assert [each["Code"] for each in deleted["Errors"]] == ["PreconditionFailed", "NoSuchVersion"]
    quiet = await ask(owner.delete_objects, Bucket=BUCKET, Delete={"Objects": [{"Key": "b"}], "Quiet": True})
    assert "Deleted" not in quiet
    assert await refusal(owner.delete_objects, Bucket=BUCKET, Delete={"Objects": []}) == "MalformedXML"


async def test_what_is_not_there_is_told_only_to_who_may_list(server: ObjectServer) -> None:
    def reader(*actions: str) -> Any:
        return client(server.session(Permissions("arn", (Statement("Allow", Patterns(actions)),))))

    assert await refusal(reader("s3:GetObject", "s3:ListBucket").get_object, **SOURCE) == "NoSuchKey"
    assert await refusal(reader("s3:GetObject").get_object, **SOURCE) == "AccessDenied"


async def test_an_object_is_whole_and_with_its_own_record_while_it_is_replaced(owner: Any, folder: Path) -> None:
    await put(owner, "a", b"old", Metadata={"which": "old"})
    record = next((folder / ".about" / BUCKET).iterdir()).read_bytes()
    await put(owner, "a", b"newer", Metadata={"which": "newer"})
    kept = next((folder / ".about" / BUCKET).iterdir()).read_bytes()
    assert b'"old"' in record and b'"old"' in kept and b'"newer"' in kept
    assert (await head(owner, "a"))["Metadata"] == {"which": "newer"}
