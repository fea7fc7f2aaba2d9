"""What a run waits for when it rests: small enough to keep of ten thousand runs, enough to wake each at the right time.

A run rests while nothing of this process works for it: its waits are for times, tokens, workers or children. It is
then parked: the note (`Waits`) is kept in the database, interpreter and tasks leave memory. What wakes it is its alarm,
an answer to one of its tokens, a worker who takes one of its tasks, its child's end, or somebody who stops it; waking
is a replay. A process that starts anew reads the notes and replays nothing, but for runs that wait for children, whose
ends it may have missed (docs/decisions/0004).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from stepsmith import asl
from stepsmith.local.journal import Pending, is_activity


@dataclass(frozen=True, slots=True)
class Offer:
    """A task of an activity that no worker has: which effect, since when."""

    activity: str
    effect: int
    since_ms: int


@dataclass(frozen=True, slots=True)
class Waits:
    """The note: when to wake the run (None: not by time), what it offers to workers, whether it waits for children."""

    wake_ms: int | None
    offers: tuple[Offer, ...] = ()
    children: bool = False

    def to_json(self) -> list[Any]:
        offers = [[offer.activity, offer.effect, offer.since_ms] for offer in self.offers]
        return [self.wake_ms, offers, self.children]

    @classmethod
    def from_json(cls, value: Any) -> Self:
        wake_ms, offers, children = value
        return cls(wake_ms, tuple(Offer(*offer) for offer in offers), children)


def waits_of(pending: Iterable[Pending], deadline_ms: int | None, beats: dict[int, int]) -> Waits:
    """The note of a run with these effects; `beats` are the ends of HeartbeatSeconds by effect."""
    each = tuple(pending)
    dues = [due for one in each for due in _dues(one, beats)]
    if deadline_ms is not None:
        dues.append(deadline_ms)
    offers = tuple(_offer(one) for one in each if is_activity(one.effect) and one.news is None)
    return Waits(min(dues, default=None), offers, any(_is_child(one) for one in each))


def _dues(pending: Pending, beats: dict[int, int]) -> list[int]:
    effect, since_ms = pending.effect, pending.counts_from_ms
    match effect:
        case asl.Sleep(until_ms=until_ms):
            return [until_ms]
        case asl.RunMap():
            return []
        case asl.Invoke():
            timeout = effect.timeout_seconds
            dues = [] if timeout is None or since_ms is None else [since_ms + 1000 * timeout]
            return [*dues, beats[effect.id]] if effect.id in beats else dues


def _offer(pending: Pending) -> Offer:
    assert isinstance(pending.effect, asl.Invoke)
    return Offer(pending.effect.resource, pending.effect.id, pending.since_ms)


def _is_child(pending: Pending) -> bool:
    return isinstance(pending.effect, asl.Invoke) and ":states:startExecution." in pending.effect.resource
