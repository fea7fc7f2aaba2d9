"""Perplexity offline: POST /chat/completions answers about the companies that it knows of, with sources.

Shapes: https://docs.perplexity.ai/api-reference (choices, search_results, citations, usage); a wrong key is 401, a
used-up rate 429 (https://docs.perplexity.ai/guides/usage-tiers). The facts are invented, and say so.
"""

from __future__ import annotations

import re
from typing import ClassVar

from stand_ins.service.server import Asked, Reply, Service

UNAUTHORIZED = Reply(401, "<html><head><title>401 Authorization Required</title></head></html>")
RATE_LIMITED = Reply(
    429, {"error": {"message": "Request rate limit exceeded", "type": "rate_limit", "code": 429}}, {"retry-after": "1"}
)
_ASKED = re.compile(r"Company: (?P<company>.*)\nTopic: (?P<topic>.*)")


class Perplexity(Service):
    VARIABLE: ClassVar = "PERPLEXITY_BASE_URL"
    SECRETS: ClassVar = ("PPLX_API_KEY",)

    def answer(self, asked: Asked) -> Reply:
        question = asked.json()
        if not asked.headers.get("authorization", "").startswith("Bearer "):
            return UNAUTHORIZED
        if asked.path != "/chat/completions" or not question.get("messages"):
            return Reply(400, {"error": {"message": "messages is required", "type": "invalid_request", "code": 400}})
        return Reply(200, _completion(question["model"], question["messages"][-1]["content"]))


def _completion(model: str, question: str) -> dict[str, object]:
    found = _ASKED.match(question)
    company, topic = (found["company"], found["topic"]) if found else ("the company", "this")
    slug = re.sub(r"\W+", "-", f"{company} {topic}".lower()).strip("-")
    url = f"https://example.com/{slug}"
    text = f"(Offline sample, not a fact.) What is known of {topic} of {company} stands on a sample page [1]."
    return {
        "id": f"sample-{slug}",
        "model": model,
        "created": 0,
        "object": "chat.completion",
        "usage": {"prompt_tokens": 40, "completion_tokens": 25, "total_tokens": 65, "search_context_size": "low"},
        "citations": [url],
        "search_results": [{"title": f"{company}: {topic}", "url": url, "date": "2026-01-31"}],
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
    }
