"""Time as the runtime sees it: one clock, given from outside, so that tests wait a year without sleeping.

A clock tells the time and calls back at a time; nothing else in this layer reads a clock or sleeps. `RealClock` keeps
all alarms in one heap with one timer of the event loop: ten thousand waiting runs cost ten thousand small objects. It
goes by wall-clock time, looks again at least every half minute (a laptop that slept must not be late by the night),
and never goes backwards. `VirtualClock` stands still until `advance` moves it.
"""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

LONGEST_NAP_SECONDS = 30.0


@dataclass(order=True, slots=True)
class Alarm:
    """A call that is due at `at_ms`; `cancel` makes it none."""

    at_ms: int
    order: int
    action: Callable[[], None] | None = field(compare=False)

    def cancel(self) -> None:
        self.action = None


class Clock(Protocol):
    """Milliseconds since 1970 in UTC, and calls at a time."""

    def now_ms(self) -> int: ...

    def call_at(self, at_ms: int, action: Callable[[], None]) -> Alarm:
        """Calls `action` from the event loop, once, when `at_ms` has come, at the earliest in its next turn."""
        ...


class _Alarms:
    """Alarms in order of their time; equal times in order of asking."""

    def __init__(self) -> None:
        self._heap: list[Alarm] = []
        self._order = itertools.count()
        self._sweep_at = 64

    def add(self, at_ms: int, action: Callable[[], None]) -> Alarm:
        if len(self._heap) >= self._sweep_at:
            self._sweep()
        alarm = Alarm(at_ms, next(self._order), action)
        heapq.heappush(self._heap, alarm)
        return alarm

    def next_ms(self) -> int | None:
        while self._heap and self._heap[0].action is None:
            heapq.heappop(self._heap)
        return self._heap[0].at_ms if self._heap else None

    def ring_next(self, now_ms: int) -> bool:
        """Rings the first alarm if it is due."""
        due = self.next_ms()
        if due is None or due > now_ms:
            return False
        action = heapq.heappop(self._heap).action
        assert action is not None  # next_ms dropped the cancelled ones
        action()
        return True

    def _sweep(self) -> None:
        """Drops cancelled alarms: most are timeouts of tasks that ended long before."""
        self._heap = [alarm for alarm in self._heap if alarm.action is not None]
        heapq.heapify(self._heap)
        self._sweep_at = max(64, 2 * len(self._heap))

    def __len__(self) -> int:
        return sum(alarm.action is not None for alarm in self._heap)


class RealClock:
    """The machine's wall clock, kept from going backwards."""

    def __init__(self) -> None:
        self._alarms = _Alarms()
        self._timer: asyncio.TimerHandle | None = None
        self._last_ms = 0

    def now_ms(self) -> int:
        self._last_ms = max(self._last_ms, time.time_ns() // 1_000_000)
        return self._last_ms

    def call_at(self, at_ms: int, action: Callable[[], None]) -> Alarm:
        first = self._alarms.next_ms()
        alarm = self._alarms.add(at_ms, action)
        if first is None or at_ms < first or self._timer is None:
            self._set_timer()
        return alarm

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due = self._alarms.next_ms()
        self._timer = None if due is None else asyncio.get_running_loop().call_later(self._nap(due), self._ring)

    def _nap(self, due_ms: int) -> float:
        return min(max(due_ms - self.now_ms(), 0) / 1000, LONGEST_NAP_SECONDS)

    def _ring(self) -> None:
        self._timer = None
        now = self.now_ms()
        try:
            while self._alarms.ring_next(now):
                pass
        finally:
            self._set_timer()


class VirtualClock:
    """A clock for tests: time passes only in `advance`, alarm by alarm."""

    def __init__(self, now_ms: int = 1_700_000_000_000) -> None:
        self._now_ms = now_ms
        self._alarms = _Alarms()
        self._asked = asyncio.Event()

    def now_ms(self) -> int:
        return self._now_ms

    def call_at(self, at_ms: int, action: Callable[[], None]) -> Alarm:
        alarm = self._alarms.add(at_ms, action)
        self._asked.set()
        return alarm

    async def advance(self, seconds: float) -> None:
        """Lets time pass; what an alarm sets going gets its turn of the event loop before the next one rings."""
        end = self._now_ms + round(seconds * 1000)
        await _settle()
        while (due := self._alarms.next_ms()) is not None and due <= end:
            self._now_ms = max(self._now_ms, due)
            self._alarms.ring_next(self._now_ms)
            await _settle()
        self._now_ms = end

    async def alarms(self, count: int = 1) -> None:
        """Returns once at least `count` alarms are set."""
        while len(self._alarms) < count:
            self._asked.clear()
            await self._asked.wait()


async def _settle() -> None:
    """Lets everything that is ready run, as far as it goes without waiting for the outside."""
    for _ in range(20):
        await asyncio.sleep(0)
