"""The stacks of a deployment: which there are, and work on them in the order that they need.

`stacks.json` beside their folders says what stands on what. References between stacks are names, so each has a state of
its own and all of them are planned at once; only carrying out keeps the order.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from ..errors import CommandError
from .stack import Stack

INDEX = "stacks.json"
AT_ONCE = max(2, os.cpu_count() or 2)


def read(folder: Path) -> tuple[Stack, ...]:
    """The stacks that were synthesised into the folder, each after those that it stands on."""
    listed = json.loads((folder / INDEX).read_text("utf-8"))["stacks"]
    return tuple(Stack(each["name"], folder / each["name"], frozenset(each["after"])) for each in listed)


def reversed_order(stacks: Iterable[Stack]) -> tuple[Stack, ...]:
    """The stacks with their order turned round: to destroy, what stands on a stack goes before it."""
    stacks = tuple(stacks)
    return tuple(
        Stack(each.name, each.folder, frozenset(other.name for other in stacks if each.name in other.after))
        for each in reversed(stacks)
    )


async def at_once[Made](stacks: Iterable[Stack], work: Callable[[Stack], Awaitable[Made]]) -> list[Made]:
    """The work on every stack, whatever their order."""
    return await in_order((Stack(each.name, each.folder) for each in stacks), work)


async def in_order[Made](stacks: Iterable[Stack], work: Callable[[Stack], Awaitable[Made]]) -> list[Made]:
    """The work on every stack as soon as it is done on those that it comes after. Where it fails on one, those that
    come after it are left alone, others under way are finished, and what went wrong is raised."""
    stacks = tuple(stacks)
    room = asyncio.Semaphore(AT_ONCE)
    tasks: dict[str, asyncio.Task[Made]] = {}

    async def one(stack: Stack) -> Made:
        before = [tasks[name] for name in stack.after if name in tasks]
        for each in before:
            await each
        async with room:
            return await work(stack)

    for stack in stacks:
        tasks[stack.name] = asyncio.create_task(one(stack))
    try:
        await asyncio.wait(tasks.values())
    except asyncio.CancelledError:
        for task in tasks.values():
            task.cancel()
        await asyncio.wait(tasks.values())
        raise
    _raise_of(tasks.values())
    return [task.result() for task in tasks.values()]


def _raise_of[Made](tasks: Iterable[asyncio.Task[Made]]) -> None:
    """Raises what went wrong, each once: a stack that comes after a failed one has the same error."""
    errors = list(dict.fromkeys(error for task in tasks if (error := task.exception()) is not None))
    match errors:
        case []:
            return
        case [error]:
            raise error
        case _ if all(isinstance(error, CommandError) for error in errors):
            raise CommandError("\n".join(map(str, errors)))
        case [error, *_]:
            raise error
