"""The XML of S3's answers and of the few bodies that it takes. A document is a nest of pairs: name, text or pairs."""

from collections.abc import Iterable
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from .faults import Fault

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
Node = tuple[str, "str | int | list[Node]"]


def document(name: str, children: list[Node], namespace: bool = True) -> bytes:
    """A whole document. What XML cannot carry (control characters) is left out; clients ask for url encoding."""
    attribute = f' xmlns="{NAMESPACE}"' if namespace else ""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{name}{attribute}>{_text(children)}</{name}>'.encode()


def error(fault: Fault, resource: str, request_id: str) -> bytes:
    """The body of an error ("REST error responses")."""
    about: list[Node] = [
        ("Code", fault.code),
        ("Message", fault.message),
        ("Resource", resource),
        ("RequestId", request_id),
    ]
    return document("Error", about, namespace=False)


def parts_of(body: bytes) -> list[tuple[int, str]]:
    """CompleteMultipartUpload: numbers and ETags (without quotes)."""
    try:
        return [
            (int(part.findtext("{*}PartNumber", "")), part.findtext("{*}ETag", "").strip('"'))
            for part in _parsed(body).iterfind("{*}Part")
        ]
    except ValueError as error:
        raise _malformed() from error


def keys_of(body: bytes) -> tuple[list[str], bool]:
    """DeleteObjects: the keys, and whether only errors are to be told."""
    root = _parsed(body)
    keys = [each.findtext("{*}Key", "") for each in root.iterfind("{*}Object")]
    return keys, root.findtext("{*}Quiet", "") == "true"


def _parsed(body: bytes) -> ElementTree.Element:
    if b"<!DOCTYPE" in body:
        raise _malformed()
    try:
        return ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise _malformed() from error


def _malformed() -> Fault:
    return Fault("MalformedXML", "The XML you provided was not well-formed or did not validate against our schema.")


def _text(children: Iterable[Node]) -> str:
    return "".join(f"<{name}>{_value(value)}</{name}>" for name, value in children)


def _value(value: "str | int | list[Node]") -> str:
    if isinstance(value, list):
        return _text(value)
    return escape("".join(letter for letter in str(value) if letter >= " " or letter in "\t\n\r"))
