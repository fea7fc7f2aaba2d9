"""Clocks: alarms in order, no later than they must be, and time that tests move by hand."""

import asyncio
import time

import pytest

from stepsmith.local.clock import RealClock, VirtualClock

pytestmark = pytest.mark.asyncio

DAY = 86_400


async def test_alarms_ring_in_the_order_of_their_times_and_of_asking(clock: VirtualClock) -> None:
    rang: list[str] = []
    start = clock.now_ms()
    for name, seconds in (("late", 3), ("early", 1), ("early too", 1)):
        clock.call_at(start + 1000 * seconds, lambda name=name: rang.append(name))  # type: ignore[misc]
    await clock.advance(2)
    assert rang == ["early", "early too"]
    await clock.advance(1)
    assert rang == ["early", "early too", "late"]


async def test_an_alarm_sees_its_own_time_and_may_set_another(clock: VirtualClock) -> None:
    start, seen = clock.now_ms(), list[int]()

    def again() -> None:
        seen.append(clock.now_ms() - start)
        clock.call_at(clock.now_ms() + 1000 * DAY, again)

    clock.call_at(start + 1000, again)
    await clock.advance(2 * DAY)
    assert seen == [1000, 1000 + 1000 * DAY]


async def test_a_cancelled_alarm_does_not_ring(clock: VirtualClock) -> None:
    rang: list[int] = []
    clock.call_at(clock.now_ms() + 10, lambda: rang.append(1)).cancel()
    await clock.advance(1)
    assert rang == []


async def test_cancelled_alarms_do_not_pile_up(clock: VirtualClock) -> None:
    for _ in range(10_000):
        clock.call_at(clock.now_ms() + 1000 * DAY, lambda: None).cancel()
    assert len(clock._alarms._heap) < 200


async def test_the_real_clock_rings_when_it_is_time_and_the_first_first() -> None:
    clock, rang = RealClock(), asyncio.Queue[int]()
    now = clock.now_ms()
    clock.call_at(now + 40, lambda: rang.put_nowait(2))
    clock.call_at(now + 20, lambda: rang.put_nowait(1))
    clock.call_at(now + 1_000_000, lambda: rang.put_nowait(3)).cancel()
    assert [await rang.get(), await rang.get()] == [1, 2]
    assert clock.now_ms() >= now + 40


async def test_an_alarm_of_the_past_rings_in_the_next_turn_of_the_loop() -> None:
    clock, rang = RealClock(), asyncio.Event()
    clock.call_at(0, rang.set)
    assert not rang.is_set()
    await rang.wait()


async def test_the_real_clock_is_the_wall_clock() -> None:
    assert abs(RealClock().now_ms() - time.time() * 1000) < 60_000
