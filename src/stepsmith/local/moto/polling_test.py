"""A long poll waits for a message without holding up anybody else."""

import asyncio
import time

import pytest

from stepsmith.local.moto.conftest import Cloud, of

pytestmark = pytest.mark.asyncio
LONG = 20


async def test_a_long_poll_gets_the_message_that_comes_while_it_waits(cloud: Cloud) -> None:
    sqs = cloud.client("sqs")
    queue = (await of(sqs.create_queue, QueueName="q"))["QueueUrl"]
    began = time.monotonic()
    poll = asyncio.create_task(of(sqs.receive_message, QueueUrl=queue, WaitTimeSeconds=LONG))
    listed = await of(cloud.client("sqs").list_queues)  # answered meanwhile
    assert listed["QueueUrls"] == [queue] and not poll.done()
    await of(cloud.client("sqs").send_message, QueueUrl=queue, MessageBody="here")
    assert [message["Body"] for message in (await poll)["Messages"]] == ["here"]
    assert time.monotonic() - began < LONG


async def test_a_poll_of_an_empty_queue_waits_as_long_as_the_queue_says(cloud: Cloud) -> None:
    sqs = cloud.client("sqs")
    attributes = {"ReceiveMessageWaitTimeSeconds": "1"}
    queue = (await of(sqs.create_queue, QueueName="q", Attributes=attributes))["QueueUrl"]
    assert "Messages" not in await of(sqs.receive_message, QueueUrl=queue, WaitTimeSeconds=0)
    began = time.monotonic()
    assert "Messages" not in await of(sqs.receive_message, QueueUrl=queue)
    assert time.monotonic() - began >= 1
