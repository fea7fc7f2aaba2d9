"""Plans of Terraform as a person reads them, and how far carrying them out has come.

A resource is one line: what happens to it, and its address; of one that changes, which attributes do. Values that the
provider calls sensitive are never shown.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .terminal import note, one_line, say
from .terraform.events import Adopted, Counted, Did, Event, Failed, Planned, Told
from .terraform.root import Change

SIGNS: Mapping[str, tuple[str, str]] = {
    "create": ("+", "green"),
    "update": ("~", "yellow"),
    "replace": ("±", "yellow"),
    "delete": ("-", "red"),
}
FUTURE: Mapping[str, str] = {"create": "create", "update": "change", "replace": "replace", "delete": "destroy"}
PAST: Mapping[str, str] = {"create": "created", "update": "changed", "delete": "destroyed"}
VALUE_WIDTH = 48


def listed(changes: Iterable[Change], details: Mapping[str, Any]) -> None:
    """Prints the plan. `details` is Terraform's JSON of it; empty where nothing is known of attributes."""
    attributes = {each["address"]: each["change"] for each in details.get("resource_changes", ())}
    for change in sorted(changes, key=lambda each: each.address):
        say(*line(change))
        if is_altering(change):
            for difference in _differences(attributes.get(change.address, {})):
                say(f"      {difference}", "dim")


def is_altering(change: Change) -> bool:
    """Whether something stays there, but becomes another: which attributes change is of interest then."""
    return isinstance(change, Planned) and change.action in ("update", "replace")


def line(change: Change) -> tuple[str, str]:
    """``+ aws_lambda_function.tools_books`` and its style."""
    match change:
        case Planned(address, action):
            sign, style = SIGNS[action]
            return f"  {sign} {address}", style
        case Adopted(address):
            return f"  = {address} is there already and taken over", "cyan"


def _differences(change: Mapping[str, Any]) -> Iterator[str]:
    """``timeout: 60 -> 90`` for each attribute that is another afterwards; of a replacement, those that make it one.
    What only AWS will know then says nothing."""
    before, after = change.get("before") or {}, change.get("after") or {}
    hidden = {**(change.get("before_sensitive") or {}), **(change.get("after_sensitive") or {})}
    unknown = change.get("after_unknown") or {}
    forcing = {path[0] for path in change.get("replace_paths", ())}
    for name in sorted(forcing or {*before, *after}):
        if before.get(name) != after.get(name) and not unknown.get(name):
            values = "sensitive" if hidden.get(name) else f"{_short(before.get(name))} -> {_short(after.get(name))}"
            yield f"{name}: {values}"


def _short(value: Any) -> str:
    return one_line(value if isinstance(value, str) else json.dumps(value), VALUE_WIDTH)


def summed(changes: Iterable[Change]) -> str:
    """``30 to create, 1 to change``."""
    counts = Counter(FUTURE[each.action] if isinstance(each, Planned) else "take over" for each in changes)
    return ", ".join(f"{number} to {word}" for word, number in counts.items()) or "No change"


class Progress:
    """Told of every event while a plan is carried out; prints a line for each resource. `counted` is the end of it."""

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet
        self.counted = Counted()

    def __call__(self, event: Event) -> None:
        match event:
            case Adopted() if not self._quiet:
                say(*line(event))
            case Did(address, action, took) if not self._quiet:
                note(f"  {PAST.get(action, action):<9} {address}  {took:.0f} s", "dim")
            case Failed(address, action):
                note(f"  failed    {address} ({action})", "red")
            case Told(is_error=False, summary=summary) if not self._quiet:
                note(f"  {summary}", "yellow")
            case Counted():
                self.counted = event
            case _:
                pass

    @property
    def summed(self) -> str:
        """``30 created, 1 changed``."""
        words = {"created": self.counted.added, "changed": self.counted.changed, "destroyed": self.counted.removed}
        words["taken over"] = self.counted.adopted
        return ", ".join(f"{number} {word}" for word, number in words.items() if number) or "No change"
