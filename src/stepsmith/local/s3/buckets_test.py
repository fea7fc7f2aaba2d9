"""Buckets through boto3: made, listed, found by either style of name, removed; and what they are told to hold."""

import shutil
from pathlib import Path
from typing import Any

import aiohttp
import boto3
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from stepsmith.local.roles import OWNER
from stepsmith.local.s3 import ObjectServer
from stepsmith.local.s3.conftest import BUCKET, ask, put, refusal

pytestmark = pytest.mark.asyncio


async def test_a_bucket_is_made_described_and_removed_when_it_is_empty(owner: Any, folder: Path) -> None:
    made = await ask(owner.create_bucket, Bucket="reports")
    assert made["Location"] == "/reports" and (folder / "reports").is_dir()
    assert (await ask(owner.head_bucket, Bucket="reports"))["BucketRegion"] == "us-east-1"
    assert (await ask(owner.get_bucket_location, Bucket="reports"))["LocationConstraint"] is None
    await ask(owner.put_object, Bucket="reports", Key="a", Body=b"x")
    assert await refusal(owner.delete_bucket, Bucket="reports") == "BucketNotEmpty"
    await ask(owner.delete_object, Bucket="reports", Key="a")
    await ask(owner.delete_bucket, Bucket="reports")
    assert await refusal(owner.delete_bucket, Bucket="reports") == "NoSuchBucket"
    assert await refusal(owner.head_bucket, Bucket="reports") == "404"
    assert list((folder / ".about").glob("reports*")) == []


async def test_one_s_own_bucket_is_made_again_in_us_east_1_alone(owner: Any) -> None:
    await ask(owner.create_bucket, Bucket="reports")
    await ask(owner.create_bucket, Bucket="reports")
    there = {"Bucket": "berichte", "CreateBucketConfiguration": {"LocationConstraint": "eu-central-1"}}
    await ask(owner.create_bucket, **there)
    assert await refusal(owner.create_bucket, **there) == "BucketAlreadyOwnedByYou"
    assert (await ask(owner.get_bucket_location, Bucket="berichte"))["LocationConstraint"] == "eu-central-1"


@pytest.mark.parametrize("name", ["Upper-case", "a..b", "192.168.0.1", "xn--bucket", "ends-", "report-s3alias"])
async def test_a_name_that_s3_does_not_take_is_refused(owner: Any, name: str) -> None:
    assert await refusal(owner.create_bucket, Bucket=name) == "InvalidBucketName"


async def test_buckets_are_listed_by_name_in_pages_and_by_prefix(owner: Any) -> None:
    for name in ("b-1", "a-bucket", "b-2"):
        await ask(owner.create_bucket, Bucket=name)
    listed = await ask(owner.list_buckets)
    assert [each["Name"] for each in listed["Buckets"]] == ["a-bucket", "b-1", "b-2", BUCKET]
    first = await ask(owner.list_buckets, Prefix="b-", MaxBuckets=1)
    rest = await ask(owner.list_buckets, Prefix="b-", ContinuationToken=first["ContinuationToken"])
    assert [each["Name"] for page in (first, rest) for each in page["Buckets"]] == ["b-1", "b-2"]


async def test_a_role_that_lists_no_buckets_is_told_so_in_the_words_of_aws(s3: Any) -> None:
    with pytest.raises(s3.exceptions.ClientError) as refused:
        await ask(s3.list_buckets)
    who = "User: arn:aws:sts::000000000000:assumed-role/function/function is not authorized to perform"
    because = "because no identity-based policy allows the s3:ListAllMyBuckets action"
    assert refused.value.response["Error"]["Message"] == f"{who}: s3:ListAllMyBuckets {because}"


async def test_a_folder_that_a_person_made_is_a_bucket_and_one_that_is_gone_is_none(owner: Any, folder: Path) -> None:
    (folder / "by-hand").mkdir()
    await ask(owner.put_object, Bucket="by-hand", Key="a", Body=b"x")
    assert "by-hand" in [each["Name"] for each in (await ask(owner.list_buckets))["Buckets"]]
    shutil.rmtree(folder / "by-hand")
    assert await refusal(owner.get_object, Bucket="by-hand", Key="a") == "NoSuchBucket"
    assert await refusal(owner.put_object, Bucket="by-hand", Key="a", Body=b"x") == "NoSuchBucket"
    assert list((folder / ".uploads").iterdir()) == []


@pytest.mark.parametrize(
    "host", [f"{BUCKET}.localhost", f"{BUCKET}.s3.localhost", f"{BUCKET}.s3.us-east-1.localhost:4599"]
)
async def test_a_bucket_may_stand_in_the_name_of_the_host(server: ObjectServer, owner: Any, host: str) -> None:
    await put(owner, "a b/c", b"by name")
    status, body = await _get(server, host, "/a%20b/c")
    assert (status, body) == (200, b"by name")
    assert (await _get(server, host, "/"))[1].startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult')


