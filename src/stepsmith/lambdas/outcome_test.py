"""The words of failures, which state machines match on."""

import json

import pytest

from stepsmith.lambdas.outcome import Exited, Failure, Oversized, Raised, TimedOut, document


@pytest.mark.parametrize(
    ("failure", "kind", "message"),
    [
        (TimedOut(3), "Sandbox.Timedout", "RequestId: r-1 Error: Task timed out after 3.00 seconds"),
        (Exited(0), "Runtime.ExitError", "RequestId: r-1 Error: Runtime exited without providing a reason"),
        (Exited(1), "Runtime.ExitError", "RequestId: r-1 Error: Runtime exited with error: exit status 1"),
        (Exited(-9), "Runtime.ExitError", "RequestId: r-1 Error: Runtime exited with error: signal: killed"),
        (
            Oversized(),
            "Function.ResponseSizeTooLarge",
            "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        ),
    ],
)
def test_a_failure_of_the_process_has_lambdas_words(failure: Failure, kind: str, message: str) -> None:
    assert json.loads(document(failure, "r-1")) == {"errorType": kind, "errorMessage": message}


def test_what_the_runtime_reported_is_passed_on_untouched() -> None:
    assert document(Raised(b'{"errorType": "X"}'), "r-1") == b'{"errorType": "X"}'
