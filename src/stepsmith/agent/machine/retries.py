"""Which errors are tried again, and how long between.

Names are those of Step Functions' Lambda integration ("Handling errors in Step Functions workflows"): the function's
own error type, or Lambda.* and Sandbox.* of the service.
"""

from __future__ import annotations

from typing import Any

THROTTLED = ("Lambda.TooManyRequestsException",)
"""The only error which proves that the function never started."""
PLATFORM = (
    *THROTTLED,
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
)
DIED = ("Lambda.Unknown", "Sandbox.Timedout", "Runtime.ExitError", "Runtime.OutOfMemory", "States.Timeout")
"""Too slow, or the function's process died. The Developer Guide ("Handle Lambda service exceptions") counts a lack of
memory to Lambda.Unknown; Lambda has a name for it by now. A second try is a new process, without what earlier calls had
left in memory. What it had done before it died nobody knows: only repeatable tools get one."""
VENDOR_DOWN = ("LlmTimeout", "LlmUnavailable")
VENDOR_WAITS = ("LlmThrottled", "LlmOverloaded")
"""Not retried: a Retrier takes no computed delay. Model failed waits as long as the vendor says."""


def retrier(errors: tuple[str, ...], attempts: int, first: int, longest: int) -> dict[str, Any]:
    """Waits `first` seconds, then twice as long each time, at most `longest`, all with full jitter."""
    return {
        "ErrorEquals": list(errors),
        "IntervalSeconds": first,
        "MaxAttempts": attempts,
        "BackoffRate": 2.0,
        "MaxDelaySeconds": longest,
        "JitterStrategy": "FULL",
    }


CALLER = [retrier(VENDOR_DOWN, 4, 2, 30), retrier(PLATFORM, 4, 1, 20)]
REPEATABLE = [retrier(PLATFORM, 4, 1, 20), retrier(DIED, 1, 1, 20)]
ONCE = [retrier(THROTTLED, 4, 1, 20)]
TABLE = [
    retrier(
        (
            "DynamoDb.ProvisionedThroughputExceededException",
            "DynamoDb.RequestLimitExceededException",
            "DynamoDb.InternalServerErrorException",
            "DynamoDb.SdkClientException",
        ),
        4,
        1,
        20,
    )
]
"""A request that is written twice is the same item with the newer token."""


def catching(output: str, to: str, **more: Any) -> list[dict[str, Any]]:
    """Catches everything. DataLimitExceeded by its own name: the documentation says that ALL does not match it."""
    return [
        {"ErrorEquals": [error], **more, "Output": output, "Next": to}
        for error in ("States.DataLimitExceeded", "States.ALL")
    ]
