"""What a vendor's HTTP error means, and who must act: `stepsmith.contracts.errors` by status, code and words.

    429                      LlmThrottled          (out of credit: LlmAuthentication)
    529, 503 and "overload"  LlmOverloaded
    408, 504                 LlmTimeout
    5xx, 409                 LlmUnavailable
    401, 402, 403            LlmAuthentication
    413, or the words        LlmContextTooLong
    400, 404, 422, 3xx       LlmInvalidRequest

Sources: Anthropic "Errors" (https://docs.anthropic.com/en/api/errors), OpenAI "Error codes"
(https://platform.openai.com/docs/guides/error-codes), both read through the SDKs' own exception classes.
A vendor may repeat parts of a request in its message. Its words are passed on only where they repeat nothing of the
conversation, and keys are blacked out.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from stepsmith.contracts import (
    LlmAuthentication,
    LlmContextTooLong,
    LlmError,
    LlmInvalidRequest,
    LlmOverloaded,
    LlmThrottled,
    LlmTimeout,
    LlmUnavailable,
)

MAX_WORDS = 300
_SHARED_CHARACTERS = 20
_TOO_LONG = re.compile(
    r"prompt is too long|context[ _](length|window|size)|maximum context|too many (input )?tokens|exceed_context_size",
    re.IGNORECASE,
)
_NO_CREDIT = re.compile(r"insufficient_quota|credit balance|billing_(hard_limit|error)|spend_limit", re.IGNORECASE)
_KEY = re.compile(r"\b(?:sk|pk|key|xai|gsk)[-_][\w*.-]{6,}|\bBearer\s+\S+")


@dataclass(frozen=True)
class Refusal:
    """A vendor's HTTP error: `kind` and `code` are its own names for it (empty where it gave none), `words` its
    message, `headers` in lower case."""

    vendor: str
    model: str
    status: int
    kind: str
    code: str
    words: str
    headers: Mapping[str, str]


def error(refusal: Refusal, private: Iterable[str]) -> LlmError:
    """The error to raise. `private` are the texts of the conversation, of which nothing may be repeated."""
    said = _said(refusal, private)
    match refusal.status:
        case 429 if not _is_out_of_credit(refusal):
            return LlmThrottled(f"{said} Too many requests for this account.", retry_after(refusal.headers))
        case 529:
            return LlmOverloaded(f"{said} It is over capacity.", retry_after(refusal.headers))
        case 503 if "overload" in f"{refusal.kind} {refusal.code} {refusal.words}".lower():
            return LlmOverloaded(f"{said} It is over capacity.", retry_after(refusal.headers))
        case 408 | 504:
            return LlmTimeout(f"{said} It gave no answer in time.")
        case 401 | 402 | 403 | 429:
            return LlmAuthentication(f"{said} {_who_pays(refusal)}")
        case status if status >= 500 or status == 409:
            return LlmUnavailable(f"{said} Try again, or another model.")
    return _bad_request(refusal, said)


def retry_after(headers: Mapping[str, str], now: float | None = None) -> int | None:
    """Whole seconds that a vendor asks to wait: ``retry-after-ms``, or ``retry-after`` in seconds or as a date
    (RFC 9110, section 10.2.3), rounded up. None where it says nothing that can be read."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return math.ceil(milliseconds / 1000)
    given = headers.get("retry-after", "")
    seconds = _number(given)
    if seconds is not None:
        return math.ceil(seconds)
    try:
        return max(0, math.ceil(parsedate_to_datetime(given).timestamp() - (time.time() if now is None else now)))
    except ValueError:
        return None


def public(words: str, private: Iterable[str]) -> str:
    """A vendor's words, or nothing where they repeat the conversation; keys are blacked out."""
    words = " ".join(words.split())[:MAX_WORDS]
    windows = [words[at : at + _SHARED_CHARACTERS] for at in range(len(words) - _SHARED_CHARACTERS + 1)]
    for text in (" ".join(each.split()) for each in private):
        if (len(text) > 3 and text in words) or any(window in text for window in windows):
            return ""
    return _KEY.sub("<key>", words)


def _bad_request(refusal: Refusal, said: str) -> LlmError:
    if refusal.status == 413 or _TOO_LONG.search(f"{refusal.code} {refusal.kind} {refusal.words}"):
        return LlmContextTooLong(
            f"{said} The conversation does not fit the model {refusal.model!r}: "
            "start a new run, ask for less at a time, or use a model with a larger context."
        )
    if _is_out_of_credit(refusal):
        return LlmAuthentication(f"{said} {_who_pays(refusal)}")
    if 300 <= refusal.status < 400:
        return LlmInvalidRequest(f"{said} It sends its callers elsewhere, which is not followed: correct the base URL.")
    if refusal.status == 404:
        return LlmInvalidRequest(f"{said} Check the model's name {refusal.model!r} and the base URL.")
    return LlmInvalidRequest(f"{said} The request must be changed: see the agent's tools, schema and model settings.")


def _said(refusal: Refusal, private: Iterable[str]) -> str:
    names = ", ".join(name for name in (refusal.kind, refusal.code) if name)
    names, words = names and f" ({names})", public(refusal.words, private).rstrip(".")
    return f"{refusal.vendor} answered HTTP {refusal.status}{names}{words and f': {words}'}."


def _is_out_of_credit(refusal: Refusal) -> bool:
    return bool(_NO_CREDIT.search(f"{refusal.kind} {refusal.code} {refusal.words}"))


def _who_pays(refusal: Refusal) -> str:
    if _is_out_of_credit(refusal) or refusal.status == 402:
        return "The account has no credit left: the operator must add some."
    return f"The operator must check the key and its right to use the model {refusal.model!r}."


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
