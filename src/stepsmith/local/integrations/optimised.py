"""The integrations that Step Functions optimises, besides Lambda's and its own: DynamoDB, SNS, SQS and EventBridge.

    arn:aws:states:::sqs:sendMessage.waitForTaskToken

Each is a call of the API with something before and after it, as its page in the Developer Guide says: texts may be
given as JSON, events name the execution and the machine, a refused event fails the task. Results tell of the HTTP
response.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from stepsmith.asl import outcome
from stepsmith.asl.values import Json
from stepsmith.local.integrations.apis import Answered
from stepsmith.local.integrations.failures import Naming
from stepsmith.local.invoked import metadata
from stepsmith.local.packing import encode

Prepare = Callable[[Json, str], Json]
"""What becomes of the arguments in an execution (its ARN)."""


@dataclass(frozen=True, slots=True)
class Optimised:
    """One integration: the API's name in botocore, how its errors are named, and what is done before and after."""

    client: str
    naming: Naming
    prepare: Prepare = lambda arguments, execution: arguments
    check: Callable[[Json], outcome.Failed | None] = lambda answer: None


def told(answer: Json, answered: Answered) -> Json:
    """The result of an optimised integration: the API's answer and what there is to tell of the response."""
    found = {name.lower(): value for name, value in answered.headers.items()}
    about = metadata(dict(answered.headers), found.get("x-amzn-requestid", ""), answered.status)
    return {**(answer if isinstance(answer, dict) else {}), **about}


def _document(member: str) -> Prepare:
    """A member that is a text in the API and any JSON here."""
    return lambda arguments, execution: _with_text(arguments, member)


def _with_text(given: Json, member: str) -> Json:
    if not isinstance(given, dict) or not isinstance(given.get(member), dict | list):
        return given
    return {**given, member: encode(given[member]).decode()}


def _events(arguments: Json, execution: str) -> Json:
    """Every entry's Detail as text, and who sends it among its Resources."""
    if not isinstance(arguments, dict) or not isinstance(arguments.get("Entries"), list):
        return arguments
    return {**arguments, "Entries": [_event(each, execution) for each in arguments["Entries"]]}


def _event(entry: Json, execution: str) -> Json:
    if not isinstance(entry, dict):
        return entry
    sent = _with_text(entry, "Detail")
    resources = entry.get("Resources") or []
    return {**sent, "Resources": [*resources, execution, _machine(execution)]}


def _machine(execution: str) -> str:
    """The state machine of an execution, by its ARN."""
    return ":".join(re.sub(":(execution|express):", ":stateMachine:", execution, count=1).split(":")[:7])


def _all_taken(answer: Json) -> outcome.Failed | None:
    taken: Any = answer
    refused = taken.get("FailedEntryCount", 0)
    return outcome.Failed("EventBridge.FailedEntry", encode(taken).decode()) if refused else None


_DYNAMODB = Optimised("dynamodb", Naming("DynamoDB", "AmazonDynamoDBException", "AmazonDynamoDBv2"))
OPTIMISED: Mapping[str, Optimised] = {
    "dynamodb": _DYNAMODB,
    "sns": Optimised("sns", Naming("SNS", "AmazonSNSException", "AmazonSNS"), _document("Message")),
    "sqs": Optimised("sqs", Naming("SQS", "AmazonSQSException", "AmazonSQS"), _document("MessageBody")),
    "events": Optimised(
        "events", Naming("EventBridge", "AmazonEventBridgeException", "AmazonEventBridge"), _events, _all_taken
    ),
}
"""By the service's name in a resource."""
