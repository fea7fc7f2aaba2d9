"""A graph as Mermaid text (a state diagram), which GitHub and many editors draw inside Markdown.

Solid and dashed lines do not exist there: what a Catch does is told by its label, ``catch`` and the error. With the
lights of a run, states and ways say how often they were visited, and states have the class of what became of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from .graph import Graph, State, Way
from .lights import Light, Lights
from .words import brief, cut, often, seen, shown

INDENT = "    "
MOST = 200
"""Letters of a text: no name is longer."""
_CLASSES = {
    "succeeded": "fill:#dafbe1,stroke:#1a7f37,color:#1f2328",
    "failed": "fill:#ffebe9,stroke:#cf222e,color:#1f2328",
    "caught": "fill:#fff8c5,stroke:#9a6700,color:#1f2328",
    "running": "fill:#ddf4ff,stroke:#0969da,color:#1f2328",
    "stopped": "fill:#eaeef2,stroke:#6e7781,color:#1f2328",
}


def mermaid(graph: Graph, lights: Lights | None = None) -> str:
    """The diagram's source; states inside a Map or Parallel are inside its own."""
    writer = _Writer(_ids(state.name for state, _ in graph.walk()), lights)
    lines = [INDENT + line for line in writer.graph(graph)]
    return "\n".join(["stateDiagram-v2", *lines, *(INDENT + line for line in writer.classes(graph))])


class _Writer:
    def __init__(self, ids: Mapping[str, str], lights: Lights | None) -> None:
        self._ids = ids
        self._lights = lights

    def graph(self, graph: Graph) -> Iterator[str]:
        yield f"[*] --> {self._ids[graph.start]}"
        for state in graph.states:
            yield from self._declared(state)
            for way in graph.ways:
                if way.source == state.name:
                    yield self._way(way)
            if state.is_last:
                yield f"{self._ids[state.name]} --> [*]"

    def classes(self, graph: Graph) -> Iterator[str]:
        """Colours, of the states without others inside: Mermaid has none for those that have."""
        if self._lights is None:
            return
        plain = {state.name: self._lights.of(state.name).status for state, _ in graph.walk() if not state.branches}
        for status, style in _CLASSES.items():
            if ids := [self._ids[name] for name, became in plain.items() if became == status]:
                yield f"classDef {status} {style}"
                yield f"class {','.join(ids)} {status}"

    def _declared(self, state: State) -> Iterator[str]:
        id, said = self._ids[state.name], self._said(state)
        declared = f'state "{said}" as {id}' if said != id or state.branches else ""
        if state.branches:
            yield f"{declared} {{"
            for number, branch in enumerate(state.branches):
                if number:
                    yield f"{INDENT}--"
                yield from (INDENT + line for line in self.graph(branch))
            yield "}"
        elif declared:
            yield declared

    def _said(self, state: State) -> str:
        light = self._lights.of(state.name) if self._lights else Light()
        told = shown(light) if light.visits else ""
        return _escaped(state.name) + (f"<br/>{_escaped(told)}" if told else "")

    def _way(self, way: Way) -> str:
        taken = self._lights.ways.get((way.source, way.target, way.is_caught), 0) if self._lights else 0
        words = ["catch"] if way.is_caught else []
        words += [*brief(way.labels), *([often(taken)] if taken else [])]
        label = f" : {_escaped(' '.join(words))}" if words else ""
        return f"{self._ids[way.source]} --> {self._ids[way.target]}{label}"


def _ids(names: Iterable[str]) -> dict[str, str]:
    """Words that Mermaid takes for names of states, each once: ``Call model`` is ``Call_model``."""
    ids: dict[str, str] = {}
    for name in names:
        id = re.sub(r"\W", "_", name, flags=re.ASCII)
        ids[name] = f"{id}_{len(ids)}" if id in ids.values() or id.lower() in _RESERVED else id
    return ids


_RESERVED = frozenset({"state", "end", "class", "classdef", "direction", "note", "style", "default", "click", "as"})


def _escaped(text: str) -> str:
    """What Mermaid would read as its own (quotes, colons, brackets, HTML) as its entity codes."""
    return re.sub(r'[#;:"<>{}\[\]%&`\\|]', lambda found: f"#{ord(found[0])};", cut(seen(text), MOST))
