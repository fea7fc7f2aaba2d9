"""The endpoint as functions see it, by boto3; presigned URLs; requests that nobody should make."""

import asyncio
import base64
import hashlib
import logging
import re
import resource
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from botocore.exceptions import ClientError
from yarl import URL

from stepsmith.local import Role
from stepsmith.local.s3 import ObjectServer
from stepsmith.local.s3.body import Limits
from stepsmith.local.s3.conftest import BUCKET, MB, ROLE, Time, ask, client, get, put, refusal

pytestmark = pytest.mark.asyncio


async def test_boto3_puts_gets_heads_and_deletes(s3: Any, folder: Path) -> None:
    made = await put(s3, "artifacts/r/1.csv", b"a,b\n1,2\n", ContentType="text/csv", Metadata={"rows": "1"})
    assert made["ETag"] == f'"{hashlib.md5(b"a,b\n1,2\n").hexdigest()}"'
    head = await ask(s3.head_object, Bucket=BUCKET, Key="artifacts/r/1.csv")
    assert (head["ContentLength"], head["ContentType"], head["Metadata"]) == (8, "text/csv", {"rows": "1"})
    assert head["ETag"] == made["ETag"]
    assert await get(s3, "artifacts/r/1.csv") == b"a,b\n1,2\n" == (folder / BUCKET / "artifacts/r/1.csv").read_bytes()
    await ask(s3.delete_object, Bucket=BUCKET, Key="artifacts/r/1.csv")
    listed = await ask(s3.list_objects_v2, Bucket=BUCKET, Prefix="artifacts/")
    assert listed["KeyCount"] == 0


@pytest.mark.parametrize("key", ["a b+c&d=e?f#g%h", "ünï/😀", "a//b/", "../up", "x" * 300, "~tilde!'()*", "a/./b"])
async def test_any_key_goes_round(s3: Any, key: str) -> None:
    await put(s3, f"artifacts/{key}", key.encode())
    assert await get(s3, f"artifacts/{key}") == key.encode()
    listed = await ask(s3.list_objects_v2, Bucket=BUCKET, Prefix="artifacts/")
    assert [each["Key"] for each in listed["Contents"]] == [f"artifacts/{key}"]


async def test_of_many_that_create_at_once_one_wins(session: dict[str, str]) -> None:
    s3 = client(session, max_pool_connections=10)
    answers = await asyncio.gather(
        *(put(s3, "artifacts/race", str(n).encode(), IfNoneMatch="*") for n in range(8)), return_exceptions=True
    )
    codes = [each.response["Error"]["Code"] for each in answers if isinstance(each, ClientError)]
    assert codes == ["PreconditionFailed"] * 7


@pytest.mark.parametrize(
    ("range", "part"), [("bytes=2-4", b"234"), ("bytes=7-", b"789"), ("bytes=-2", b"89"), ("bytes=5-99", b"56789")]
)
async def test_a_range_is_a_part(s3: Any, range: str, part: bytes) -> None:
    await put(s3, "artifacts/digits", b"0123456789")
    assert await get(s3, "artifacts/digits", Range=range) == part
    assert await refusal(s3.get_object, Bucket=BUCKET, Key="artifacts/digits", Range="bytes=10-") == "InvalidRange"


async def test_who_has_it_already_is_told_so(s3: Any) -> None:
    etag = (await put(s3, "artifacts/a"))["ETag"]
    assert await refusal(s3.get_object, Bucket=BUCKET, Key="artifacts/a", IfNoneMatch=etag) == "304"
    assert await refusal(s3.get_object, Bucket=BUCKET, Key="artifacts/a", IfMatch='"other"') == "PreconditionFailed"
    assert await get(s3, "artifacts/a", IfMatch=etag) == b"data"


