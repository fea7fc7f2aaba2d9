"""The marks that cancel runs: every model caller looks for its run's before it asks (llm/transcripts.py).

A mark lies in the run's folder of transcripts. Sub-agents' runs have folders of their own: `stepsmith cancel` marks
those that go on, and whoever works on the run marks those that begin later (`inherit`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


class Marks:
    """The marks under a folder of transcripts; `agents` are the agents' names by their state machines' ARNs."""

    def __init__(self, transcripts: Path, agents: Mapping[str, str]) -> None:
        self._transcripts = transcripts
        self._agents = agents

    def of(self, machine: str, run: str) -> Path:
        """Where the mark of a run lies, by its state machine (its ARN) and its name."""
        return self._transcripts / self._agents.get(machine, machine.rpartition(":")[2]) / run / "cancel"

    def make(self, machine: str, run: str) -> None:
        mark = self.of(machine, run)
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()

    def inherit(self, parent: str, machine: str, run: str) -> None:
        """A run is about to begin for another one, whose ARN is `parent`: it is cancelled where that one is."""
        of_parent, _, name = parent.replace(":execution:", ":stateMachine:", 1).rpartition(":")
        if self.of(of_parent, name).exists():
            self.make(machine, run)
