"""How a call can end, and the document that Lambda answers for each end.

The words are Lambda's, since state machines and people match on them. They stand in the developer guide
("Troubleshoot invocation issues in Lambda": `Sandbox.Timedout`, `Runtime.ExitError`, `signal: killed`; a REPORT line
of a function that was killed for its memory says `Error Type: Runtime.OutOfMemory`;
"Lambda quotas": 6 MB for a synchronous answer). Documents of exceptions are written by the runtime in the process.
"""

import json
import signal
from dataclasses import dataclass, field
from typing import assert_never

MAX_ANSWER_BYTES = 6 * 1024 * 1024 + 100  # Lambda's own bound: its message names 6291556 bytes.


@dataclass(frozen=True)
class Answered:
    payload: bytes = field(repr=False)


@dataclass(frozen=True)
class Raised:
    """The runtime reported an error, of the handler or of the start: the document is its own."""

    document: bytes = field(repr=False)


@dataclass(frozen=True)
class Oversized:
    """The answer passed `MAX_ANSWER_BYTES`."""


@dataclass(frozen=True)
class Exited:
    """The process ended with the call in its hands. `status` as in `subprocess`: negative is a signal."""

    status: int


@dataclass(frozen=True)
class TimedOut:
    seconds: float


@dataclass(frozen=True)
class Unserved:
    """A warm process ended before it took the call: nothing of the call has run, another process may take it."""


@dataclass(frozen=True)
class Unstarted:
    """The function's own program could not be started; `why` in Lambda's words."""

    why: str


@dataclass(frozen=True)
class OutOfMemory:
    """The process and its children held more than the function may."""


Failure = Raised | Oversized | Exited | TimedOut | Unstarted | OutOfMemory
Outcome = Answered | Failure | Unserved


def document(failure: Failure, request_id: str) -> bytes:
    """The error document of a call that failed, as compact JSON."""
    match failure:
        case Raised(written):
            return written
        case Oversized():
            message = f"Response payload size exceeded maximum allowed payload size ({MAX_ANSWER_BYTES} bytes)."
            return _json("Function.ResponseSizeTooLarge", message)
        case Exited(status):
            return _json("Runtime.ExitError", f"RequestId: {request_id} Error: {_ending(status)}")
        case Unstarted(why):
            return _json("Runtime.InvalidEntrypoint", f"RequestId: {request_id} Error: {why}")
        case OutOfMemory():
            message = f"RequestId: {request_id} Error: {_ending(-signal.SIGKILL)}"
            return _json("Runtime.OutOfMemory", message)
        case TimedOut(seconds):
            return _json(
                "Sandbox.Timedout", f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
            )
        case _:
            assert_never(failure)


def status(outcome: Outcome) -> str:
    """What a REPORT line says of an end that was none of the function's own making; empty for others."""
    match outcome:
        case TimedOut():
            return "Status: timeout"
        case OutOfMemory():
            return "Status: error\tError Type: Runtime.OutOfMemory"
        case Exited():
            return "Status: error\tError Type: Runtime.ExitError"
        case _:
            return ""


def _ending(status: int) -> str:
    if status == 0:
        return "Runtime exited without providing a reason"
    if status > 0:
        return f"Runtime exited with error: exit status {status}"
    return f"Runtime exited with error: signal: {_signal_words(-status)}"


def _signal_words(number: int) -> str:
    """Go's words for a signal, which Lambda prints: `killed`, `segmentation fault`, `aborted`."""
    return (signal.strsignal(number) or f"signal {number}").partition(":")[0].lower()  # macOS: "Killed: 9".


def _json(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}, separators=(",", ":")).encode()
