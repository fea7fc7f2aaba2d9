"""``stepsmith``: the table of commands, and how an error becomes one sentence."""

from __future__ import annotations

import argparse
import errno
import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from .errors import FAILED, INTERRUPTED, CommandError
from .loading import loaded


@dataclass(frozen=True)
class Command:
    """A command's module is `stepsmith.cli.<module>`; `example` is shown by its --help."""

    name: str
    summary: str
    example: str

    @property
    def module(self) -> ModuleType:
        return loaded(f"stepsmith.cli.commands.{self.name}")


COMMANDS = (
    Command("run", "ask an agent and watch it work", 'run sql "Which team paid least per win in 2010?"'),
    Command("up", "serve Step Functions, Lambda, S3 and the AWS around them on one loopback URL", "up --verbose"),
    Command("env", "print what points AWS clients to the running endpoint", 'env         # eval "$(stepsmith env)"'),
    Command("resume", "finish a run that was interrupted", "resume 7f3k"),
    Command("cancel", "end a run in order, before its next call of a model", "cancel 7f3k"),
    Command("approvals", "list what waits for a person's decision", "approvals"),
    Command("approve", "let a call run that waits for a decision", "approve 7f3k"),
    Command("edit", "let a call run with another input", """edit 7f3k --input '{"count": 5}'"""),
    Command("reject", "refuse a call that waits for a decision", 'reject 7f3k --reason "not before Monday"'),
    Command("answer", "give a call its result without running it", 'answer 7f3k --text "It is gone already."'),
    Command("runs", "list the runs of this machine", "runs --agent sql"),
    Command("show", "show a run: every turn, call, result and cost", "show 7f3k"),
    Command("graph", "draw the state machine of an agent, or a run in it", "graph sql --open"),
    Command("list", "list the agents and their tools", "list"),
    Command(
        "tools",
        "list the tools with what they may do, or try one",
        """tools try execute_sql_query '{"sql_query": "SELECT 1"}'""",
    ),
    Command(
        "infra", "deploy everything by Terraform, to AWS or to the endpoint of `up`", "infra apply --env dev --local"
    ),
    Command("secrets", "put keys into Secrets Manager for deployed functions", "secrets push --env dev"),
    Command("models", "list the model vendors, their keys and some models", "models"),
    Command("compile", "print an agent's state machine (ASL)", "compile sql > sql.asl.json"),
    Command("lint", "check agents, tools and state machines", "lint"),
    Command("doctor", "say what is installed, what is missing, what to do", "doctor"),
)


INTRODUCTION = """AI agents on AWS Step Functions, and the very same agents on this machine.

  stepsmith run sql                    watch an agent answer the sample question: no key, no account
  stepsmith run sql "..." --model M    ask your own question (see `stepsmith models`)
"""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="stepsmith", description=INTRODUCTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = top.add_subparsers(title="commands", metavar="COMMAND", dest="command", required=True)
    for command in COMMANDS:
        commands.add_parser(command.name, help=command.summary, add_help=False)
    return top


def command_parser(command: Command) -> argparse.ArgumentParser:
    """One command's own parser, with the options that every command has."""
    made = argparse.ArgumentParser(
        prog=f"stepsmith {command.name}",
        description=f"{command.summary[0].upper()}{command.summary[1:]}.\n\n{command.module.__doc__ or ''}".rstrip(),
        epilog=f"example:\n  stepsmith {command.example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.module.arguments(made)
    made.add_argument("--data", metavar="DIR", help="where runs and their artifacts are kept (default: in the cache)")
    made.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # it would read every package's metadata for them
    words = list(sys.argv[1:] if arguments is None else arguments)
    command = next((each for each in COMMANDS if words and each.name == words[0]), None)
    if command is None:
        parser().parse_args(words or ["--help"])  # Prints the help, or the error that lists the commands.
        return FAILED
    try:
        code: int = command.module.main(command_parser(command).parse_intermixed_args(words[1:]))
        return code
    except BaseException as error:  # noqa: BLE001 - whatever it was, a person gets one sentence
        return report(error, "--debug" in words)


def report(error: BaseException, debug: bool) -> int:
    """One sentence on stderr, and the exit code; the traceback only where it was asked for."""
    if isinstance(error, SystemExit):
        raise error
    if debug:
        traceback.print_exception(error)
    match error:
        case CommandError():
            _complain(str(error))
            return error.exit_code
        case KeyboardInterrupt():
            return INTERRUPTED
        case BrokenPipeError():
            return FAILED
        case OSError(errno=errno.ENOSPC):
            _complain(f"The disk is full ({error}): make room, then do this again; `stepsmith resume` finishes a run.")
        case OSError(strerror=str(reason), filename=str(place)):
            _complain(f"{place!r} cannot be used: {reason}. Mend that, or choose another folder (--data DIR).")
        case _ if isinstance(error, OSError) or type(error).__module__.startswith("stepsmith."):
            _complain(str(error) or type(error).__name__)
        case _:
            _complain(f"A defect of stepsmith: {type(error).__name__}: {error}. --debug shows where.")
    return FAILED


def _complain(sentence: str) -> None:
    from .terminal import note

    note(sentence, "bold red")


if __name__ == "__main__":
    sys.exit(main())