async def test_lists_come_in_pages_and_with_folders(s3: Any) -> None:
    for key in ("a", "b/1", "b/2", "c", "d/x/y"):
        await put(s3, f"artifacts/{key}")
    pages = await ask(
        lambda: list(
            s3.get_paginator("list_objects_v2").paginate(
                Bucket=BUCKET, Prefix="artifacts/", Delimiter="/", PaginationConfig={"PageSize": 1}
            )
        )
    )
    assert [page["KeyCount"] for page in pages] == [1, 1, 1, 1]
    assert [each["Key"] for page in pages for each in page.get("Contents", [])] == ["artifacts/a", "artifacts/c"]
    assert [each["Prefix"] for page in pages for each in page.get("CommonPrefixes", [])] == [
        "artifacts/b/",
        "artifacts/d/",
    ]
    rest = await ask(s3.list_objects_v2, Bucket=BUCKET, Prefix="artifacts/", StartAfter="artifacts/b/1")
    assert [each["Key"] for each in rest["Contents"]] == ["artifacts/b/2", "artifacts/c", "artifacts/d/x/y"]


async def test_an_upload_in_parts_is_one_object(s3: Any) -> None:
    begun = await ask(s3.create_multipart_upload, Bucket=BUCKET, Key="artifacts/big", ContentType="text/csv")
    upload: dict[str, Any] = {"Bucket": BUCKET, "Key": "artifacts/big", "UploadId": begun["UploadId"]}
    parts = []
    for number, data in ((1, b"a" * 5 * MB), (2, b"b" * 100)):
        part = await ask(s3.upload_part, **upload, PartNumber=number, Body=data)
        parts.append({"PartNumber": number, "ETag": part["ETag"]})
    assert [part["Size"] for part in (await ask(s3.list_parts, **upload))["Parts"]] == [5 * MB, 100]
    wrong = {"Parts": [parts[0], {"PartNumber": 2, "ETag": '"0"'}]}
    assert await refusal(s3.complete_multipart_upload, **upload, MultipartUpload=wrong) == "InvalidPart"
    turned = {"Parts": parts[::-1]}
    assert await refusal(s3.complete_multipart_upload, **upload, MultipartUpload=turned) == "InvalidPartOrder"
    done = await ask(s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": parts})
    assert done["ETag"].endswith('-2"')
    head = await ask(s3.head_object, Bucket=BUCKET, Key="artifacts/big")
    assert (head["ContentLength"], head["ContentType"], head["ETag"]) == (5 * MB + 100, "text/csv", done["ETag"])
    assert await refusal(s3.list_parts, **upload) == "NoSuchUpload"


async def test_an_aborted_upload_leaves_nothing(s3: Any, folder: Path) -> None:
    begun = await ask(s3.create_multipart_upload, Bucket=BUCKET, Key="artifacts/big")
    upload: dict[str, Any] = {"Bucket": BUCKET, "Key": "artifacts/big", "UploadId": begun["UploadId"]}
    await ask(s3.upload_part, **upload, PartNumber=1, Body=b"part")
    assert await refusal(s3.list_parts, **{**upload, "Key": "artifacts/other"}) == "NoSuchUpload"
    await ask(s3.abort_multipart_upload, **upload)
    assert list((folder / ".uploads").iterdir()) == []


async def test_100_mb_go_through_without_lying_in_memory(s3: Any, tmp_path: Path) -> None:
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(100 * MB)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with big.open("rb") as file:
        await put(s3, "artifacts/big", file)
    answer = await ask(s3.get_object, Bucket=BUCKET, Key="artifacts/big")
    received = await ask(lambda: sum(len(each) for each in answer["Body"].iter_chunks(MB)))
    assert received == 100 * MB
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000  # KiB on Linux


async def test_a_role_opens_its_prefixes_only(s3: Any, server: ObjectServer) -> None:
    caller = client(server.session(Role((f"{BUCKET}/transcripts/",))))
    await put(caller, "transcripts/r/1.json")
    other = {"Bucket": BUCKET, "Key": "transcripts/r/1.json"}
    assert await refusal(s3.get_object, **other) == "AccessDenied"
    assert await refusal(s3.delete_object, **other) == "AccessDenied"
    assert await refusal(s3.put_object, **other, Body=b"x") == "AccessDenied"
    assert await refusal(s3.list_objects_v2, Bucket=BUCKET, Prefix="") == "AccessDenied"
    assert await refusal(s3.list_objects_v2, Bucket=BUCKET, Prefix="art") == "AccessDenied"
    copy = {"Bucket": BUCKET, "Key": "artifacts/stolen", "CopySource": other}
    assert await refusal(s3.copy_object, **copy) == "AccessDenied"
    deleted = await ask(s3.delete_objects, Bucket=BUCKET, Delete={"Objects": [{"Key": other["Key"]}]})
    assert deleted["Errors"][0]["Code"] == "AccessDenied"
    assert await get(caller, other["Key"]) == b"data"


async def test_a_bucket_that_is_not_there_is_named(server: ObjectServer) -> None:
    s3 = client(server.session(Role(("elsewhere-bucket/",))))
    assert await refusal(s3.put_object, Bucket="elsewhere-bucket", Key="k", Body=b"x") == "NoSuchBucket"
    assert await refusal(s3.list_objects_v2, Bucket="elsewhere-bucket") == "NoSuchBucket"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("AWS_ACCESS_KEY_ID", "InvalidAccessKeyId"),
        ("AWS_SECRET_ACCESS_KEY", "SignatureDoesNotMatch"),
        ("AWS_SESSION_TOKEN", "InvalidToken"),
    ],
)
async def test_another_key_opens_nothing(session: dict[str, str], name: str, code: str) -> None:
    assert (
        await refusal(client({**session, name: "A" * 20}).put_object, Bucket=BUCKET, Key="artifacts/a", Body=b"")
        == code
    )


