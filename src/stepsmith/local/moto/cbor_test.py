"""CloudWatch asked in CBOR by boto3, which speaks it where a model has no other protocol, as the SDK of Go does."""

from datetime import UTC, datetime
from typing import Any

import boto3
import botocore.session
import cbor2
import pytest
from botocore.exceptions import ClientError
from botocore.loaders import Loader

from stepsmith.local.moto.conftest import Cloud, of

pytestmark = pytest.mark.asyncio

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
HEADERS = {"smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor"}
ALARM = {
    "AlarmName": "a",
    "Namespace": "n",
    "MetricName": "m",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 2,
    "ComparisonOperator": "GreaterThanThreshold",
}


class _InCbor(Loader):  # type: ignore[misc]  # botocore has no types
    def load_service_model(self, *args: Any, **options: Any) -> Any:
        found = super().load_service_model(*args, **options)
        if "smithy-rpc-v2-cbor" in found.get("metadata", {}).get("protocols", ()):
            found["metadata"] |= {"protocol": "smithy-rpc-v2-cbor", "protocols": ["smithy-rpc-v2-cbor"]}
        return found


def in_cbor() -> boto3.Session:
    session = botocore.session.get_session()
    session.register_component("data_loader", _InCbor())
    return boto3.Session(botocore_session=session)


async def test_numbers_and_times_arrive_and_return(cloud: Cloud) -> None:
    client = cloud.client("cloudwatch", session=in_cbor())
    data = [{"MetricName": "m", "Value": 1.5, "Timestamp": NOW}, {"MetricName": "m", "Value": 2, "Timestamp": NOW}]
    await of(client.put_metric_data, Namespace="n", MetricData=data)
    found = await of(
        client.get_metric_statistics,
        Namespace="n",
        MetricName="m",
        StartTime=datetime(2026, 11, 23, tzinfo=UTC),
        EndTime=datetime(2026, 11, 24, tzinfo=UTC),
        Period=60,
        Statistics=["Sum"],
    )
    assert [(point["Timestamp"], point["Sum"]) for point in found["Datapoints"]] == [(NOW, 3.5)]
    assert found["ResponseMetadata"]["HTTPHeaders"]["smithy-protocol"] == "rpc-v2-cbor"


async def test_what_is_said_in_cbor_is_read_in_json(cloud: Cloud) -> None:
    await of(cloud.client("cloudwatch", session=in_cbor()).put_metric_alarm, **ALARM)
    (kept,) = (await of(cloud.client("cloudwatch").describe_alarms))["MetricAlarms"]
    (same,) = (await of(cloud.client("cloudwatch", session=in_cbor()).describe_alarms))["MetricAlarms"]
    assert kept == same and ALARM.items() <= same.items()


async def test_errors_are_told_in_cbor(cloud: Cloud) -> None:
    client = cloud.client("cloudwatch", session=in_cbor())
    with pytest.raises(ClientError) as missing:
        await of(client.get_dashboard, DashboardName="none")
    assert missing.value.response["Error"]["Code"] == "ResourceNotFound"
    with pytest.raises(ClientError, match="is not part of this endpoint"):
        await of(client.describe_alarm_contributors, AlarmName="a")
    stranger = cloud.with_key("cloudwatch", "AKIA", "no", "", session=in_cbor())
    with pytest.raises(ClientError, match="security token"):
        await of(stranger.list_metrics)


@pytest.mark.parametrize(
    "body",
    [b"\xff", b"\xa1", cbor2.dumps([]), cbor2.dumps({"a": {1, 2}}), b"\xd8\x1c\x81\xd8\x1d\x00", b"\x81" * 5_000],
    ids=["a break", "cut off", "a list", "a set", "itself", "deep"],
)
async def test_what_is_no_request_is_refused(cloud: Cloud, body: bytes) -> None:
    path = "/service/GraniteServiceVersion20100801/operation/ListMetrics"
    status, headers, answer = await cloud.moto.call("cloudwatch", "POST", path, HEADERS, body)
    assert status == 400 and headers["smithy-protocol"] == "rpc-v2-cbor"
    assert set(cbor2.loads(answer)) >= {"__type", "message"}


async def test_a_service_without_it_says_so_in_it(cloud: Cloud) -> None:
    status, _, answer = await cloud.moto.call("sns", "POST", "/service/SNS/operation/ListTopics", HEADERS, b"\xa0")
    assert status == 501 and "not spoken with sns" in cbor2.loads(answer)["message"]
