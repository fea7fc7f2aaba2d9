"""The XML of S3's answers and of the few bodies that it takes. A document is a nest of pairs: name, text or pairs."""

from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from . import checksums
from .checksums import Checksum
from .faults import Fault
from .uploads import Wanted

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
Node = tuple[str, "str | int | list[Node]"]
MAX_DELETED = 1000


@dataclass(frozen=True, slots=True)
class Doomed:
    """An object that DeleteObjects names; `etag` where only that one is meant."""

    key: str
    version: str
    etag: str | None


def document(name: str, children: list[Node], namespace: bool = True) -> bytes:
    """A whole document. What XML cannot carry (control characters) is left out; clients ask for url encoding."""
    attribute = f' xmlns="{NAMESPACE}"' if namespace else ""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{name}{attribute}>{_text(children)}</{name}>'.encode()


def text(name: str, value: str) -> bytes:
    """A document that is one text."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{NAMESPACE}">{_value(value)}</{name}>'.encode()


def error(fault: Fault, resource: str, request_id: str) -> bytes:
    """The body of an error ("REST error responses")."""
    about: list[Node] = [
        ("Code", fault.code),
        ("Message", fault.message),
        *fault.details.items(),
        ("Resource", resource),
        ("RequestId", request_id),
    ]
    return document("Error", about, namespace=False)


def wanted_of(body: bytes) -> list[Wanted]:
    """CompleteMultipartUpload: the parts that the object is made of."""
    try:
        return [_wanted(part) for part in _parsed(body).iterfind("{*}Part")]
    except ValueError as error:
        raise _malformed() from error


def doomed_of(body: bytes) -> tuple[list[Doomed], bool]:
    """DeleteObjects: what is to go, and whether only errors are to be told."""
    root = _parsed(body)
    doomed = [
        Doomed(each.findtext("{*}Key", ""), each.findtext("{*}VersionId", "null"), _unquoted(each.findtext("{*}ETag")))
        for each in root.iterfind("{*}Object")
    ]
    if not 1 <= len(doomed) <= MAX_DELETED:
        raise _malformed()
    return doomed, root.findtext("{*}Quiet", "") == "true"


def tags_of(body: bytes) -> list[tuple[str, str]]:
    """PutObjectTagging."""
    tags = _parsed(body).iterfind("{*}TagSet/{*}Tag")
    return [(tag.findtext("{*}Key", ""), tag.findtext("{*}Value", "")) for tag in tags]


def location_of(body: bytes) -> str:
    """CreateBucket: where the bucket is to be; empty for us-east-1."""
    return _parsed(body).findtext("{*}LocationConstraint", "") if body.strip() else ""


def _wanted(part: ElementTree.Element) -> Wanted:
    elements = ((name, part.findtext(f"{{*}}Checksum{name}")) for name in checksums.ALGORITHMS)
    given = (Checksum(name, value) for name, value in elements if value)
    number, etag = int(part.findtext("{*}PartNumber", "")), _unquoted(part.findtext("{*}ETag"))
    return Wanted(number, etag or "", next(given, None))


def _unquoted(etag: str | None) -> str | None:
    return None if etag is None else etag.strip('"')


def _parsed(body: bytes) -> ElementTree.Element:
    if b"<!DOCTYPE" in body:
        raise _malformed()
    try:
        return ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise _malformed() from error


def _malformed() -> Fault:
    said = "The XML you provided was not well-formed or did not validate against our published schema"
    return Fault("MalformedXML", said)


def _text(children: Iterable[Node]) -> str:
    return "".join(f"<{name}>{_value(value)}</{name}>" for name, value in children)


def _value(value: "str | int | list[Node]") -> str:
    if isinstance(value, list):
        return _text(value)
    return escape("".join(letter for letter in str(value) if letter >= " " or letter in "\t\n\r"))
