"""The agent loop on LangGraph with its SqliteSaver: nodes `model` and `tools`, the messages as channel with a reducer.

    python langgraph_loop.py TURNS          # in the peers' environment

Durability as ours: WAL, `synchronous=NORMAL`, every step written before the next one begins (`durability="sync"`).
"""

from __future__ import annotations

import operator
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any, TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver  # type: ignore[import-not-found]  # lives in the peers' environment
from langgraph.graph import END, START, StateGraph  # type: ignore[import-not-found]  # as above

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from benchmarks import scripted
from benchmarks.peers.laps import Laps


class State(TypedDict):
    messages: Annotated[list[Any], operator.add]
    turn: int


def main(turns: int) -> None:
    laps = Laps()

    def model(state: State) -> dict[str, Any]:
        laps.add()
        request = {"turn": state["turn"] + 1, "run_id": "r", "transcript": {"tail": []}}
        return {"messages": [scripted.answer(request, turns)], "turn": state["turn"] + 1}

    def tools(state: State) -> dict[str, Any]:
        asked = [block for block in state["messages"][-1]["message"]["content"] if block["type"] == "tool_use"]
        return {"messages": [scripted.look({**call, "context": {"turn": state["turn"]}}) for call in asked]}

    graph = StateGraph(State).add_node("model", model).add_node("tools", tools)
    graph.add_edge(START, "model").add_edge("tools", "model")
    graph.add_conditional_edges("model", lambda state: "tools" if state["turn"] <= turns else END, ["tools", END])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "runs.db"
        database = sqlite3.connect(file, check_same_thread=False)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        compiled = graph.compile(checkpointer=SqliteSaver(database))
        settings: Any = {"configurable": {"thread_id": "r"}, "recursion_limit": 10 * turns + 100}
        first: Any = {"messages": [{"role": "user", "content": "How many teams?"}], "turn": 0}
        ended = compiled.invoke(first, settings, durability="sync")
        assert ended["turn"] == turns + 1
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        laps.show(file)


if __name__ == "__main__":
    main(int(sys.argv[1]))
