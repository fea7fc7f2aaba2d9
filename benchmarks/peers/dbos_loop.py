"""The agent loop on DBOS with SQLite: one workflow, the model and the tool as its steps.

    python dbos_loop.py TURNS               # in the peers' environment

Durability as ours: WAL and `synchronous=NORMAL`, set on every connection.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import sqlalchemy
from dbos import DBOS  # type: ignore[import-not-found]  # lives in the peers' environment

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from benchmarks import scripted
from benchmarks.peers.laps import Laps

laps = Laps()


@DBOS.step()  # type: ignore[untyped-decorator]  # as above
def model(turn: int, turns: int) -> Any:
    return scripted.answer({"turn": turn, "run_id": "r", "transcript": {"tail": []}}, turns)


@DBOS.step()  # type: ignore[untyped-decorator]  # as above
def look(call: Any, turn: int) -> Any:
    return scripted.look({**call, "context": {"turn": turn}})


@DBOS.workflow()  # type: ignore[untyped-decorator]  # as above
def agent(turns: int) -> int:
    for turn in range(1, turns + 2):
        laps.add()
        answer = model(turn, turns)
        for call in answer["message"]["content"][1:]:
            look(call, turn)
    return turn


@sqlalchemy.event.listens_for(sqlalchemy.Engine, "connect")
def as_durable_as_ours(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.create_function("unixepoch", -1, lambda *_: time.time())  # its schema wants SQLite 3.42: 'subsec'


def main(turns: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "runs.db"
        DBOS(config={"name": "loop", "system_database_url": f"sqlite:///{file}", "log_level": "ERROR"})
        DBOS.launch()
        assert agent(turns) == turns + 1
        DBOS.destroy()
        sqlite3.connect(file).execute("PRAGMA wal_checkpoint(TRUNCATE)")
        laps.show(file)


if __name__ == "__main__":
    main(int(sys.argv[1]))
