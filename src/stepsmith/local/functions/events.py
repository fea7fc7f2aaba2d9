"""Asynchronous calls (Event): accepted in the database, run in the background, tried again, and told on.

A call that was accepted is run at least once, whatever ends this process: what is left in the table is begun again by
the next resident one. Retries are Lambda's ("How Lambda handles errors and retries with asynchronous invocation"): an
error of the function twice more, after one and after two minutes; a call that finds no room for as long as it may be
old, after 1 s and then ever longer. The end goes to the function's destination, if it has one for it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from stepsmith.local.clock import Clock
from stepsmith.local.errors import StoreError

from .errors import LambdaError
from .functions import Call, Functions, Reply, Target
from .names import LATEST, function_arn
from .values import EventInvoke, Version

RETRIES, AGE_SECONDS = 2, 6 * 3600
PAUSES_MS = (60_000, 120_000)
FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS = 1_000, 300_000
UNRECORDED_MS = 5_000
"""Until the data folder is asked again to take what it refused."""
SUCCESS, EXHAUSTED, TOO_OLD = "Success", "RetriesExhausted", "EventAgeExceeded"

_LOG = logging.getLogger("stepsmith.local.functions")

Tell = Callable[[str, str, dict[str, Any]], Awaitable[None]]
"""Gives a destination (its ARN) a record, as the function's role."""


@dataclass(frozen=True, slots=True)
class Event:
    """An accepted call, by its request id. `attempts` are those that failed."""

    id: str
    function: str
    qualifier: str
    payload: bytes
    trace: str | None
    accepted_ms: int
    attempts: int = 0


class Events:
    """The asynchronous calls of one data folder. `close` leaves them to the next process."""

    def __init__(self, clock: Clock, functions: Functions, tell: Tell) -> None:
        self._clock, self._functions, self._tell = clock, functions, tell
        self._at_work: dict[str, asyncio.Task[None]] = {}

    def accept(self, target: Target, call: Call) -> None:
        """Keeps the call and begins it. Raises StoreError."""
        event = Event(
            call.request_id, target.name, target.qualifier, call.payload, call.trace_header, self._clock.now_ms()
        )
        row = (event.id, event.function, event.qualifier, event.payload, event.trace, event.accepted_ms)
        columns = "id, function, qualifier, payload, trace, accepted_ms"
        self._functions.tables.database.execute(f"REPLACE INTO event ({columns}) VALUES (?, ?, ?, ?, ?, ?)", row)
        self._begin(event.id)

    def take_up(self) -> None:
        """Begins what an earlier process has left."""
        for (id,) in self._functions.tables.database.execute("SELECT id FROM event ORDER BY accepted_ms").fetchall():
            self._begin(id)

    def close(self) -> None:
        for task in self._at_work.values():
            task.cancel()

    def _begin(self, id: str) -> None:
        task = asyncio.get_running_loop().create_task(self._work(id))
        self._at_work[id] = task
        task.add_done_callback(lambda _: self._at_work.pop(id, None))

    async def _work(self, id: str) -> None:
        """One call to its end. The payload is read for each attempt: thousands may wait."""
        while (event := self._event(id)) is not None:
            pause_ms = await self._attempt(event)
            if pause_ms is None:
                await self._record("DELETE FROM event WHERE id = ?", (id,))
            else:
                await self._pause(pause_ms)

    async def _attempt(self, event: Event) -> int | None:
        """Milliseconds until the next attempt; None: there is none. The destination is told before the row goes: who
        dies in between tells twice."""
        settings = self._settings(event)
        try:
            target = self._functions.find(event.function, event.qualifier)
        except LambdaError:  # the function is gone
            return None
        reply = await self._reply(event, target)
        pause_ms = self._pause_ms(event, reply)
        condition = _condition(event, settings, reply, self._clock.now_ms() + pause_ms)
        if condition is None:
            failed = int(reply is not None)
            await self._record("UPDATE event SET attempts = attempts + ? WHERE id = ?", (failed, event.id))
            return pause_ms
        destination = settings.on_success if condition == SUCCESS else settings.on_failure
        if destination and isinstance(target.function, Version):
            record = _record(event, target, reply, condition, self._clock.now_ms())
            await self._tell(destination, target.function.settings.role, record)
        return None

    async def _record(self, statement: str, values: tuple[Any, ...]) -> None:
        """What has happened to a call. A full disk delays the call; it is neither lost nor run once more."""
        while True:
            try:
                self._functions.tables.database.execute(statement, values)
                return
            except StoreError as error:
                _LOG.warning("An asynchronous call waits: %s", error)
            await self._pause(UNRECORDED_MS)

    async def _reply(self, event: Event, target: Target) -> Reply | None:
        """How the attempt went; None: there was no room for it, or the function cannot be started now."""
        try:
            return await self._functions.invoke(target, Call(event.payload, event.id, event.trace))
        except LambdaError:
            return None

    def _pause_ms(self, event: Event, reply: Reply | None) -> int:
        """An attempt that did not begin is repeated ever later: the pause is as long as the event has waited."""
        if reply is not None:
            return PAUSES_MS[min(event.attempts, len(PAUSES_MS) - 1)]
        waited_ms = self._clock.now_ms() - event.accepted_ms
        return min(max(waited_ms, FIRST_BACKOFF_MS), LONGEST_BACKOFF_MS)

    def _settings(self, event: Event) -> EventInvoke:
        found = self._functions.tables.event_invoke(event.function, event.qualifier or LATEST)
        return found or EventInvoke(event.function, event.qualifier, 0)

    def _event(self, id: str) -> Event | None:
        query = "SELECT id, function, qualifier, payload, trace, accepted_ms, attempts FROM event WHERE id = ?"
        row = self._functions.tables.database.execute(query, (id,)).fetchone()
        return None if row is None else Event(*row)

    async def _pause(self, ms: int) -> None:
        passed = asyncio.Event()
        alarm = self._clock.call_at(self._clock.now_ms() + ms, passed.set)
        try:
            await passed.wait()
        finally:
            alarm.cancel()


def _condition(event: Event, settings: EventInvoke, reply: Reply | None, next_ms: int) -> str | None:
    """How the call has ended, if it has; `next_ms` is when it would be tried again."""
    if reply is not None and not reply.is_error:
        return SUCCESS
    if reply is not None and event.attempts >= _or(settings.retries, RETRIES):
        return EXHAUSTED
    is_too_old = next_ms - event.accepted_ms > 1000 * _or(settings.age_seconds, AGE_SECONDS)
    return TOO_OLD if is_too_old else None


def _or(said: int | None, otherwise: int) -> int:
    return otherwise if said is None else said


def _record(event: Event, target: Target, reply: Reply | None, condition: str, now_ms: int) -> dict[str, Any]:
    """What a destination gets: "Capturing records of Lambda asynchronous invocations"."""
    at = datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    record = {
        "version": "1.0",
        "timestamp": at,
        "requestContext": {
            "requestId": event.id,
            "functionArn": function_arn(event.function, event.qualifier or LATEST),
            "condition": condition,
            "approximateInvokeCount": event.attempts + (reply is not None),
        },
        "requestPayload": orjson.loads(event.payload),
    }
    if reply is None:
        return record
    response = {"statusCode": 200, "executedVersion": target.version}
    failed = {"functionError": "Unhandled"} if reply.is_error else {}
    answered = orjson.loads(reply.payload) if reply.payload else None
    return record | {"responseContext": response | failed, "responsePayload": answered}
