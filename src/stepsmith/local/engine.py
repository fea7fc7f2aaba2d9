"""What a run works with: a journal, a clock, what performs its tasks, and whom it tells how it stands."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from stepsmith.local.clock import Clock
from stepsmith.local.errors import StoreError
from stepsmith.local.store import Beginning, Ending, Entry
from stepsmith.local.task import MapTask, Stop, Task

if TYPE_CHECKING:
    from stepsmith.local.run import Run


class Performer(Protocol):
    """What performs tasks: the table of integrations (integrations/table.py)."""

    def perform(self, task: Task) -> Stop:
        """Begins the task, which answers by `task.settle`, never before this returns. Raises StoreError."""
        ...

    def recover(self, task: Task) -> Stop:
        """Takes up a task that was under way when its process died, or when its run was parked."""
        ...


class Journal(Protocol):
    """Where outcomes are kept (store.py)."""

    def append(self, execution: int, entry: Entry, ending: Ending | None, unpark: bool) -> None: ...
    def redrive(self, execution: int, entry: Entry, ending: Ending | None, unpark: bool) -> None: ...
    def beginning(self, execution: int) -> Beginning: ...
    def journal(self, execution: int) -> list[Entry]: ...


class Unrecorded:
    """A journal that keeps nothing, for executions that end with their process."""

    def append(self, execution: int, entry: Entry, ending: Ending | None, unpark: bool) -> None:
        """Nothing to keep."""

    redrive = append

    def beginning(self, execution: int) -> Beginning:
        raise LookupError("an execution that is not recorded cannot be read again")

    def journal(self, execution: int) -> list[Entry]:
        raise LookupError("an execution that is not recorded cannot be read again")


@dataclass(frozen=True, slots=True)
class Engine:
    """What a run works with. `stalled` is told of a step that could not be recorded and how to do it again, `rests` of
    a run that waits for others; `is_deleting` says whether a state machine is being deleted."""

    journal: Journal
    clock: Clock
    performer: Performer
    maps: Callable[[MapTask], Stop]
    stalled: Callable[["Run", StoreError, Callable[[], None]], None]
    rests: Callable[["Run"], None]
    is_deleting: Callable[[str], bool]
