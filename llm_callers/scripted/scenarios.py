"""Scenario files: what a scripted model says, turn by turn; never what the tools answer.

    - name: wins for money                       # the model is scripted:<agent>/wins for money
      question: Which teams won most for their money since 2000?
      turns:
        - call: {get_db_schema: {}}
        - calls: [{execute_sql_query: {sql_query: "select 1"}}, {execute_sql_query: {sql_query: "select 2"}}]
        - say: "{% 'The ' & $results('execute_sql_query').rows[0].name & ' won.' %}"

A file is a YAML list; its first scenario is the agent's sample question. Text that is wholly ``{% ... %}`` is JSONata
(`script` says what it may use), in `say` and anywhere in a call's input. `check` finds everything that is wrong,
each with its line, for the lint.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from .scenario import Problem, Scenario, ScenarioError, expression, is_expression

FILE = "scenario.yaml"


def load(path: Path) -> tuple[Scenario, ...]:
    """The scenarios of a file, in its order. Raises `FileNotFoundError` and `ScenarioError`."""
    return _load(path, path.stat().st_mtime_ns)


def check(path: Path, tools: Collection[str] | None = None) -> tuple[Problem, ...]:
    """Everything wrong with a scenario file; calls of tools that are not in `tools` too."""
    try:
        scenarios = load(path)
    except ScenarioError as error:
        return error.problems
    calls = [call for scenario in scenarios for turn in scenario.turns for call in turn.calls]
    broken = [Problem(path, line, text) for line, text in _broken_expressions(scenarios)]
    unknown = [] if tools is None else [call for call in calls if call.name not in tools]
    return (*broken, *(Problem(path, call.line, _no_tool(call.name, tools or ())) for call in unknown))


@functools.lru_cache(maxsize=64)
def _load(path: Path, changed_at: int) -> tuple[Scenario, ...]:
    from .reading import read  # Without a scenario no YAML is needed.

    scenarios, problems = read(path.read_text(encoding="utf-8"))
    if problems:
        raise ScenarioError(tuple(Problem(path, line, message) for line, message in problems))
    return scenarios


def _no_tool(name: str, tools: Collection[str]) -> str:
    return f"no such tool: {name!r}; the agent has {', '.join(sorted(tools)) or 'none'}."


def _broken_expressions(scenarios: tuple[Scenario, ...]) -> Iterator[tuple[int, str]]:
    from jsonata2py import JsonataError
    from jsonata2py import compile as compile_jsonata

    for line, text in _texts(scenarios):
        try:
            compile_jsonata(expression(text)) if is_expression(text) else None
        except JsonataError as error:
            yield line, f"the expression is no JSONata: {error.message}"


def _texts(scenarios: tuple[Scenario, ...]) -> Iterator[tuple[int, str]]:
    for turn in (turn for scenario in scenarios for turn in scenario.turns):
        if turn.say is not None:
            yield turn.line, turn.say
        yield from ((call.line, text) for call in turn.calls for text in _strings(call.input))


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for each in value.values():
                yield from _strings(each)
        case list():
            for each in value:
                yield from _strings(each)
