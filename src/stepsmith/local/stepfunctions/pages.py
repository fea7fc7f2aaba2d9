"""Paging of the List actions: a page, and an opaque token that says where the next one begins.

    found, token = page(api, given, lambda after, limit: versions.list(arn, limit, after), lambda each: each.number)

A token names the last item of its page, holds for 24 hours, and goes only with the arguments it was given for (API
reference: "Keep all other arguments unchanged", "Using an expired pagination token will return an HTTP 400
InvalidToken error"). `maxResults` is 100 unless told, at most 1,000; 0 is the default.
"""

import base64
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from .api import Api
from .errors import invalid_page_token

DEFAULT = 100
HOLDS_MS = 24 * 60 * 60 * 1000
_CHECK_BYTES = 12
_PLACE = ("maxResults", "nextToken")


def page[T](
    api: Api,
    given: dict[str, Any],
    fetch: Callable[[Any, int], Sequence[T]],
    key: Callable[[T], str | int],
) -> tuple[Sequence[T], str | None]:
    """The items that `fetch(after, limit)` gives, and the token of the next page if there is one.

    `after` is the `key` of the last item of the page before, None for the first page. Raises InvalidToken.
    """
    limit = given.get("maxResults") or DEFAULT
    after = _opened(api, given, given["nextToken"]) if "nextToken" in given else None
    found = fetch(after, limit + 1)
    if len(found) <= limit:
        return found, None
    return found[:limit], _token(api, given, key(found[limit - 1]))


def _token(api: Api, given: dict[str, Any], key: str | int) -> str:
    body = orjson.dumps([api.now_ms() + HOLDS_MS, key])
    return base64.urlsafe_b64encode(_check(given, body) + body).decode()


def _opened(api: Api, given: dict[str, Any], token: str) -> Any:
    try:
        text = base64.b64decode(token, altchars=b"-_", validate=True)
    except ValueError:
        raise invalid_page_token() from None
    check, body = text[:_CHECK_BYTES], text[_CHECK_BYTES:]
    if check != _check(given, body):
        raise invalid_page_token()
    until_ms, key = orjson.loads(body)
    if api.now_ms() > until_ms:
        raise invalid_page_token()
    return key


def _check(given: dict[str, Any], body: bytes) -> bytes:
    """A sum over the token and over the arguments that it goes with."""
    others = {name: value for name, value in given.items() if name not in _PLACE}
    text = orjson.dumps(others, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(text + b"\0" + body, digest_size=_CHECK_BYTES).digest()
