"""What the integrations that Step Functions optimises take: which fields, which of them always, of what type.

AWS checks them twice. At create, in the definition (`The field 'FunctionName' is required but was missing`); and, since
expressions may give anything, before the task is scheduled: such an execution fails with States.Runtime, which nothing
catches, and its history has no event of the task. The fields are those of the integration's page in the Developer Guide
and of the service's API ("Invoke" of Lambda, "StartExecution", "PutItem"). Integrations that are not in the table are
not checked. Those of S3 are an ItemReader's and a ResultWriter's: what they are given by expressions the Map Run
checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .values import Json


@dataclass(frozen=True, slots=True)
class Parameters:
    """The fields of one integration: those that must be there, those that are text, those that are any JSON."""

    required: tuple[str, ...]
    texts: frozenset[str]
    others: frozenset[str] = frozenset()


_INVOKE = Parameters(
    ("FunctionName",),
    frozenset({"ClientContext", "DurableExecutionName", "FunctionName", "InvocationType", "LogType", "Qualifier"}),
    frozenset({"Payload", "TenantId"}),
)
_START = Parameters(("StateMachineArn",), frozenset({"Name", "StateMachineArn", "TraceHeader"}), frozenset({"Input"}))
_ORDER = frozenset({"MessageDeduplicationId", "MessageGroupId"})
_SEND = Parameters(
    ("QueueUrl", "MessageBody"),
    _ORDER | {"QueueUrl"},
    frozenset({"DelaySeconds", "MessageAttributes", "MessageBody", "MessageSystemAttributes"}),
)
_PUBLISH = Parameters(
    ("Message",),
    _ORDER | {"MessageStructure", "PhoneNumber", "Subject", "TargetArn", "TopicArn"},
    frozenset({"Message", "MessageAttributes"}),
)
_PUT_EVENTS = Parameters(("Entries",), frozenset({"EndpointId"}), frozenset({"Entries"}))
_RETURNS = frozenset({"ReturnConsumedCapacity", "TableName"})
_CHANGES = _RETURNS | {
    *("ConditionExpression", "ConditionalOperator", "ReturnItemCollectionMetrics", "ReturnValues"),
    "ReturnValuesOnConditionCheckFailure",
}
_EXPRESSIONS = frozenset({"Expected", "ExpressionAttributeNames", "ExpressionAttributeValues"})
_GET_ITEM = Parameters(
    ("TableName", "Key"),
    _RETURNS | {"ProjectionExpression"},
    frozenset({"AttributesToGet", "ConsistentRead", "ExpressionAttributeNames", "Key"}),
)
_PUT_ITEM = Parameters(("TableName", "Item"), _CHANGES, _EXPRESSIONS | {"Item"})
_UPDATE_ITEM = Parameters(
    ("TableName", "Key"), _CHANGES | {"UpdateExpression"}, _EXPRESSIONS | {"AttributeUpdates", "Key"}
)
_DELETE_ITEM = Parameters(("TableName", "Key"), _CHANGES, _EXPRESSIONS | {"Key"})
_KNOWN = {
    "dynamodb:deleteItem": _DELETE_ITEM,
    "dynamodb:getItem": _GET_ITEM,
    "dynamodb:putItem": _PUT_ITEM,
    "dynamodb:updateItem": _UPDATE_ITEM,
    "events:putEvents": _PUT_EVENTS,
    "events:putEvents.waitForTaskToken": _PUT_EVENTS,
    "lambda:invoke": _INVOKE,
    "lambda:invoke.waitForTaskToken": _INVOKE,
    "s3:getObject": Parameters(("Bucket", "Key"), frozenset({"Bucket", "Key", "VersionId"})),
    "s3:listObjectsV2": Parameters(("Bucket",), frozenset({"Bucket", "Prefix"})),
    "s3:putObject": Parameters(("Bucket",), frozenset({"Bucket", "Prefix"})),
    "sns:publish": _PUBLISH,
    "sns:publish.waitForTaskToken": _PUBLISH,
    "sqs:sendMessage": _SEND,
    "sqs:sendMessage.waitForTaskToken": _SEND,
    "states:startExecution": _START,
    "states:startExecution.sync": _START,
    "states:startExecution.sync:2": _START,
    "states:startExecution.waitForTaskToken": _START,
}


def of(resource: str) -> Parameters | None:
    """What an integration takes, None for one that is not checked."""
    return _KNOWN.get(resource.partition(":states:::")[2])


def wrong_parameters(resource: str, arguments: Json) -> Iterator[tuple[str, str]]:
    """The faults, each with the field's path below the arguments. An expression of a definition is text."""
    known = of(resource)
    if known is None:
        return
    given = arguments if isinstance(arguments, dict) else {}
    for name, value in given.items():
        if name in known.texts:
            if not isinstance(value, str):
                yield f"/{name}", f"The value for the field '{name}' must be a STRING"
        elif name not in known.others:
            yield "", f"The field '{name}' is not supported by Step Functions"
    for name in known.required:
        if name not in given:
            yield "", f"The field '{name}' is required but was missing"
