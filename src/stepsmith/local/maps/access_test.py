"""What the role of a state machine may not do in S3, its Map Runs may not do either."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from stepsmith import asl
from stepsmith.asl.distribution import ReaderConfig
from stepsmith.local.maps import reading, writing
from stepsmith.local.maps.access import Access
from stepsmith.local.maps.conftest import BUCKET, put
from stepsmith.local.roles.machines import Rights
from stepsmith.local.s3 import Buckets

ROLE = "arn:aws:iam::000000000000:role/reader"
MAP_RUN = "arn:aws:states:us-east-1:000000000000:mapRun:m/rows:1"


class OneRole:
    """IAM with a role `reader` that may read what lies under in/."""

    def of_role(self, name: str) -> Sequence[str] | None:
        statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/in/*"}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        return [json.dumps(policy)] if name == "reader" else None


@pytest.fixture
def buckets(tmp_path: Path) -> Buckets:
    made = Buckets(tmp_path)
    for key in ("in/a.json", "out/a.json"):
        put(made, key, b"[1]")
    return made


def as_role(buckets: Buckets, role: str = ROLE) -> Access:
    return Access(buckets, partial(Rights(OneRole()).refusal, role))


def dataset(action: Any, key: str = "") -> asl.Dataset:
    arguments = {"Bucket": BUCKET, "Key": key} if key else {"Bucket": BUCKET}
    config = ReaderConfig.model_validate({"InputType": "JSON"} if key else {})
    return asl.Dataset(action, arguments, config, None, lambda items: iter(()))


def test_what_the_role_may_read_is_read(buckets: Buckets) -> None:
    assert [item.value for item in reading.read(as_role(buckets), dataset("getObject", "in/a.json"))] == [1]


@pytest.mark.parametrize("wanted", [dataset("getObject", "out/a.json"), dataset("listObjectsV2")])
def test_what_it_may_not_read_or_list_fails_the_reader(buckets: Buckets, wanted: asl.Dataset) -> None:
    with pytest.raises(asl.StateError) as raised:
        list(reading.read(as_role(buckets), wanted))
    assert raised.value.error == "States.ItemReaderFailed" and "AccessDenied" in str(raised.value.cause)


def test_what_it_may_not_write_fails_the_writer(buckets: Buckets) -> None:
    with pytest.raises(asl.StateError) as raised:
        next(writing.write(as_role(buckets), MAP_RUN, asl.Results(arguments={"Bucket": BUCKET}), []))
    assert raised.value.error == "States.ResultWriterFailed" and "s3:PutObject" in str(raised.value.cause)


def test_a_role_that_iam_does_not_know_may_do_everything(buckets: Buckets) -> None:
    unknown = as_role(buckets, "arn:aws:iam::000000000000:role/any")
    assert len(list(reading.read(unknown, dataset("listObjectsV2")))) == 2
