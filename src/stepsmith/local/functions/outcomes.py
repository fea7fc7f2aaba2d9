"""How a call of a function ends for a state machine: a JSON value, or an error's type with its document as cause."""

from stepsmith.asl import outcome
from stepsmith.local.packing import decode, encode

from .functions import Reply

_UNTYPED = "The cause could not be determined because Lambda did not return an error type. Returned payload: "


def outcome_of(arn: str, reply: Reply) -> outcome.Succeeded | outcome.Failed:
    """Succeeded: the answer as a JSON value. Failed: its error's type, and its error document as compact JSON."""
    return _failed(reply.payload) if reply.is_error else _succeeded(arn, reply.payload)


def _succeeded(arn: str, payload: bytes) -> outcome.Succeeded | outcome.Failed:
    try:
        return outcome.Succeeded(decode(payload) if payload else None)
    except ValueError:
        return outcome.Failed("Lambda.Unknown", f"The function {arn!r} answered what is no JSON.")


def _failed(document: bytes) -> outcome.Failed:
    """The error by its type; a document without one is Lambda.Unknown, in AWS's words."""
    try:
        value = decode(document)
    except ValueError:
        value = None
    match value:
        case {"errorType": str(error)} if error:
            return outcome.Failed(error, encode(value).decode())
        case _:
            return outcome.Failed("Lambda.Unknown", _UNTYPED + document.decode(errors="replace"))
