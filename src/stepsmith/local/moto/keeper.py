"""One request after the other: the state as it is now, moto's answer, what has changed committed, the answer given.

A request that changes something is one transaction that takes the database's write lock first, so that two processes
over one folder take turns and each sees what the other did. When it cannot be committed it has not happened: what moto
has in memory is dropped and read again. Many requests of one service may be one such change.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stepsmith.local.database import Database

from . import backends, facts
from .events import LogEvents
from .facts import Facts
from .faults import Answer, Fault
from .items import Items
from .metrics import Metrics
from .request import Request, of_json
from .services import SERVICES
from .state import STEPS, Plane, State
from .traces import Traces

_holder: "Keeper | None" = None
"""Whose state moto's globals hold: a process may have several folders open, tests do."""


class Keeper:
    """moto over one database file. Belongs to one thread, but for its making."""

    def __init__(self, path: Path, seeds: Mapping[str, Sequence[tuple[str, Mapping[str, Any]]]]) -> None:
        self._path = path
        self._seeds = dict(seeds)
        self._database: Database | None = None
        self._state: State | None = None

    def answer(self, request: Request, host: str) -> Answer:
        """Raises Fault, StoreError."""
        return self.answers([request], host)[0]

    def answers(self, requests: Sequence[Request], host: str) -> Sequence[Answer]:
        """Those of requests to one service, each after the other. Fault, StoreError: none of them has happened."""
        with backends.LOCK:
            self._hold()
            served = requests[0].served
            names = (served.name, *served.reaches)
            self._bring(names)
            self._sow(served.name, host)
            if all(request.is_read for request in requests):
                return [backends.answer(request, host) for request in requests]
            return self._change(requests, names, host)

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = self._state = None

    def _change(self, requests: Sequence[Request], names: Sequence[str], host: str) -> Sequence[Answer]:
        state, database = self._opened(), self._database
        assert database is not None
        try:
            with database.writing():
                self._bring(names)
                answers = [backends.answer(request, host) for request in requests]
                state.save(requests, names)
                return answers
        except BaseException:
            state.forget(names)
            raise

    def _bring(self, names: Sequence[str]) -> None:
        for name in names:
            self._opened().refresh(name)

    def _sow(self, name: str, host: str) -> None:
        """What must exist before the service's first request, once for the folder."""
        state = self._opened()
        for operation, parameters in self._seeds.pop(name, ()) if state.mark(name) == 0 else ():
            served = SERVICES[name]
            (answer,) = self._change([of_json(served, operation, parameters)], (name, *served.reaches), host)
            if answer.status >= 300:
                raise Fault("InternalFailure", f"{operation} of {name!r} was refused: {answer.body.decode()}", 500)

    def _hold(self) -> None:
        global _holder
        if _holder is not self:
            self._opened().forget(SERVICES)
            _holder = self

    def _opened(self) -> State:
        if self._state is None:
            self._database = database = Database(self._path, steps=STEPS)
            planes: Mapping[str, Plane] = {
                "dynamodb": Items(database),
                "cloudwatch": Metrics(database),
                "logs": LogEvents(database),
                "xray": Traces(),
                "iam": Facts(database, "iam", facts.policies),
                "secretsmanager": Facts(database, "secretsmanager", facts.secrets),
            }
            self._state = State(database, planes)
        return self._state
