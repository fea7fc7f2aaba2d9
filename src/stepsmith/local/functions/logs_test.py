"""What functions printed reaches its log groups once, whoever asks and however often."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from stepsmith.lambdas import LogLine
from stepsmith.local.functions.logs import AT_ONCE, Asked, FunctionLogs

pytestmark = pytest.mark.asyncio


class CloudWatch:
    """What was told, change by change. While it is not `open`, who tells waits; while it is `full`, it is refused."""

    def __init__(self) -> None:
        self.changes: list[Sequence[Asked]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.asked = asyncio.Event()
        self.is_full = False

    async def tell(self, service: str, requests: Sequence[Asked]) -> None:
        self.asked.set()
        await self.open.wait()
        if self.is_full:
            raise OSError("No space left on device")
        self.changes.append(requests)

    @property
    def messages(self) -> list[str]:
        put = [given for change in self.changes for operation, given in change if operation == "PutLogEvents"]
        return [event["message"] for given in put for event in given["logEvents"]]


def line(text: str, stream: str = "s") -> LogLine:
    return LogLine("f", "id", text, "/aws/lambda/f", stream)


@pytest.fixture
def logs(tmp_path: Path) -> FunctionLogs:
    return FunctionLogs(tmp_path)


@pytest.fixture
def cloud() -> CloudWatch:
    return CloudWatch()


async def test_a_client_that_goes_away_does_not_stop_what_moves(logs: FunctionLogs, cloud: CloudWatch) -> None:
    cloud.open.clear()
    logs.write(line("one"))
    client = asyncio.create_task(logs.drain(cloud.tell))
    await cloud.asked.wait()
    client.cancel()
    logs.write(line("two"))
    other = asyncio.create_task(logs.drain(cloud.tell))
    cloud.open.set()
    await other
    assert cloud.messages == ["one", "two"]


async def test_what_cannot_be_moved_keeps_nobody_from_reading_and_comes_later(
    logs: FunctionLogs, cloud: CloudWatch, caplog: pytest.LogCaptureFixture
) -> None:
    logs.write(line("kept"))
    cloud.is_full = True
    await logs.drain(cloud.tell)
    assert "No space left on device" in caplog.text
    cloud.is_full = False
    await logs.drain(cloud.tell)
    assert cloud.messages == ["kept"]


async def test_the_lines_of_a_thousand_processes_move_in_a_few_changes(logs: FunctionLogs, cloud: CloudWatch) -> None:
    for n in range(1000):
        logs.write(line(str(n), stream=f"{n:04}"))
    await logs.drain(cloud.tell)
    assert len(cloud.messages) == 1000
    assert len(cloud.changes) == -(-2001 // AT_ONCE)


async def test_closing_waits_for_what_is_on_its_way(logs: FunctionLogs, cloud: CloudWatch) -> None:
    cloud.open.clear()
    logs.write(line("last"))
    client = asyncio.create_task(logs.drain(cloud.tell))
    await cloud.asked.wait()
    client.cancel()
    closing = asyncio.create_task(logs.close())
    cloud.open.set()
    await closing
    assert cloud.messages == ["last"]
