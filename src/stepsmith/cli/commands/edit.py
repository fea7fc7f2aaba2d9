"""The call runs with the input that you give in place of the one that was asked about; the agent sees that it was
changed. Without --input the input opens in $EDITOR (else vi).
"""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

from .. import deciding, desks
from ..editor import edited
from ..errors import UsageError
from ..settings import read


def arguments(parser: argparse.ArgumentParser) -> None:
    deciding.arguments(parser)
    parser.add_argument("--input", metavar="JSON|@FILE", help="the whole new input: JSON, or a file that holds it")
    parser.add_argument("--reason", metavar="TEXT", help="why, for the record")


def main(options: argparse.Namespace) -> int:
    return deciding.decide(options, "edit", input=_input(options), reason=options.reason)


async def _asked(options: argparse.Namespace) -> Any:
    """The input that was asked about."""
    async with desks.chosen(read(options.data), options).opened() as (approvals, _):
        return (await deciding.found(approvals, options.run, options.call)).request.input


def _input(options: argparse.Namespace) -> Any:
    if options.input is None:
        return edited(asyncio.run(_asked(options)))
    try:
        text = Path(options.input[1:]).read_text("utf-8") if options.input.startswith("@") else options.input
        return json.loads(text)
    except OSError as error:
        raise UsageError(f"--input: {options.input[1:]!r} cannot be read ({error.strerror}).") from None
    except ValueError as error:
        raise UsageError(f"--input holds no JSON ({error}): give the whole input of the call, one object.") from None
