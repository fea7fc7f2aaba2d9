"""What `lambda:invoke` answers, and the little of it that a journal has to keep.

A state sees Lambda's whole answer: the payload in an envelope with the headers of the HTTP response (the shape that
"Invoke an AWS Lambda function with Step Functions" shows in the developer guide). Of this only the payload cannot be
computed again: ids follow from the execution and the effect, the date from the time of the outcome. So `Invoked` is
what happens and what is stored, and `envelope` what the interpreter is given, live and in every replay.
"""

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from typing import Any

from stepsmith.asl import MAX_BYTES
from stepsmith.local.packing import encode

LATEST = "$LATEST"


@dataclass(frozen=True, slots=True)
class Invoked:
    """A function was called. `version` is what ran (None: nothing has, for Event and DryRun); `log_tail` is the end of
    its log where LogType asked for it."""

    payload: Any
    version: str | None = LATEST
    status: int = 200
    log_tail: str | None = None


def request_id(execution: str, effect: int) -> str:
    """The id of the request that the effect of an execution (its ARN) makes, in the form of a random UUID."""
    mark = _mark(execution, effect)
    return f"{mark[:8]}-{mark[8:12]}-4{mark[13:16]}-a{mark[17:20]}-{mark[20:]}"


def trace_header(execution: str, effect: int, began_ms: int) -> str:
    """X-Ray's header for the request; nothing is sampled on this machine."""
    return f"Root=1-{began_ms // 1000:08x}-{_mark(execution, effect)[:24]};Sampled=0"


def envelope(invoked: Invoked, execution: str, effect: int, now_ms: int) -> dict[str, Any]:
    """The answer as a state sees it."""
    id = request_id(execution, effect)
    executed = {} if invoked.version is None else {"ExecutedVersion": invoked.version}
    tail = {} if invoked.log_tail is None else {"LogResult": b64encode(invoked.log_tail.encode()).decode()}
    headers = _headers(invoked, id, trace_header(execution, effect, now_ms), now_ms)
    return {
        **executed,
        **tail,
        "Payload": invoked.payload,
        **metadata(headers, id, invoked.status),
        "StatusCode": invoked.status,
    }


def size_of(invoked: Invoked) -> int:
    """Bytes of the envelope as JSON, or of its payload where the envelope cannot be too large: the rest is short."""
    payload = len(encode(invoked.payload))
    if invoked.log_tail is None and payload < MAX_BYTES - 4096:
        return payload
    return len(encode(envelope(invoked, "", 0, 0)))


def metadata(headers: dict[str, str], id: str, status: int = 200) -> dict[str, Any]:
    """What the answers of optimised integrations tell of the HTTP response."""
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": status,
        },
        "SdkResponseMetadata": {"RequestId": id},
    }


def _headers(invoked: Invoked, id: str, trace: str, now_ms: int) -> dict[str, str]:
    executed = {} if invoked.version is None else {"X-Amz-Executed-Version": invoked.version}
    return {
        **executed,
        "x-amzn-Remapped-Content-Length": "0",
        "Connection": "keep-alive",
        "x-amzn-RequestId": id,
        "Content-Length": str(len(encode(invoked.payload))),
        "Date": _date(now_ms // 1000),
        "X-Amzn-Trace-Id": trace,
        "Content-Type": "application/json",
    }


@lru_cache(maxsize=16)
def _mark(execution: str, effect: int) -> str:
    """32 hexadecimal digits that no other effect has."""
    return hashlib.blake2b(f"{execution}#{effect}".encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=16)
def _date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)
