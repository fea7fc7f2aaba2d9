"""What can go wrong in the local runtime, each with one sentence that says what to do.

    LocalError
    +-- StoreError                the database of runs; nothing that was accepted is lost
    |   +-- DatabaseLocked        another process holds it too long
    |   +-- DatabaseCorrupt       the file is damaged, or is no database
    |   +-- DatabaseTooNew        written by a newer Stepsmith
    |   +-- DatabaseFault         the disk or the file system failed at it
    |   +-- DiskFull              a step could not be recorded
    |   +-- DataReadOnly          the folder or the file cannot be written or opened
    +-- RunError                  one run, named by its id
        +-- UnknownRun            no run has this id
        +-- AmbiguousRun          several runs begin with this id
        +-- RunIsOwned            a living process works on it
        +-- RunIsFinished         it has ended
        +-- InvalidName           no name for a run
        +-- RunExists             the name is taken by another input, or by a run that has ended
        +-- InterpreterChanged    begun by another version of the interpreter
    +-- UnknownMachine            no definition is known for a state machine's ARN
    +-- ApprovalError             a decision that does not count
    |   +-- NothingWaits          the run asks nobody about this call
    |   +-- AlreadyDecided        somebody else was first
    |   +-- DecisionTooLate       nobody decided in time
    |   +-- HashDiffers           it is about another input
    +-- TokenError                a task token: InvalidToken, TaskDoesNotExist, TaskTimedOut (AWS's names)

Faults inside a run are no exceptions but outcomes of the run (`States.*`, `Lambda.*`), which its Retry and Catch see.
"""

from pathlib import Path


class LocalError(Exception):
    """Anything the local runtime refuses; its text is meant for a person."""


class StoreError(LocalError):
    """The database of runs cannot do what it was asked to."""


class DatabaseLocked(StoreError):
    def __init__(self, path: Path, seconds: float) -> None:
        super().__init__(
            f"The database of runs {str(path)!r} has been locked by another program for {seconds:g} s; "
            "close what holds it (an open sqlite3 shell, a backup), then resume the run."
        )


class DatabaseCorrupt(StoreError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"The database of runs {str(path)!r} is damaged ({reason}); "
            "move it away to begin a new one, or recover it with `sqlite3 FILE .recover`."
        )


class DatabaseTooNew(StoreError):
    def __init__(self, path: Path, found: int, known: int) -> None:
        super().__init__(
            f"The database of runs {str(path)!r} has format {found}, this Stepsmith knows {known}; "
            "use the newer Stepsmith, or another folder with --data."
        )


class DatabaseFault(StoreError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"The database of runs {str(path)!r} cannot be read or written ({reason}); "
            "look after the disk or the file system that holds it: nothing recorded is lost."
        )


class DiskFull(StoreError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The disk that holds {str(path)!r} is full: the step was not recorded; "
            "make room, then resume the run (`stepsmith up` does so itself): it goes on from the last recorded step."
        )


class DataReadOnly(StoreError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{str(path)!r} cannot be written ({reason}); make it writable, or choose another folder with --data."
        )


class RunError(LocalError):
    """One run cannot be found, or is not in the state that was asked for."""


class UnknownRun(RunError):
    def __init__(self, run: str) -> None:
        super().__init__(f"No run has the id {run!r}; see `stepsmith runs`.")


class AmbiguousRun(RunError):
    def __init__(self, run: str, names: tuple[str, ...]) -> None:
        super().__init__(f"{run!r} begins the ids of several runs ({', '.join(names)}); give more of it.")


class RunIsOwned(RunError):
    def __init__(self, run: str) -> None:
        super().__init__(f"Another process works on run {run!r}; watch it there, or end that process first.")


class RunIsFinished(RunError):
    def __init__(self, run: str, status: str) -> None:
        super().__init__(f"Run {run!r} has ended ({status}): nothing to do; see `stepsmith show {run}`.")


class RunExists(RunError):
    def __init__(self, run: str) -> None:
        super().__init__(f"The name {run!r} is taken by another run of this state machine; choose another name.")


class InvalidName(RunError):
    def __init__(self, name: object) -> None:
        super().__init__(f"{name!r} is no name for a run; use 1 to 80 letters, digits, '-' and '_'.")


class InterpreterChanged(RunError):
    def __init__(self, run: str, began: str, now: str) -> None:
        super().__init__(
            f"Run {run!r} was begun by interpreter {began!r} and this is {now!r}, which could decide otherwise; "
            "finish it with the Stepsmith that began it, or start it again."
        )


class UnknownMachine(LocalError):
    def __init__(self, arn: str) -> None:
        super().__init__(f"No state machine {arn!r} is known here; give its definition, or correct the ARN.")


class ApprovalError(LocalError):
    """A person's decision does not count."""


class NothingWaits(ApprovalError):
    def __init__(self, run: str, call: str | None = None) -> None:
        what = "nothing" if call is None else f"no call {call!r}"
        super().__init__(f"Run {run!r} waits for {what} to be decided; see `stepsmith approvals`.")


class AlreadyDecided(ApprovalError):
    def __init__(self, call: str, decision: str, approver: str, decided_at: str) -> None:
        super().__init__(f"Call {call!r} was decided before: {decision!r} by {approver!r} at {decided_at}.")


class DecisionTooLate(ApprovalError):
    def __init__(self, call: str, expired_at: str) -> None:
        super().__init__(f"Call {call!r} waited until {expired_at}: nobody decided in time, so it is denied.")


class HashDiffers(ApprovalError):
    def __init__(self, call: str) -> None:
        super().__init__(f"The decision names another input than call {call!r} has; look at it again, then decide.")


class TokenError(LocalError):
    """A task token that cannot be answered. The class names are the error codes of the Step Functions API."""


class InvalidToken(TokenError):
    def __init__(self, token: str) -> None:
        super().__init__(f"{token[:40]!r} is no task token; send the token as it was received.")


class TaskDoesNotExist(TokenError):
    def __init__(self) -> None:
        super().__init__("No run waits for this task: it ended, or its run is not at work; resume the run first.")


class TaskTimedOut(TokenError):
    def __init__(self) -> None:
        super().__init__("The task was answered before, or its time was over; nothing more to do.")
