"""The table of approvals: DynamoDB's, on this machine or on AWS, by the same five requests.

    table = Table("stepsmith-local-approvals", ask, mark)
    items = await table.waiting("2026-11-23T02:10:00.000Z")       # undecided, and in time at that moment
    won = await table.decide(key, token, text)                    # False: somebody else has decided

A compiled agent writes the items (agent/machine/approval.py), Terraform makes the table (infra), here `seeds` does.
Names of attributes: contracts/approval.py.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from stepsmith.contracts.approval import DECISION, KEY, UNDECIDED, WAITING

Item = Mapping[str, Mapping[str, Any]]
"""Attributes by name, each with its type: `{"run_id": {"S": "7f3k"}}`."""
Key = tuple[str, str]
Ask = Callable[[str, Mapping[str, Any]], Awaitable[Any]]
"""Asks DynamoDB: an action and its parameters in, the answer out. Raises Refused."""
Mark = Callable[[], Awaitable[int | None]]

REQUEST, TOKEN, EXPIRES_AT = "request", "task_token", "expires_at"
"""Attributes of an item: the ApprovalRequest as JSON, the token of the task that waits, and until when it does."""


class Refused(Exception):
    """DynamoDB's error: its code (`ConditionalCheckFailedException`) and its sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


async def _unknown() -> int | None:
    return None


class Table:
    """`mark` tells whether anything has changed: a number that grows, 0 while there is nothing, None: who knows."""

    def __init__(self, name: str, ask: Ask, mark: Mark = _unknown) -> None:
        self.name, self.mark, self._ask = name, mark, ask

    async def waiting(self, now: str) -> list[Item]:
        """The items that nobody has decided and whose time has not passed at `now`, the first to expire first."""
        if await self.mark() == 0:
            return []
        return [item async for item in self._undecided(now)]

    async def get(self, key: Key) -> Item | None:
        """The item with this key."""
        found = await self._ask("GetItem", {"TableName": self.name, "Key": _key(key), "ConsistentRead": True})
        item: Item | None = found.get("Item")
        return item

    async def put(self, item: Item) -> None:
        """The item in place of the one with its key."""
        await self._ask("PutItem", {"TableName": self.name, "Item": item})

    async def decide(self, key: Key, token: str, decision: str) -> bool:
        """Gives the item the decision; False where it has one, has another token, or where there is none: of several
        who decide, one wins."""
        try:
            await self._ask(
                "UpdateItem",
                {
                    "TableName": self.name,
                    "Key": _key(key),
                    "UpdateExpression": "SET #decision = :decision REMOVE #waiting",
                    "ConditionExpression": "attribute_not_exists(#decision) AND #token = :token",
                    "ExpressionAttributeNames": {"#decision": DECISION, "#waiting": WAITING, "#token": TOKEN},
                    "ExpressionAttributeValues": {":decision": {"S": decision}, ":token": {"S": token}},
                },
            )
        except Refused as refused:
            if refused.code != "ConditionalCheckFailedException":
                raise
            return False
        return True

    async def _undecided(self, now: str) -> AsyncIterator[Item]:
        asked = {
            "TableName": self.name,
            "IndexName": WAITING,
            "KeyConditionExpression": "#waiting = :undecided AND #expires > :now",
            "ExpressionAttributeNames": {"#waiting": WAITING, "#expires": EXPIRES_AT},
            "ExpressionAttributeValues": {":undecided": {"S": UNDECIDED}, ":now": {"S": now}},
        }
        page: dict[str, Any] = {"LastEvaluatedKey": None}
        while "LastEvaluatedKey" in page:
            start = page["LastEvaluatedKey"]
            page = await self._ask("Query", {**asked, **({"ExclusiveStartKey": start} if start else {})})
            for item in page["Items"]:
                yield item


def seeds(name: str) -> Mapping[str, list[tuple[str, Mapping[str, Any]]]]:
    """What makes the table exist before DynamoDB is first asked on this machine (local/moto)."""
    run, effect = KEY
    return {
        "dynamodb": [
            (
                "CreateTable",
                {
                    "TableName": name,
                    "BillingMode": "PAY_PER_REQUEST",
                    "AttributeDefinitions": [
                        {"AttributeName": each, "AttributeType": "S"} for each in (*KEY, WAITING, EXPIRES_AT)
                    ],
                    "KeySchema": _schema(run, effect),
                    "GlobalSecondaryIndexes": [
                        {
                            "IndexName": WAITING,
                            "KeySchema": _schema(WAITING, EXPIRES_AT),
                            "Projection": {"ProjectionType": "ALL"},
                        }
                    ],
                },
            )
        ]
    }


def _schema(hash: str, range: str) -> list[dict[str, str]]:
    return [{"AttributeName": hash, "KeyType": "HASH"}, {"AttributeName": range, "KeyType": "RANGE"}]


def _key(key: Key) -> Item:
    return {name: {"S": value} for name, value in zip(KEY, key, strict=True)}
