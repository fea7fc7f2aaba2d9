"""Errors that are answered without moto, in the words of the protocol that the service speaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

import orjson

Protocol = Literal["json", "cbor", "query", "s3"]


class Fault(Exception):
    """An error of AWS's: its code, a sentence, an HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes over the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def in_words(fault: Fault, protocol: Protocol, id: str) -> Answer:
    """The error as a client of this protocol reads it; `id` is the request's."""
    match protocol:
        case "json":
            body = orjson.dumps({"__type": fault.code, "message": fault.message})
            return Answer(fault.status, {"Content-Type": JSON, "x-amzn-ErrorType": fault.code}, body)
        case "cbor":
            import cbor2

            return Answer(fault.status, CBOR, cbor2.dumps({"__type": fault.code, "message": fault.message}))
        case "query":
            return Answer(fault.status, {"Content-Type": XML}, _query(fault, id).encode())
        case "s3":
            said = f"<Error>{_said(fault)}<RequestId>{id}</RequestId></Error>"
            return Answer(fault.status, {"Content-Type": XML}, f"{_PROLOGUE}{said}".encode())


def _query(fault: Fault, id: str) -> str:
    side = "Sender" if fault.status < 500 else "Receiver"
    return f"<ErrorResponse><Error><Type>{side}</Type>{_said(fault)}</Error><RequestId>{id}</RequestId></ErrorResponse>"


def _said(fault: Fault) -> str:
    return f"<Code>{escape(fault.code)}</Code><Message>{escape(fault.message)}</Message>"


JSON = "application/x-amz-json-1.1"
XML = "text/xml"
CBOR = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
_PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>\n'
