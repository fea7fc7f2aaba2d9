"""From YAML text to scenarios, with the line of every problem: PyYAML's node tree keeps the positions that values lose.

Times and dates are left as the text they were written as: a tool's input is JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from yaml import MappingNode, Node, SequenceNode

from .scenario import Scenario, ScriptedCall, Turn

Problems = list[tuple[int, str]]


class Loader(yaml.SafeLoader):
    """YAML of JSON's values: dates stay text."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(text: str) -> tuple[tuple[Scenario, ...], Problems]:
    """The scenarios of a file's text, and what is wrong with it: (line from 1, sentence with the remedy)."""
    reader = _Reader(text)
    return reader.scenarios(), reader.problems


class _Reader:
    """One walk over the nodes; a problem is noted and the walk goes on, so that one look finds them all."""

    def __init__(self, text: str) -> None:
        self.problems: Problems = []
        self._loader = Loader(text)

    def scenarios(self) -> tuple[Scenario, ...]:
        try:
            root = self._loader.get_single_node()
        except yaml.MarkedYAMLError as error:
            self._note_syntax(error)
            return ()
        except yaml.YAMLError as error:
            self.problems.append((1, f"this is no YAML: {error}"))
            return ()
        if not isinstance(root, SequenceNode) or not root.value:
            self.problems.append((1, "a list of scenarios is needed: - name, question, turns."))
            return ()
        found = tuple(scenario for node in root.value if (scenario := self._scenario(node)) is not None)
        self._note_repeated(root, found)
        return found

    def _scenario(self, node: Node) -> Scenario | None:
        fields = self._fields(node, "a scenario", {"name", "question", "turns"})
        name, question = self._text(fields, node, "name"), self._text(fields, node, "question")
        turns = fields.get("turns")
        if not isinstance(turns, SequenceNode) or not turns.value:
            self._note(turns or node, "turns: a list of what the model says is needed, each a call, calls or say.")
            return None
        return Scenario(name, question, tuple(self._turn(each) for each in turns.value))

    def _turn(self, node: Node) -> Turn:
        fields = self._fields(node, "a turn", {"call", "calls", "say"})
        if not fields or {"call", "calls"} <= fields.keys():
            self._note(node, "a turn has a call, or calls, or say (which may stand beside one of them).")
        calls = [fields["call"]] if "call" in fields else self._items(fields.get("calls"))
        say = self._text(fields, node, "say") if "say" in fields else None
        return Turn(say, tuple(call for each in calls for call in self._calls(each)), _line(node))

    def _items(self, node: Node | None) -> list[Node]:
        if node is None:
            return []
        if not isinstance(node, SequenceNode) or not node.value:
            self._note(node, "calls: a list is needed, each {tool: input}; one call alone is written call.")
            return []
        return list(node.value)

    def _calls(self, node: Node) -> tuple[ScriptedCall, ...]:
        fields = self._fields(node, "a call", None)
        if len(fields) != 1:
            self._note(node, "a call is {tool: input}, one tool; several go into calls.")
            return ()
        ((name, given),) = fields.items()
        return (ScriptedCall(name, self._input(given), _line(node)),)

    def _input(self, node: Node) -> Mapping[str, Any]:
        value = self._loader.construct_object(node, deep=True)
        if value is None:
            return {}
        if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
            self._note(node, f"a call's input is an object with texts as names, not {value!r}.")
            return {}
        return value

    def _fields(self, node: Node, what: str, known: set[str] | None) -> dict[str, Node]:
        if not isinstance(node, MappingNode):
            self._note(node, f"{what} is an object{f' of {_listed(known)}' if known else ''}.")
            return {}
        fields = {str(name.value): value for name, value in node.value}
        for name in fields.keys() - (known or fields.keys()):
            self._note(node, f"{what} has no {name!r}; there is {_listed(known or set())}.")
        return fields

    def _text(self, fields: dict[str, Node], node: Node, name: str) -> str:
        value = fields.get(name)
        if value is None or not isinstance(value.value, str) or not value.value.strip():
            self._note(value or node, f"{name}: a text is needed.")
            return ""
        return value.value

    def _note_repeated(self, root: SequenceNode, found: tuple[Scenario, ...]) -> None:
        names = [scenario.name for scenario in found]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self._note(root, f"two scenarios are called {name!r}: a model's id needs one.")

    def _note_syntax(self, error: yaml.MarkedYAMLError) -> None:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        self.problems.append(
            (line, f"this is no YAML: {error.problem}. (Quote a text that holds ': ' or begins with {{.)")
        )

    def _note(self, node: Node, message: str) -> None:
        self.problems.append((_line(node), message))


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))
