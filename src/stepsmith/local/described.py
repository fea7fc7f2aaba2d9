"""What can be said of an execution from its rows alone, without waking or replaying it: status, result, redrive.

The words why an execution cannot be redriven are those of DescribeExecution's `redriveStatusReason` (API reference).
"""

from dataclasses import dataclass
from typing import Any

from stepsmith.local.executions import is_express
from stepsmith.local.packing import encode
from stepsmith.local.store import Beginning, Ending, Row

REDRIVABLE, BY_MAP_RUN = "REDRIVABLE", "REDRIVABLE_BY_MAP_RUN"
REDRIVABLE_MS = 14 * 24 * 3600 * 1000
"""How long after its end an execution can be redriven (API reference, RedriveExecution)."""
OPEN_MS = 365 * 24 * 3600 * 1000
"""How long an execution may be open (quotas related to state machine executions)."""
_HISTORY_FULL = "The execution reached the maximum number of history events"


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution, as it is recorded."""

    row: Row
    beginning: Beginning
    ending: Ending | None

    @property
    def name(self) -> str:
        """Its name, without the id that an Express execution's ARN ends with."""
        return self.row.name.partition(":")[0]

    @property
    def input_text(self) -> str:
        return (self.beginning.input_text or encode(self.beginning.input)).decode()

    @property
    def output(self) -> Any:
        """The output of one that succeeded; None otherwise."""
        return self.ending.result if self.ending and self.ending.status == "SUCCEEDED" else None

    @property
    def failure(self) -> dict[str, str]:
        """`Error` and `Cause` of one that did not, as far as there are any."""
        return dict(self.ending.result) if self.ending and self.ending.status != "SUCCEEDED" else {}

    def redrivability(self, now_ms: int, is_deleting: bool = False) -> tuple[str, str | None]:
        """`redriveStatus` and its reason, as DescribeExecution has them: a child of a Map Run is redriven by that."""
        why_not = self._why_not_redrivable(now_ms, is_deleting)
        if why_not is not None:
            return "NOT_REDRIVABLE", why_not
        return REDRIVABLE if self.row.source.map_run is None else BY_MAP_RUN, None

    def _why_not_redrivable(self, now_ms: int, is_deleting: bool) -> str | None:
        if is_deleting:
            return "State machine is in DELETING status"
        if self.ending is None or self.ending.status == "SUCCEEDED":
            return f"Execution is {self.row.status} and cannot be redriven"
        if is_express(self.row.arn) and self.row.source.map_run is None:
            return "Execution is of type EXPRESS and cannot be redriven"
        if self.failure.get("Cause", "").startswith(_HISTORY_FULL):
            return "Execution history event limit exceeded"
        if now_ms - self.row.started_ms > OPEN_MS:
            return "Execution has exceeded the max execution time"
        if now_ms - self.ending.stopped_ms > REDRIVABLE_MS:
            return "Execution redrivable period exceeded"
        return None
