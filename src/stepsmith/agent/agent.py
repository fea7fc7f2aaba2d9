"""An agent as a value: what a person writes in agents/<name>/agent.py.

The folder's name is the agent's name, `instructions.md` beside it is its system text. Values only: nothing here reads
a file or knows where the agent will run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal

from stepsmith.contracts import Limits

DEFAULT_LIMITS = Limits(max_turns=25, deadline_seconds=86_400)
"""What holds where neither the agent nor a run's input says otherwise."""


@dataclass(frozen=True)
class Approval:
    """A person decides about each call, or about those for which the predicate `when` is not a clean false.

    `when` is JSONata over `$input` (the call's input) and `$tainted` (the run has read untrusted content); an error
    in it asks, and so does undefined. Beware: `and` and `or` make false of undefined, so where a field may be missing
    write `$input.count <= 10 ? $tainted : true`. `within` is how long the person has, at most the run's
    deadline. `activity` hands the request to a Step Functions activity instead of the table of approvals.
    """

    when: str | None = None
    within: timedelta | None = None
    activity: bool = False


Asks = Approval | Literal["always", "never"]


@dataclass(frozen=True)
class Toolbox:
    """The tools of one Lambda, or those named by `only`; `folder` lies under tools/: python/db_interface."""

    folder: str
    only: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Subagent:
    """Another agent as a tool: it takes a prompt and answers with its output."""

    agent: str


def toolbox(folder: str, only: Sequence[str] | None = None) -> Toolbox:
    """Tools of tools/<folder>, all or those named by `only`."""
    return Toolbox(folder, None if only is None else tuple(only))


def subagent(name: str) -> Subagent:
    """The agent agents/<name> as a tool of that name."""
    return Subagent(name)


@dataclass(frozen=True)
class Agent:
    """One agent. Models are ``vendor:model-id``; `fallbacks` take over, in order, when the one before cannot answer.

    `output_schema` is JSON Schema that the answer must fit. `approvals` says per tool who is asked; without a word, a
    destructive tool always asks, and one that is not read-only asks once the run has read untrusted content.
    """

    description: str
    model: str
    tools: Sequence[Toolbox | Subagent] = ()
    fallbacks: Sequence[str] = ()
    output_schema: Mapping[str, Any] | None = None
    approvals: Mapping[str, Asks] = field(default_factory=dict)
    limits: Limits = DEFAULT_LIMITS
    max_output_tokens: int | None = None
    temperature: float | None = None

    @property
    def models(self) -> tuple[str, ...]:
        """The default model, then its fallbacks."""
        return (self.model, *self.fallbacks)

    @property
    def bounds(self) -> Limits:
        """Its limits with the defaults filled in."""
        said = {name: value for name, value in vars(self.limits).items() if value is not None}
        return replace(DEFAULT_LIMITS, **said)
