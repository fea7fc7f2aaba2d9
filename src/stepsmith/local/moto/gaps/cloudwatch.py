"""Composite alarms: moto keeps and describes them, and has no way to make one. Their rule is not evaluated."""

from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult


class Gaps(CloudWatchResponse):
    """See the module."""

    def put_composite_alarm(self) -> ActionResult:
        return self.put_metric_alarm()
