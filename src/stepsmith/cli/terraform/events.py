"""What Terraform says while it works, as values: `terraform plan -json`, `apply -json` print one JSON object a line.

    Planned   a change that the plan holds          Began, Did, Failed   a resource while the plan is carried out
    Counted   how many of them                      Told                 an error or a warning

https://developer.hashicorp.com/terraform/internals/machine-readable-ui. Anything else it says is of no interest here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Action = Literal["create", "update", "replace", "delete"]
ACTIONS: Mapping[str, Action] = {
    "create": "create",
    "update": "update",
    "replace": "replace",
    "delete": "delete",
    "remove": "delete",
}


@dataclass(frozen=True)
class Planned:
    address: str
    action: Action


@dataclass(frozen=True)
class Adopted:
    """A resource that is there already and joins the state."""

    address: str


@dataclass(frozen=True)
class Began:
    address: str
    action: str


@dataclass(frozen=True)
class Did:
    address: str
    action: str
    seconds: float


@dataclass(frozen=True)
class Failed:
    address: str
    action: str


@dataclass(frozen=True)
class Counted:
    """Of a plan what will be done, of an apply what has been."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    adopted: int = 0


@dataclass(frozen=True)
class Told:
    """A diagnostic; `address` is empty where it is about no resource."""

    is_error: bool
    summary: str
    detail: str
    address: str


Event = Planned | Adopted | Began | Did | Failed | Counted | Told


def parsed(line: str) -> Event | None:
    """The event of one line; None for what is of no interest, and for a line that is no JSON."""
    try:
        said: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    read = KINDS.get(str(said.get("type")))
    return read(said) if read else None


def _planned(said: dict[str, Any]) -> Event | None:
    change = said["change"]
    address = str(change["resource"]["addr"])
    if "importing" in change:  # whether or not it changes as well
        return Adopted(address)
    action = ACTIONS.get(change["action"])
    return Planned(address, action) if action else None


def _counted(said: dict[str, Any]) -> Event:
    counts = said["changes"]
    return Counted(counts["add"], counts["change"], counts["remove"], counts.get("import", 0))


def _told(said: dict[str, Any]) -> Event:
    told = said["diagnostic"]
    return Told(told["severity"] == "error", told["summary"], told.get("detail", ""), told.get("address", ""))


def _began(said: dict[str, Any]) -> Event:
    return Began(*_about(said["hook"]))


def _did(said: dict[str, Any]) -> Event:
    return Did(*_about(said["hook"]), float(said["hook"].get("elapsed_seconds", 0)))


def _failed(said: dict[str, Any]) -> Event:
    return Failed(*_about(said["hook"]))


def _about(hook: dict[str, Any]) -> tuple[str, str]:
    return str(hook["resource"]["addr"]), str(hook["action"])


KINDS: Mapping[str, Callable[[dict[str, Any]], Event | None]] = {
    "planned_change": _planned,
    "change_summary": _counted,
    "diagnostic": _told,
    "apply_start": _began,
    "apply_complete": _did,
    "apply_errored": _failed,
}
