"""CloudWatch Logs: events stay, bounded, and Insights finds them."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stepsmith.local.database import Database
from stepsmith.local.moto.conftest import Cloud, of
from stepsmith.local.moto.events import LogEvents
from stepsmith.local.moto.state import STEPS

pytestmark = pytest.mark.asyncio
GROUP = "/aws/lambda/f"


async def written(cloud: Cloud, *messages: str) -> int:
    """Puts the messages into a stream, a second apart; the time of the first in seconds."""
    logs, now = cloud.client("logs"), int(time.time()) - 60
    await of(logs.create_log_group, logGroupName=GROUP)
    await of(logs.create_log_stream, logGroupName=GROUP, logStreamName="s")
    events = [{"timestamp": (now + n) * 1000, "message": message} for n, message in enumerate(messages)]
    await of(logs.put_log_events, logGroupName=GROUP, logStreamName="s", logEvents=events)
    return now


async def answered(cloud: Cloud, query: str, start: int, end: int) -> Any:
    logs = cloud.client("logs")
    asked = {"logGroupNames": [GROUP], "startTime": start, "endTime": end, "queryString": query}
    id = (await of(logs.start_query, **asked))["queryId"]
    return await of(logs.get_query_results, queryId=id)


async def test_a_query_filters_what_another_process_logged(open_cloud: Callable[[], Any]) -> None:
    at = await written(await open_cloud(), '{"level": "ERROR", "code": 7}', '{"level": "INFO"}', "END RequestId: 1")
    cloud: Cloud = await open_cloud()
    found = await answered(cloud, "fields code, @logStream | filter level = 'ERROR' | limit 5", at - 5, at + 5)
    row = {each["field"]: each["value"] for each in found["results"][0]}
    assert (found["status"], row["code"], row["@logStream"]) == ("Complete", "7", "s")
    assert (found["statistics"]["recordsMatched"], found["statistics"]["recordsScanned"]) == (1.0, 3.0)
    counted = await answered(cloud, "stats count(*) as n", at + 1, at + 1)
    assert counted["results"] == [[{"field": "n", "value": "1"}]]


async def test_a_query_that_cannot_be_read_is_malformed(cloud: Cloud) -> None:
    at = await written(cloud, "a")
    with pytest.raises(ClientError, match=r"MalformedQueryException.*unexpected symbol found florb"):
        await answered(cloud, "fields @message | florb", at, at)


async def test_a_deleted_group_takes_its_events_along(open_cloud: Callable[[], Any]) -> None:
    first: Cloud = await open_cloud()
    await written(first, "old")
    await of(first.client("logs").delete_log_group, logGroupName=GROUP)
    await written(first, "new")
    events = await of((await open_cloud()).client("logs").filter_log_events, logGroupName=GROUP)
    assert [event["message"] for event in events["events"]] == ["new"]


async def test_what_is_told_in_one_go_is_one_change_and_refusals_stop_nothing(open_cloud: Callable[[], Any]) -> None:
    cloud: Cloud = await open_cloud()
    place, event = {"logGroupName": GROUP, "logStreamName": "s"}, {"timestamp": int(time.time() * 1000), "message": "m"}
    asked: list[tuple[str, Any]] = [("CreateLogGroup", {"logGroupName": GROUP})] * 2
    asked += [("CreateLogStream", place), *[("PutLogEvents", {**place, "logEvents": [event]})] * 2]
    await cloud.moto.tell("logs", asked)
    assert await cloud.moto.mark("logs") == 1
    found = await of((await open_cloud()).client("logs").filter_log_events, logGroupName=GROUP)
    assert len(found["events"]) == 2


async def test_the_oldest_events_go_when_there_are_too_many(cloud: Cloud) -> None:
    await written(cloud, "first")
    put = cloud.client("logs").put_log_events
    for n in range(3):
        event = {"timestamp": int(time.time() * 1000), "message": f"{n}" * 10}
        await of(put, logGroupName=GROUP, logStreamName="s", logEvents=[event])
    kept = await asyncio.to_thread(bounded, cloud.data)
    assert kept == 2


def bounded(data: Path) -> int:
    """How many rows a bound of 25 bytes leaves."""
    database = Database(data / "aws.db", steps=STEPS)
    stream = SimpleNamespace(log_stream_name="s", events=[0] * 9)
    backend = SimpleNamespace(groups={GROUP: SimpleNamespace(name=GROUP, streams={"s": stream})})
    LogEvents(database, most_bytes=25)._drop(backend)
    rows: int = database.execute("SELECT count(*) FROM log").fetchone()[0]
    database.close()
    return rows


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("", 3), ("ERROR", 2), ("ERROR memory", 1), ('"ERROR: no"', 1), ("nothing", 0)],
)
async def test_events_are_filtered_by_terms_and_by_a_phrase(cloud: Cloud, pattern: str, found: int) -> None:
    logs = cloud.client("logs")
    await of(logs.create_log_group, logGroupName=GROUP)
    await of(logs.create_log_stream, logGroupName=GROUP, logStreamName="s")
    texts = ("ERROR: no memory", "ERROR", "INFO: memory")
    events = [{"timestamp": int(time.time() * 1000), "message": text} for text in texts]
    await of(logs.put_log_events, logGroupName=GROUP, logStreamName="s", logEvents=events)
    answer = await of(logs.filter_log_events, logGroupName=GROUP, filterPattern=pattern)
    assert len(answer["events"]) == found


@pytest.mark.parametrize("pattern", ['{ $.level = "ERROR" }', "?a ?b", "-a", "%x%", "404", "ERROR -debug", "[a, b]"])
async def test_a_pattern_that_would_match_everything_is_refused(cloud: Cloud, pattern: str) -> None:
    logs = cloud.client("logs")
    await of(logs.create_log_group, logGroupName=GROUP)
    with pytest.raises(ClientError, match="is not understood by this endpoint"):
        await of(logs.filter_log_events, logGroupName=GROUP, filterPattern=pattern)
