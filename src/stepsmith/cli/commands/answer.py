"""The call does not run; your words are its result, as if the tool had said them."""

from __future__ import annotations

import argparse
import sys

from .. import deciding
from ..errors import UsageError


def arguments(parser: argparse.ArgumentParser) -> None:
    deciding.arguments(parser)
    parser.add_argument("--text", metavar="TEXT", required=True, help="the answer ('-' reads it from stdin)")


def main(options: argparse.Namespace) -> int:
    text = (sys.stdin.read() if options.text == "-" else options.text).strip()
    if not text:
        raise UsageError("The answer is empty: say what the tool's result shall be, or reject the call.")
    return deciding.decide(options, "answer", reason=text)
