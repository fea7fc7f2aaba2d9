"""What every action of the Step Functions API works on, and what an action is.

    def describe_activity(api: Api, given: dict[str, Any]) -> dict[str, Any]:
        activity = api.catalog.activity(given["activityArn"])
        return {"activityArn": activity.arn, "name": activity.name, "creationDate": seconds(activity.created_ms)}

An action is a plain function, or a coroutine function where it waits (a long poll). `given` is the request as the
service model describes it: types, required members, lengths, ranges, patterns and enums are checked (shapes.py);
members that the model does not know, and nulls, are left out. What an action answers is the output as a dict; members
that are None are left out of it at every depth. An error is raised as one of errors.py. The table: actions.py.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stepsmith.local.catalog import Catalog
    from stepsmith.local.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Api:
    """The runtime and its catalog, and whose they are. `now_ms` is the runtime's clock."""

    runtime: Runtime
    catalog: Catalog
    now_ms: Callable[[], int]
    account: str = "000000000000"
    region: str = "us-east-1"

    def arn(self, kind: str, *names: str) -> str:
        """`arn:aws:states:REGION:ACCOUNT:KIND:NAME...`, for what this endpoint makes."""
        return ":".join(("arn:aws:states", self.region, self.account, kind, *names))


Answer = dict[str, Any]
Action = Callable[[Api, dict[str, Any]], Answer | Awaitable[Answer]]


def seconds(ms: int | None) -> float | None:
    """A time as the JSON protocol writes it: seconds since 1970, with milliseconds."""
    return None if ms is None else ms / 1000
