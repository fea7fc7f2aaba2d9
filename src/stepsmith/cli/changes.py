"""Plans of Terraform as a person reads them, and how far carrying them out has come.

A resource is one line: what happens to it, its stack, its address; of one that changes, which attributes do. Values
that the provider calls sensitive are never shown.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .terminal import note, one_line, say, seconds
from .terraform.events import Adopted, Counted, Did, Event, Failed, Planned, Told
from .terraform.stack import Plan, Stack, Terraform

SIGNS: Mapping[str, tuple[str, str]] = {
    "create": ("+", "green"),
    "update": ("~", "yellow"),
    "replace": ("±", "yellow"),
    "delete": ("-", "red"),
}
PAST: Mapping[str, str] = {"create": "created", "update": "changed", "delete": "destroyed", "replace": "replaced"}
VALUE_WIDTH = 48
STACK_WIDTH = 11


async def listed(plan: Plan, terraform: Terraform) -> None:
    """Prints a line for each change of the plan."""
    changing = any(isinstance(each, Planned) and each.action in ("update", "replace") for each in plan.changes)
    details = await terraform.details(plan) if changing else {}
    attributes = {each["address"]: each["change"] for each in details.get("resource_changes", ())}
    for change in plan.changes:
        match change:
            case Planned(address, action):
                sign, style = SIGNS[action]
                say(f"  {sign} {plan.stack.name:<{STACK_WIDTH}} {address}", style)
                if action in ("update", "replace"):
                    for line in _differences(attributes.get(address, {})):
                        say(f"      {line}", "dim")
            case Adopted(address):
                say(f"  = {plan.stack.name:<{STACK_WIDTH}} {address} is taken over", "cyan")


def _differences(change: Mapping[str, Any]) -> Iterator[str]:
    """``timeout: 60 -> 90`` for each attribute that is another afterwards."""
    before, after = change.get("before") or {}, change.get("after") or {}
    hidden = {**(change.get("before_sensitive") or {}), **(change.get("after_sensitive") or {})}
    unknown = change.get("after_unknown") or {}
    for name in sorted({*before, *after, *unknown}):
        if unknown.get(name) is True:
            yield f"{name}: known after apply"
        elif hidden.get(name):
            yield f"{name}: sensitive"
        elif before.get(name) != after.get(name):
            yield f"{name}: {_short(before.get(name))} -> {_short(after.get(name))}"


def _short(value: Any) -> str:
    return one_line(value if isinstance(value, str) else json.dumps(value), VALUE_WIDTH)


def summed(plans: Iterable[Plan], took: float | None = None) -> str:
    """``tools: 30 to create, 1 to change · agents: no change · 6.1 s``."""
    parts = [f"{plan.stack.name}: {_sum(plan)}" for plan in plans]
    return " · ".join([*parts, *([seconds(took)] if took is not None else [])])


def _sum(plan: Plan) -> str:
    counts = Counter(each.action if isinstance(each, Planned) else "adopt" for each in plan.changes)
    words = {"create": "create", "update": "change", "replace": "replace", "delete": "destroy", "adopt": "take over"}
    return ", ".join(f"{counts[name]} to {word}" for name, word in words.items() if counts[name]) or "no change"


class Progress:
    """Told of every event while plans are carried out; prints a line for each resource."""

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet

    def __call__(self, stack: Stack, event: Event) -> None:
        match event:
            case Did(address, action, took) if not self._quiet:
                note(f"  {PAST.get(action, action):<9} {stack.name:<{STACK_WIDTH}} {address}  {took:.0f} s", "dim")
            case Failed(address, action):
                note(f"  failed    {stack.name:<{STACK_WIDTH}} {address} ({action})", "red")
            case Told(is_error=False, summary=summary) if not self._quiet:
                note(f"  {stack.name}: {summary}", "yellow")
            case _:
                pass

    @staticmethod
    def summed(plans: Iterable[Plan], done: Iterable[Counted], took: float) -> str:
        """``tools: 30 created, 1 changed · agents: no change · 41 s``."""
        parts = (f"{plan.stack.name}: {_done(each)}" for plan, each in zip(plans, done, strict=True))
        return " · ".join((*parts, seconds(took)))


def _done(counted: Counted) -> str:
    words = {"created": counted.added, "changed": counted.changed, "destroyed": counted.removed}
    words["taken over"] = counted.adopted
    return ", ".join(f"{number} {word}" for word, number in words.items() if number) or "no change"