async def test_a_key_that_is_old_by_a_quarter_of_an_hour_is_refused(s3: Any, moment: Time) -> None:
    moment.later_ms = 16 * 60_000
    assert await refusal(s3.get_object, Bucket=BUCKET, Key="artifacts/a") == "RequestTimeTooSkewed"


async def test_a_presigned_url_needs_no_key_and_ends(s3: Any, moment: Time) -> None:
    def presign(action: str, **more: Any) -> str:
        wanted = {"Bucket": BUCKET, "Key": "artifacts/a b", **more}
        return str(s3.generate_presigned_url(action, Params=wanted, ExpiresIn=60))

    shown = presign("get_object", ResponseContentDisposition="attachment; filename=a.txt")
    async with aiohttp.ClientSession() as http:
        assert (await http.put(_url(presign("put_object")), data=b"by url")).status == 200
        answer = await http.get(_url(shown))
        assert (await answer.read(), answer.headers["Content-Disposition"]) == (b"by url", "attachment; filename=a.txt")
        assert (await http.get(_url(shown.replace("a%20b", "other")))).status == 403
        assert (await http.delete(_url(shown))).status == 403
        moment.later_ms = 61_000
        late = await http.get(_url(shown))
        assert late.status == 403 and "Request has expired" in await late.text()


async def test_a_presigned_url_of_the_older_kind_is_one_too(server: ObjectServer, moment: Time) -> None:
    """boto3 makes these for us-east-1 unless it is told otherwise."""
    session = server.session(ROLE)
    old = client(session, signature_version="s3")

    def presign(action: str, **more: Any) -> str:
        wanted = {"Bucket": BUCKET, "Key": "artifacts/a b", **more}
        url = str(old.generate_presigned_url(action, Params=wanted, ExpiresIn=60))
        assert "AWSAccessKeyId=" in url and "X-Amz-Signature" not in url
        return url

    async with aiohttp.ClientSession() as http:
        typed, url = {"Content-Type": "text/csv"}, _url(presign("put_object", ContentType="text/csv"))
        assert (await http.put(url, data=b"1", headers=typed)).status == 200
        shown = presign("get_object", ResponseContentType="text/plain")
        answer = await http.get(_url(shown))
        assert (await answer.read(), answer.headers["Content-Type"]) == (b"1", "text/plain")
        for bent in (shown.replace("a%20b", "other"), shown + "&uploads=", shown + "&tagging="):
            assert (await http.get(_url(bent))).status == 403
        assert (await http.get(_url(shown + "&attributes="))).status == 400
        assert (await http.delete(_url(shown))).status == 403
        copied = {"x-amz-copy-source": f"/{BUCKET}/artifacts/a b"}
        assert (await http.put(_url(presign("put_object", Key="artifacts/c")), headers=copied)).status == 403
        moment.later_ms = 61_000
        assert "Request has expired" in await (await http.get(_url(shown))).text()


