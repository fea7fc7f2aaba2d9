"""Conditional requests: reads that want a certain version of an object, or a newer one, and writes that replace only
what the writer knows ("Conditional reads" and "Conditional writes" in the S3 user guide)."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from .faults import no_such_key, not_held, not_here
from .records import Object

COPY_SOURCE = "x-amz-copy-source-"


@dataclass(frozen=True, slots=True)
class IfNone:
    """The write must not replace an object."""


@dataclass(frozen=True, slots=True)
class IfMatch:
    """The write must replace the object of this ETag."""

    etag: str


Wish = IfNone | IfMatch | None


def of_write(headers: Mapping[str, str]) -> Wish:
    """What a write asks for: `If-None-Match: *` or `If-Match: ETAG`."""
    none, match = headers.get("if-none-match"), headers.get("if-match")
    if none not in (None, "*") or (none and match):
        raise not_here("a write takes If-None-Match: * or If-Match with one ETag")
    if none:
        return IfNone()
    return IfMatch(match.strip().strip('"')) if match else None


def hold(wish: Wish, key: str, found: Object | None) -> None:
    """Fault when the object (None: there is none) is not as the write wants it."""
    match wish:
        case IfNone() if found is not None:
            raise not_held("If-None-Match")
        case IfMatch() if found is None:
            raise no_such_key(key)
        case IfMatch(etag) if found is not None and etag not in ("*", found.about.etag):
            raise not_held("If-Match")


def is_known(headers: Mapping[str, str], found: Object, prefix: str = "") -> bool:
    """Whether a reader has the object already. Fault PreconditionFailed for one that wanted another. `prefix` is that
    of the headers of a copy's source."""
    match, since = headers.get(f"{prefix}if-match"), _seconds(headers.get(f"{prefix}if-unmodified-since"))
    if match is not None and not _names(match, found.about.etag):
        raise not_held("If-Match")
    if match is None and since is not None and int(found.modified) > since:
        raise not_held("If-Unmodified-Since")
    none, since = headers.get(f"{prefix}if-none-match"), _seconds(headers.get(f"{prefix}if-modified-since"))
    if none is not None:
        return _names(none, found.about.etag)
    return since is not None and int(found.modified) <= since


def _names(condition: str, etag: str) -> bool:
    return any(each.strip().removeprefix("W/").strip('"') in ("*", etag) for each in condition.split(","))


def _seconds(date: str | None) -> float | None:
    """A date that is none is not looked at, as HTTP has it."""
    try:
        return parsedate_to_datetime(date).timestamp() if date else None
    except ValueError:
        return None
