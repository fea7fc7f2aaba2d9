"""The nouns: a function as it is configured, a call of it, its answer, a line of its log.

A `Function` says everything that Lambda's own configuration says, and where its code lies on this machine:

- `code` is what `/var/task` is on Lambda: a folder (development: an edit is live at the next call) or a built zip.
  It is the first place where modules are looked for, and the working folder.
- `layers` are zips, unpacked together into one folder in this order, which is what `/opt` is on Lambda.
- `python_path` follows it on `sys.path`: source roots and the site-packages of a locked environment. A zip has none.
- `watch` are the files and folders whose edits end the warm processes; empty means the code folder whole.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{1,200}")


@dataclass(frozen=True)
class Function:
    """One configured function. Two values that are equal share warm processes."""

    name: str
    code: Path
    handler: str
    runtime: str = "python3.12"
    timeout_seconds: float = 3.0
    memory_mb: int = 128
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)  # May hold secrets: never shown.
    python_path: tuple[Path, ...] = ()
    watch: tuple[Path, ...] = ()
    version: str = "$LATEST"
    layers: tuple[Path, ...] = ()
    logs_to: str = ""  # a log group of one's own
    region: str = "us-east-1"
    account: str = "000000000000"

    @property
    def arn(self) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"

    @property
    def log_group(self) -> str:
        return self.logs_to or f"/aws/lambda/{self.name}"


def is_artifact(function: Function) -> bool:
    """Whether it runs from a built zip, as on Lambda, and not from its sources."""
    return function.code.suffix == ".zip"


@dataclass(frozen=True)
class Invocation:
    """One call of a function, as the Runtime API hands it out. The deadline is set when a process takes it."""

    request_id: str
    payload: bytes = field(repr=False)
    arn: str
    timeout_seconds: float
    trace_header: str | None = None
    client_context: str | None = None  # A text of JSON; what is not ASCII is escaped in it.

    def __post_init__(self) -> None:
        if not _REQUEST_ID.fullmatch(self.request_id):
            raise ValueError(
                f"Request id {self.request_id!r} does not fit into a path: use letters, digits and -_.: only."
            )
        for text in (self.trace_header, self.client_context):
            if text and not (text.isascii() and text.isprintable()):
                raise ValueError(f"{text!r} does not fit into a header: use printable ASCII only.")


@dataclass(frozen=True)
class Answer:
    """What Invoke answers. With `error` the payload is Lambda's error document
    `{errorMessage, errorType[, requestId, stackTrace]}`."""

    payload: bytes = field(repr=False)
    error: Literal["Unhandled"] | None
    duration_ms: float
    init_ms: float | None  # Only for a call that had to start a process.
    log_tail: str = field(repr=False)  # The last 4 KB that the function printed during this call.


@dataclass(frozen=True)
class LogLine:
    """A line that a function printed, or that Lambda says of it (START, END, REPORT); `request_id` is empty while it
    starts. `stream` is the one of its process, in the function's log group."""

    function: str
    request_id: str
    text: str
    group: str = ""
    stream: str = ""
