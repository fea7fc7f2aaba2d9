"""The New York Times' Books API offline: GET /lists/current/{list}.json.

Shapes and faults: https://developer.nytimes.com/docs/books-product/1/overview and https://developer.nytimes.com/faq (a
wrong key is 401, a used-up quota 429, both with a `fault`; an unknown list is 404). The books are invented.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from stand_ins.service.server import Asked, Reply, Service

INVALID_KEY = Reply(
    401, {"fault": {"faultstring": "Invalid ApiKey", "detail": {"errorcode": "oauth.v2.InvalidApiKey"}}}
)
QUOTA = Reply(
    429,
    {
        "fault": {
            "faultstring": "Rate limit quota violation. Quota limit exceeded.",
            "detail": {"errorcode": "policies.ratelimit.QuotaViolation"},
        }
    },
)
NOT_FOUND = Reply(404, {"status": "ERROR", "copyright": "", "errors": ["No list found for list name and/or date."]})
_LIST = re.compile(r"/svc/books/v3/lists/current/([a-z-]+)\.json")
_TITLES = ("THE SAMPLE", "A SECOND SAMPLE", "THE LAST SAMPLE")


class NewYorkTimes(Service):
    VARIABLE: ClassVar = "NYT_BASE_URL"
    SECRETS: ClassVar = ("NYT_API_KEY",)
    PATH: ClassVar = "/svc/books/v3"

    def answer(self, asked: Asked) -> Reply:
        if not asked.parameters.get("api-key"):
            return INVALID_KEY
        found = _LIST.fullmatch(asked.path)
        return Reply(200, _list(found[1])) if found else NOT_FOUND


def _list(name: str) -> dict[str, Any]:
    books = [_book(rank, title) for rank, title in enumerate(_TITLES, start=1)]
    shown = name.replace("-", " ").title()
    results = {
        "list_name": shown,
        "list_name_encoded": name,
        "display_name": shown,
        "bestsellers_date": "2026-11-07",
        "published_date": "2026-11-22",
        "updated": "WEEKLY",
        "books": books,
    }
    return {"status": "OK", "copyright": "", "num_results": len(books), "results": results}


def _book(rank: int, title: str) -> dict[str, Any]:
    return {
        "rank": rank,
        "rank_last_week": rank,
        "weeks_on_list": 10 - rank,
        "primary_isbn10": f"000000000{rank}",
        "primary_isbn13": f"978000000000{rank}",
        "publisher": "Sample Press",
        "description": "An invented book for offline use.",
        "price": "0.00",
        "title": title,
        "author": f"Author {rank}",
        "contributor": f"by Author {rank}",
        "book_image": "",
        "amazon_product_url": "",
    }
