"""Paging of the List actions: `MaxItems` at a time, and a `Marker` that says where the next page begins."""

import base64
from collections.abc import Callable, Sequence
from typing import Any

from stepsmith.local.functions.errors import invalid

MOST = 50
"""What a page has unless told, and at most ("ListFunctions returns a maximum of 50 items in each response")."""


def page[T](
    given: dict[str, Any], fetch: Callable[[str, int], Sequence[T]], key: Callable[[T], str]
) -> tuple[Sequence[T], str | None]:
    """What `fetch(after, limit)` gives, and the marker of the next page if there is one. `after` is the `key` of the
    last item before, empty at first. Raises LambdaError for a marker that was not given here."""
    limit = min(given.get("MaxItems", MOST), MOST)
    found = fetch(_opened(given.get("Marker", "")), limit + 1)
    if len(found) <= limit:
        return found, None
    return found[:limit], base64.urlsafe_b64encode(key(found[limit - 1]).encode()).decode()


def _opened(marker: str) -> str:
    try:
        return base64.b64decode(marker, altchars=b"-_", validate=True).decode()
    except ValueError:
        raise invalid("Invalid marker.") from None