@pytest.mark.parametrize("host", ["localhost", "s3.localhost", "s3.us-east-1.localhost:4599"])
async def test_a_host_without_a_bucket_leaves_it_in_the_path(server: ObjectServer, owner: Any, host: str) -> None:
    await put(owner, "a", b"by path")
    assert await _get(server, host, f"/{BUCKET}/a") == (200, b"by path")


async def _get(server: ObjectServer, host: str, path: str) -> tuple[int, bytes]:
    """A signed GET under another name of the server."""
    session = server.session(OWNER)
    keys = (session[f"AWS_{name}"] for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"))
    asked = AWSRequest("GET", f"http://{host}{path}")
    S3SigV4Auth(Credentials(*keys), "s3", "us-east-1").add_auth(asked)
    headers = {**dict(asked.headers.items()), "Host": host}
    async with aiohttp.ClientSession() as http, http.get(server.url + path, headers=headers) as answer:
        return answer.status, await answer.read()


async def test_without_a_keeper_a_configuration_is_named_as_what_is_not_here(owner: Any) -> None:
    assert await refusal(owner.get_bucket_policy, Bucket=BUCKET) == "NotImplemented"


async def test_versions_are_off_and_listed_as_one_each(owner: Any) -> None:
    for key in ("a", "b/1", "b/2"):
        await put(owner, key)
    listed = await ask(owner.list_object_versions, Bucket=BUCKET, Delimiter="/")
    assert [(each["Key"], each["VersionId"], each["IsLatest"]) for each in listed["Versions"]] == [("a", "null", True)]
    assert [each["Prefix"] for each in listed["CommonPrefixes"]] == ["b/"]
    pages = await ask(lambda: list(owner.get_paginator("list_object_versions").paginate(Bucket=BUCKET, MaxKeys=1)))
    found = [{"Key": each["Key"], "VersionId": each["VersionId"]} for page in pages for each in page["Versions"]]
    assert [each["Key"] for each in found] == ["a", "b/1", "b/2"]
    deleted = await ask(owner.delete_objects, Bucket=BUCKET, Delete={"Objects": found})
    assert len(deleted["Deleted"]) == 3 and "Errors" not in deleted
    assert (await ask(owner.list_objects_v2, Bucket=BUCKET))["KeyCount"] == 0


async def test_the_old_way_to_list_pages_by_markers(owner: Any) -> None:
    for key in ("a", "b/1", "b/2", "c"):
        await put(owner, key)
    first = await ask(owner.list_objects, Bucket=BUCKET, MaxKeys=2)
    assert [each["Key"] for each in first["Contents"]] == ["a", "b/1"] and "NextMarker" not in first
    rest = await ask(owner.list_objects, Bucket=BUCKET, Marker="b/1")
    assert [each["Key"] for each in rest["Contents"]] == ["b/2", "c"] and not rest["IsTruncated"]
    rolled = await ask(owner.list_objects, Bucket=BUCKET, Delimiter="/", MaxKeys=2)
    assert rolled["NextMarker"] == "b/"
    rest = await ask(owner.list_objects, Bucket=BUCKET, Delimiter="/", Marker="b/")
    assert [each["Key"] for each in rest["Contents"]] == ["c"] and "CommonPrefixes" not in rest


async def test_no_page_at_all_is_no_page_more(owner: Any) -> None:
    await put(owner, "a")
    listed = await ask(owner.list_objects_v2, Bucket=BUCKET, MaxKeys=0)
    assert (listed["KeyCount"], listed["IsTruncated"]) == (0, False)


async def test_whose_bucket_it_is_may_be_asked_for(owner: Any) -> None:
    await ask(owner.head_bucket, Bucket=BUCKET, ExpectedBucketOwner="000000000000")
    assert await refusal(owner.list_objects_v2, Bucket=BUCKET, ExpectedBucketOwner="111111111111") == "AccessDenied"


async def test_the_resource_api_of_boto3_finds_its_way(server: ObjectServer) -> None:
    session = server.session(OWNER)
    keys = {name.lower(): value for name, value in session.items() if "KEY" in name or "TOKEN" in name}
    s3 = boto3.resource("s3", region_name="us-east-1", endpoint_url=server.url, **keys)
    bucket = await ask(s3.create_bucket, Bucket="resourceful")
    await ask(bucket.put_object, Key="a/b", Body=b"data")
    assert await ask(lambda: [each.key for each in bucket.objects.filter(Prefix="a/")]) == ["a/b"]
    await ask(bucket.objects.all().delete)
    await ask(bucket.delete)
