"""What is set of a bucket: kept beside it, for as long as it is there."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from stepsmith.local import Role, Runtime
from stepsmith.local.endpoint.server import Endpoint, wall_ms
from stepsmith.local.roles import OWNER
from stepsmith.local.s3.conftest import ask, client, refusal

pytestmark = pytest.mark.asyncio

BUCKET = {"Bucket": "configured"}
STATEMENT = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::configured/*"}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})


@pytest_asyncio.fixture
async def runtime(tmp_path: Path) -> AsyncIterator[Runtime]:
    async with Endpoint(wall_ms) as endpoint, Runtime(tmp_path, endpoint=endpoint) as made:
        yield made


@pytest.fixture
def s3(runtime: Runtime) -> Any:
    return client(runtime.endpoint.session(OWNER))


async def test_what_is_set_is_told_again(s3: Any) -> None:
    await ask(s3.create_bucket, **BUCKET)
    assert await refusal(s3.get_bucket_policy, **BUCKET) == "NoSuchBucketPolicy"
    await ask(s3.put_bucket_policy, **BUCKET, Policy=POLICY)
    assert json.loads((await ask(s3.get_bucket_policy, **BUCKET))["Policy"]) == json.loads(POLICY)
    block = {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": True,
        "RestrictPublicBuckets": True,
    }
    await ask(s3.put_public_access_block, **BUCKET, PublicAccessBlockConfiguration=block)
    assert (await ask(s3.get_public_access_block, **BUCKET))["PublicAccessBlockConfiguration"] == block
    tags = {"TagSet": [{"Key": "env", "Value": "dev"}]}
    await ask(s3.put_bucket_tagging, **BUCKET, Tagging=tags)
    assert (await ask(s3.get_bucket_tagging, **BUCKET))["TagSet"] == tags["TagSet"]


OWN_KEYS = {"SSEAlgorithm": "AES256"}


async def test_a_new_bucket_is_closed_and_encrypted(s3: Any) -> None:
    await ask(s3.create_bucket, **BUCKET)
    block = (await ask(s3.get_public_access_block, **BUCKET))["PublicAccessBlockConfiguration"]
    assert len(block) == 4 and all(block.values())
    assert await encryption(s3) == OWN_KEYS
    controls = (await ask(s3.get_bucket_ownership_controls, **BUCKET))["OwnershipControls"]
    assert controls == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


async def test_encryption_is_reset_and_the_block_taken_away(s3: Any) -> None:
    await ask(s3.create_bucket, **BUCKET)
    kms = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/own"}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": kms, "BucketKeyEnabled": True}]}
    await ask(s3.put_bucket_encryption, **BUCKET, ServerSideEncryptionConfiguration=rules)
    assert await encryption(s3) == kms
    await ask(s3.delete_bucket_encryption, **BUCKET)
    assert await encryption(s3) == OWN_KEYS
    await ask(s3.delete_public_access_block, **BUCKET)
    assert await refusal(s3.get_public_access_block, **BUCKET) == "NoSuchPublicAccessBlockConfiguration"


async def test_what_is_first_set_of_a_bucket_by_many_at_once_all_stays(s3: Any) -> None:
    await ask(s3.create_bucket, **BUCKET)
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": True}
    kms = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/own"}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": kms}]}
    owner = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    await asyncio.gather(
        ask(s3.put_public_access_block, **BUCKET, PublicAccessBlockConfiguration=block),
        ask(s3.put_bucket_encryption, **BUCKET, ServerSideEncryptionConfiguration=rules),
        ask(s3.put_bucket_ownership_controls, **BUCKET, OwnershipControls=owner),
    )
    found = (await ask(s3.get_public_access_block, **BUCKET))["PublicAccessBlockConfiguration"]
    assert not found["IgnorePublicAcls"]
    assert await encryption(s3) == kms
    assert (await ask(s3.get_bucket_ownership_controls, **BUCKET))["OwnershipControls"] == owner


async def encryption(s3: Any) -> dict[str, Any]:
    configuration = (await ask(s3.get_bucket_encryption, **BUCKET))["ServerSideEncryptionConfiguration"]
    found: dict[str, Any] = configuration["Rules"][0]["ApplyServerSideEncryptionByDefault"]
    return found


async def test_a_lifecycle_says_what_s3_says_of_it(s3: Any) -> None:
    await ask(s3.create_bucket, **BUCKET)
    rule = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "artifacts/"}, "Expiration": {"Days": 30}}
    await ask(s3.put_bucket_lifecycle_configuration, **BUCKET, LifecycleConfiguration={"Rules": [rule]})
    found = await ask(s3.get_bucket_lifecycle_configuration, **BUCKET)
    assert found["Rules"] == [rule] and found["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    varies = {"TransitionDefaultMinimumObjectSize": "varies_by_storage_class"}
    wanted = {**BUCKET, **varies, "LifecycleConfiguration": {"Rules": [rule]}}
    assert await refusal(s3.put_bucket_lifecycle_configuration, **wanted) == "NotImplemented"


async def test_it_goes_with_the_bucket_however_that_went(s3: Any, tmp_path: Path) -> None:
    for remove in (lambda: s3.delete_bucket(**BUCKET), lambda: shutil.rmtree(tmp_path / "s3" / BUCKET["Bucket"])):
        await ask(s3.create_bucket, **BUCKET)
        await ask(s3.put_bucket_policy, **BUCKET, Policy=POLICY)
        await ask(remove)
        assert await refusal(s3.get_bucket_policy, **BUCKET) == "NoSuchBucket"
        await ask(s3.create_bucket, **BUCKET)
        assert await refusal(s3.get_bucket_policy, **BUCKET) == "NoSuchBucketPolicy"
        await ask(s3.delete_bucket, **BUCKET)


async def test_who_may_read_objects_may_not_set_anything(runtime: Runtime, s3: Any) -> None:
    await ask(s3.create_bucket, **BUCKET)
    reader = client(runtime.endpoint.session(Role(("configured/",))))
    with pytest.raises(reader.exceptions.ClientError, match="s3:PutBucketPolicy on resource: arn:aws:s3:::configured"):
        await ask(reader.put_bucket_policy, **BUCKET, Policy=POLICY)
    with pytest.raises(reader.exceptions.ClientError, match="s3:PutLifecycleConfiguration"):
        await ask(reader.delete_bucket_lifecycle, **BUCKET)
