"""How long `./pants package` takes when one source of one tool was changed, in each language.

    build-support/python benchmarks/package_again.py [--rounds 3] [LANGUAGE ...]

In a clone of this checkout's last commit, with this machine's cache: each tool is packaged, then for each round a
comment is added to one of its sources and the tool packaged again, Pants' process being there. Prints medians and the
targets, and the processor time of what ran (Pants' process, its children, the command): on a machine with other work
the seconds are those of the whole machine, the processor time hardly.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Edit:
    """A tool, one of its sources, and how a line of it becomes a comment."""

    tool: str
    source: str
    comment: str
    target_seconds: int


@dataclass(frozen=True)
class Took:
    seconds: float
    processor_seconds: float


EDITS = {
    "rust": Edit("rust/clustering", "src/shape.rs", "//", 40),
    "go": Edit("go/web_research", "research/company.go", "//", 10),
    "typescript": Edit("typescript/books", "src/best-sellers.ts", "//", 6),
    "java": Edit("java/stock_analyzer", "src/main/java/stock_analyzer/Volatility.java", "//", 15),
    "python": Edit("python/market_data", "prices.py", "#", 10),
}


@contextmanager
def clone() -> Iterator[Path]:
    """A clone of the last commit; the process that Pants leaves behind in it ends with it."""
    with tempfile.TemporaryDirectory(prefix="package-again-") as folder:
        checkout = Path(folder) / "checkout"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(checkout)], check=True)
        try:
            yield checkout
        finally:
            for pid in _daemons(checkout):
                os.kill(pid, signal.SIGTERM)


def _daemons(checkout: Path) -> list[int]:
    told = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    lines = (line.split(maxsplit=1) for line in told.splitlines())
    return [int(pid) for pid, args in lines if args.startswith(f"pantsd [{checkout}]")]


def packaged(checkout: Path, edit: Edit) -> Took:
    """One `./pants package`."""
    started, worked = time.perf_counter(), processor_seconds(checkout)
    command = ["./pants", "--no-dynamic-ui", "package", f"tools/{edit.tool}:lambda"]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    return Took(time.perf_counter() - started, processor_seconds(checkout) - worked)


def processor_seconds(checkout: Path) -> float:
    """Of Pants' process in the checkout, of what it started, and of what this one did."""
    own = resource.getrusage(resource.RUSAGE_CHILDREN)
    daemons = [psutil.Process(pid).cpu_times() for pid in _daemons(checkout)]
    return own.ru_utime + own.ru_stime + sum(sum(times[:4]) for times in daemons)


def again(checkout: Path, edit: Edit, rounds: int) -> list[Took]:
    source = checkout / "tools" / edit.tool / edit.source
    text = source.read_text("utf-8")
    packaged(checkout, edit)
    took = []
    for round_ in range(rounds):
        source.write_text(f"{text}\n{edit.comment} {time.time_ns()}, round {round_}\n", "utf-8")
        took.append(packaged(checkout, edit))
    return took


def row(edit: Edit, took: list[Took]) -> str:
    each = ", ".join(f"{one.seconds:.1f}" for one in took)
    processor = statistics.median(one.processor_seconds for one in took)
    seconds = statistics.median(one.seconds for one in took)
    return f"{edit.tool:<22} {seconds:5.1f} s ({each}), processor {processor:5.1f} s; target {edit.target_seconds} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE", default=list(EDITS), help=", ".join(EDITS))
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with clone() as checkout:
        for language in options.languages:
            edit = EDITS[language]
            print(row(edit, again(checkout, edit, options.rounds)), flush=True)


if __name__ == "__main__":
    main()
