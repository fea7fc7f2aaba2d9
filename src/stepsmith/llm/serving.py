"""One call of a model as a Lambda: `serve` puts the kit's steps around a vendor's `ask`.

    parse the request -> cancelled? -> load the conversation -> ask -> bound the message -> output, price, chunk

Every error that leaves is one of contracts.md's, so that the state machine can tell them apart; a `ContractError` in
the machine's own request is an `LlmInvalidRequest`. The SDK's retries are off: the machine retries, visibly.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

from stepsmith.contracts import (
    ContractError,
    LlmAuthentication,
    LlmError,
    LlmInvalidRequest,
    LlmTimeout,
    LlmUnavailable,
    Message,
    ModelAnswer,
    ModelRequest,
    RunCancelled,
)
from stepsmith.objects import Location, Objects, ObjectsUnavailable, S3Objects

from . import records
from .outputs import output
from .pictures import inlined
from .prices import Price
from .question import Question, Reply
from .replies import bounded
from .transcripts import Transcripts

MARGIN_SECONDS = 3.0
"""What the kit keeps of a Lambda's time to say LlmTimeout before Lambda ends it."""

Ask = Callable[[Question], Reply]
Event = Mapping[str, Any]


class LambdaContext(Protocol):
    """What is used of Lambda's context object."""

    def get_remaining_time_in_millis(self) -> int: ...


Handler = Callable[[Event, LambdaContext], dict[str, Any]]


@dataclass(frozen=True)
class Caller:
    """A vendor's `ask` with what the kit needs around it; `pictures` says whether the vendor is shown any."""

    provider: str
    ask: Ask
    price: Price
    pictures: bool
    objects: Objects
    transcripts: Transcripts

    def answer(self, request: ModelRequest, timeout_seconds: float) -> ModelAnswer:
        """One call, from its request to its answer."""
        if self.transcripts.is_cancelled(request):
            raise RunCancelled(f"The run {request.run_id!r} was cancelled.")
        question = self._question(request, timeout_seconds)
        started = time.monotonic()
        reply = self.ask(question)
        return self._answer(question, reply, round((time.monotonic() - started) * 1000))

    def _question(self, request: ModelRequest, timeout_seconds: float) -> Question:
        messages = self.transcripts.messages(request.transcript)
        shown = inlined(messages, self.objects, self.transcripts.bucket) if self.pictures else {}
        return Question(request, messages, timeout_seconds, shown)

    def _answer(self, question: Question, reply: Reply, latency_ms: int) -> ModelAnswer:
        request = question.request
        said = _checked(reply, self.provider, latency_ms)
        message = self._bounded(question, said.message)
        result = output(message, request.output_schema, request.max_output_bytes, partial(self._keep, request))
        return replace(
            said,
            message=message,
            cost_usd=self.price(said.model, said.usage),
            chunk=self.transcripts.shelve(request),
            output=result.value,
            output_errors=result.errors,
        )

    def _bounded(self, question: Question, message: Message) -> Message:
        used = (call.id for message in question.messages for call in message.calls)
        keep = partial(self._keep_text, question.request)
        return bounded(message.content, turn=question.request.turn, used=used, keep=keep)

    def _keep_text(self, request: ModelRequest, text: str) -> str:
        return self._keep(request, text.encode("utf-8", "replace"), "text/markdown")

    def _keep(self, request: ModelRequest, data: bytes, media_type: str) -> str:
        """Stores what is too long for the message as an artifact of the run, named by its content."""
        suffix = {"text/markdown": "md", "application/json": "json"}[media_type]
        name = f"answer-{request.turn}-{hashlib.sha256(data).hexdigest()[:8]}.{suffix}"
        uri = Location(self.transcripts.bucket, f"artifacts/{request.agent}/{request.run_id}/{name}")
        self.objects.put(uri, data, media_type)
        return str(uri)


def serve(provider: str, ask: Ask, price: Price, objects: Objects | None = None, *, pictures: bool = False) -> Handler:
    """The Lambda handler of a model caller. `objects` is the artifact store; by default what the environment names.
    With `pictures` those of the conversation are read for `Question.pictures`."""
    store = objects or S3Objects()
    callers: dict[str, Caller] = {}

    def handler(event: Event, context: LambdaContext) -> dict[str, Any]:
        request = _request(event)
        bucket = _bucket()
        caller = callers.setdefault(bucket, Caller(provider, ask, price, pictures, store, Transcripts(store, bucket)))
        try:
            with _store_errors():
                answer = caller.answer(request, _timeout(request, context))
        except (LlmError, RunCancelled) as error:
            records.failed(request, provider, error)
            raise
        records.answered(request, answer)
        return answer.to_json()

    return handler


def _checked(reply: Reply, provider: str, latency_ms: int) -> ModelAnswer:
    """What a vendor said, held against the contract before anything is made of it; not yet bounded and priced. The
    error names the place and nothing of what was said."""
    message = Message("assistant", reply.content)
    answer = ModelAnswer(message, reply.stop_reason, reply.usage, None, provider, reply.model, latency_ms)
    try:
        return ModelAnswer.from_json(_transmitted(answer.to_json()))
    except ContractError as error:
        at = error.at
    except (ValueError, RecursionError):  # NaN, and arrays in arrays without end.
        at = "a value that is no JSON"
    raise LlmUnavailable(f"The vendor's answer is not as documented, at {at}. Try another model.")


def _transmitted(value: dict[str, Any]) -> Any:
    """`value` as it comes through the wire: JSON has no NaN, UTF-8 no lone surrogates (they are replaced)."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


@contextmanager
def _store_errors() -> Iterator[None]:
    """The artifact store's errors by who must act: nobody where it is down, else the operator."""
    try:
        yield
    except ObjectsUnavailable as error:
        raise LlmUnavailable(str(error)) from None
    except (PermissionError, FileNotFoundError) as error:
        raise LlmAuthentication(f"{error} The operator must give the caller its bucket and its role.") from None


def _request(event: Event) -> ModelRequest:
    try:
        return ModelRequest.from_json(event)
    except ContractError as error:
        raise LlmInvalidRequest(f"The request to the model caller is out of contract: {error}") from None


def _bucket() -> str:
    if bucket := os.environ.get("STEPSMITH_BUCKET"):
        return bucket
    raise LlmInvalidRequest("STEPSMITH_BUCKET is not set: the operator must give the caller its bucket.")


def _timeout(request: ModelRequest, context: LambdaContext) -> float:
    """Seconds that the vendor has: what is left of the run and of this Lambda, whichever ends first."""
    left = min(_until(request.deadline), context.get_remaining_time_in_millis() / 1000 - MARGIN_SECONDS)
    if left <= 0:
        raise LlmTimeout("There is no time left to ask the model.")
    return left


def _until(deadline: str) -> float:
    try:
        moment = datetime.fromisoformat(deadline)
    except ValueError:
        raise LlmInvalidRequest(f"deadline: an RFC 3339 time is needed, not {deadline!r}") from None
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