async def test_who_holds_a_presigned_url_makes_no_other_request_of_it(s3: Any) -> None:
    await put(s3, "artifacts/other", b"not for you")
    url = s3.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": "artifacts/mine"}, ExpiresIn=60)
    async with aiohttp.ClientSession() as http:
        for headers in ({"x-amz-copy-source": f"/{BUCKET}/artifacts/other"}, {"x-amz-meta-title": "x"}):
            answer = await http.put(_url(url), headers=headers)
            assert answer.status == 403 and "which were not signed" in await answer.text()
    listed = await ask(s3.list_objects_v2, Bucket=BUCKET, Prefix="artifacts/")
    assert [each["Key"] for each in listed["Contents"]] == ["artifacts/other"]


@pytest.mark.parametrize(
    ("name", "value"), [("X-Amz-Expires", "9" * 5000), ("X-Amz-Expires", "-1"), ("X-Amz-Signature", "%C3%A9" * 32)]
)
async def test_a_presigned_url_of_garbage_is_refused_by_name(s3: Any, name: str, value: str) -> None:
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "artifacts/a"}, ExpiresIn=60)
    async with aiohttp.ClientSession() as http:
        answer = await http.get(_url(re.sub(rf"(?<={name}=)[^&]*", value, url)))
        assert answer.status in (400, 403) and "<Code>" in await answer.text()


async def test_a_header_of_the_answer_brings_no_other_headers(s3: Any) -> None:
    await put(s3, "artifacts/a")
    wanted = {"Bucket": BUCKET, "Key": "artifacts/a", "ResponseContentType": "text/html\r\nSet-Cookie: a=b"}
    async with aiohttp.ClientSession() as http:
        answer = await http.get(_url(s3.generate_presigned_url("get_object", Params=wanted)))
        assert answer.status == 400 and "<Code>InvalidArgument</Code>" in await answer.text()


async def test_what_is_no_request_at_all_is_logged_where_nobody_is_bothered(
    server: ObjectServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with aiohttp.ClientSession() as http:
        assert (await http.get(f"{server.url}/{'x' * 9000}")).status == 400
    loggers = {logging.getLogger(record.name) for record in caplog.records}
    assert loggers and all(each.handlers for each in loggers), "without a handler Python prints to stderr"


def _url(text: str) -> URL:
    """A URL that must stay as it is written."""
    return URL(text, encoded=True)


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"Host": "evil.example"}, "loopback names only"),
        ({"Host": "localhost.evil.example"}, "loopback names only"),
        ({"Origin": "http://localhost"}, "does not answer web pages"),
        ({}, "not signed"),
    ],
)
async def test_web_pages_other_names_and_unsigned_requests_are_refused(
    server: ObjectServer, headers: dict[str, str], message: str
) -> None:
    async with aiohttp.ClientSession() as http:
        answer = await http.get(f"{server.url}/{BUCKET}/artifacts/a", headers=headers)
        text = await answer.text()
        assert answer.status == 403 and "<Code>AccessDenied</Code>" in text and message in text


async def test_an_action_that_is_not_there_is_named_and_changes_nothing(s3: Any) -> None:
    await put(s3, "artifacts/a")
    hold = {"Bucket": BUCKET, "Key": "artifacts/a", "LegalHold": {"Status": "ON"}}
    assert await refusal(s3.put_object_legal_hold, **hold) == "NotImplemented"
    assert await refusal(s3.get_bucket_policy, Bucket=BUCKET) == "AccessDenied"
    assert await get(s3, "artifacts/a") == b"data"


async def test_a_body_other_than_its_checksum_is_refused_and_leaves_nothing(s3: Any, folder: Path) -> None:
    wrong = base64.b64encode(b"0" * 16).decode()
    assert await refusal(s3.put_object, Bucket=BUCKET, Key="artifacts/a", Body=b"x", ContentMD5=wrong) == "BadDigest"
    crc = {"ChecksumCRC32": base64.b64encode(b"0000").decode()}
    assert await refusal(s3.put_object, Bucket=BUCKET, Key="artifacts/a", Body=b"x", **crc) == "BadDigest"
    assert list((folder / ".uploads").iterdir()) == [] == list((folder / BUCKET).iterdir())


async def test_a_body_over_the_bound_is_refused_before_it_is_read(s3: Any, server: ObjectServer) -> None:
    server.service.limits = Limits(object_bytes=10)
    assert await refusal(s3.put_object, Bucket=BUCKET, Key="artifacts/a", Body=b"x" * 11) == "EntityTooLarge"
