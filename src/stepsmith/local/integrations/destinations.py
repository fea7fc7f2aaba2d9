"""Destinations of asynchronous Lambda calls: a record goes where an ARN leads, by the API of its service.

The request is signed as the function's role and passes the same door as everybody's: a role that may not send to the
queue is refused here as on AWS. A record that cannot be delivered is told in the log, and gone, as on AWS.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from stepsmith.local.packing import encode

from .apis import Failure, api_of
from .door import Door, Unreachable

_LOG = logging.getLogger("stepsmith.local.destinations")

Request = tuple[str, str, Mapping[str, Any]]
"""botocore's name of the service, the action, its arguments."""


def _function(arn: str, record: Mapping[str, Any]) -> Request:
    return "lambda", "Invoke", {"FunctionName": arn, "InvocationType": "Event", "Payload": record}


def _queue(arn: str, record: Mapping[str, Any]) -> Request:
    account, name = arn.split(":")[4:6]
    return "sqs", "SendMessage", {"QueueUrl": f"https://sqs/{account}/{name}", "MessageBody": encode(record).decode()}


def _topic(arn: str, record: Mapping[str, Any]) -> Request:
    return "sns", "Publish", {"TopicArn": arn, "Message": encode(record).decode()}


def _bus(arn: str, record: Mapping[str, Any]) -> Request:
    entry = {
        "EventBusName": arn,
        "Source": "lambda",
        "DetailType": f"Lambda Function Invocation Result - {_outcome(record)}",
        "Detail": encode(record).decode(),
        "Resources": [record["requestContext"]["functionArn"]],
    }
    return "events", "PutEvents", {"Entries": [entry]}


def _bucket(arn: str, record: Mapping[str, Any]) -> Request:
    context, at = record["requestContext"], record["timestamp"]
    name = context["functionArn"].split(":")[6]
    key = f"aws/lambda/async/{name}/{at[:10].replace('-', '/')}/{at}-{context['requestId']}"
    return "s3", "PutObject", {"Bucket": arn.rpartition(":")[2], "Key": key, "Body": encode(record).decode()}


def _outcome(record: Mapping[str, Any]) -> str:
    return "Success" if record["requestContext"]["condition"] == "Success" else "Failure"


REQUESTS: Mapping[str, Callable[[str, Mapping[str, Any]], Request]] = {
    "lambda": _function,
    "sqs": _queue,
    "sns": _topic,
    "events": _bus,
    "s3": _bucket,
}


class Destinations:
    """Delivers by the door of the endpoint."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def tell(self, arn: str, role: str, record: dict[str, Any]) -> None:
        """Gives the destination the record, as the role."""
        client, action, arguments = REQUESTS[arn.split(":")[2]](arn, record)
        api = api_of(client)
        try:
            answer = api.read(action, await self._door.ask(api.request(action, arguments), role))
        except Unreachable as error:
            _LOG.warning("The destination %r was not reached: %s", arn, error)
            return
        if isinstance(answer, Failure):
            _LOG.warning("The destination %r refused a record: %s: %s", arn, answer.code, answer.message)
