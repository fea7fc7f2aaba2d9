"""The call runs with the input that was asked about. Its result, and `stepsmith show`, say who approved it and when."""

from __future__ import annotations

import argparse

from .. import deciding


def arguments(parser: argparse.ArgumentParser) -> None:
    deciding.arguments(parser)
    parser.add_argument("--reason", metavar="TEXT", help="why, for the record")


def main(options: argparse.Namespace) -> int:
    return deciding.decide(options, "approve", reason=options.reason)
