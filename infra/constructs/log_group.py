"""The log group of a function or a state machine: made here, so that it has an end, and goes with what writes to it."""

from infra.iac import CloudwatchLogGroup, Construct

RETENTION_DAYS = 7


def log_group(scope: Construct, name: str) -> CloudwatchLogGroup:
    return CloudwatchLogGroup(scope, "logs", name=name, retention_in_days=RETENTION_DAYS)
