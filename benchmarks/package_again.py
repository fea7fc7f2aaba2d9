"""How long `./pants package` takes when one source of one tool was changed, in each language.

    build-support/python benchmarks/package_again.py [--rounds 3] [LANGUAGE ...]

In a clone of this checkout's last commit, with this machine's cache: each tool is packaged, then for each round a
comment is added to one of its sources and the tool packaged again, Pants' process being there. Prints medians, and the
targets.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Edit:
    """A tool, one of its sources, and how a line of it becomes a comment."""

    tool: str
    source: str
    comment: str
    target_seconds: int


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


def packaged(checkout: Path, edit: Edit) -> float:
    """Seconds of one `./pants package`."""
    started = time.perf_counter()
    command = ["./pants", "--no-dynamic-ui", "package", f"tools/{edit.tool}:lambda"]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    return time.perf_counter() - started


def again(checkout: Path, edit: Edit, rounds: int) -> list[float]:
    source = checkout / "tools" / edit.tool / edit.source
    text = source.read_text("utf-8")
    packaged(checkout, edit)
    took = []
    for round_ in range(rounds):
        source.write_text(f"{text}\n{edit.comment} {time.time_ns()}, round {round_}\n", "utf-8")
        took.append(packaged(checkout, edit))
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE", default=list(EDITS), help=", ".join(EDITS))
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with clone() as checkout:
        for language in options.languages:
            edit = EDITS[language]
            took = again(checkout, edit, options.rounds)
            each = ", ".join(f"{seconds:.1f}" for seconds in took)
            print(
                f"{edit.tool:<22} {statistics.median(took):5.1f} s ({each}); target {edit.target_seconds} s", flush=True
            )


if __name__ == "__main__":
    main()
