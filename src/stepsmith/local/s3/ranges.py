"""The part of an object that a reader asks for ("Range" and `partNumber` of GetObject)."""

import re
from collections.abc import Sequence

from .faults import Fault

Span = tuple[int, int]
"""First byte and the one after the last."""


def span(header: str, size: int) -> Span | None:
    """The span of a Range header; None for the whole: no range, several (which S3 ignores), or none that HTTP knows."""
    found = re.fullmatch(r"bytes=([0-9]{0,18})-([0-9]{0,18})", header.replace(" ", ""))
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if first and last and int(last) < int(first):
        return None
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last) + 1, size) if first and last else size
    if start >= end:
        raise Fault("InvalidRange", "The requested range is not satisfiable", ActualObjectSize=str(size))
    return start, end


def of_part(number: str, parts: Sequence[int], size: int) -> Span:
    """The span of one part of an object that was uploaded in parts of these sizes; any other object is one part."""
    sizes = parts or (size,)
    if not re.fullmatch("[0-9]{1,5}", number) or not 1 <= int(number) <= len(sizes):
        raise Fault("InvalidPartNumber", "The requested partnumber is not satisfiable")
    start = sum(sizes[: int(number) - 1])
    return start, start + sizes[int(number) - 1]
