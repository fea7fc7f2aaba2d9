"""The call does not run; the agent is told that it was rejected, by whom and why, and goes on from there."""

from __future__ import annotations

import argparse

from .. import deciding


def arguments(parser: argparse.ArgumentParser) -> None:
    deciding.arguments(parser)
    parser.add_argument("--reason", metavar="TEXT", help="why: what the agent reads")


def main(options: argparse.Namespace) -> int:
    return deciding.decide(options, "reject", reason=options.reason)
