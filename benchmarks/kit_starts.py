"""How long a kit takes to start: docs/tools.md's tool in each language, built and called behind Lambda's Runtime API.

    build-support/python -m benchmarks.kit_starts [--rounds 9] [LANGUAGE ...]

In a clone of this checkout's last commit, with this machine's cache. Each round starts a process for each of two calls:
`count_words`, a handler and nothing else, and `count_words_of_file`, which reads one object of the artifact store (on
loopback); both inputs are checked against their schemas. Prints medians, from Invoke to the answer with the start of
its process, beside the targets, and the processor time of the process from its start to its end: on a machine with
other work the milliseconds are those of the whole machine, the processor time hardly. Pants builds first.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.package_again import clone
from stepsmith.contracts import ToolFunction
from stepsmith.lambdas import Function, Processes
from stepsmith.local.s3 import Buckets, ObjectServer
from tests.artifacts.hosting import BUCKET, PREFIX, ROLE, call
from tests.tool_docs.page import LANGUAGES, commands, write_tool

TEXT = "To be or not to be"
CALLS = {"count_words": {"text": TEXT}, "count_words_of_file": {"uri": f"s3://{BUCKET}/{PREFIX}speech.txt"}}
ANSWER = {"words": 6, "different": 4}


@dataclass(frozen=True)
class Targets:
    """Milliseconds of a cold start: with a handler and nothing else, and with a read of the artifact store."""

    handler: int
    read: int


TARGETS = {
    "rust": Targets(20, 60),
    "go": Targets(20, 60),
    "typescript": Targets(250, 500),
    "python": Targets(250, 500),
    "java": Targets(700, 2500),
}


@dataclass(frozen=True)
class Took:
    milliseconds: float
    processor_milliseconds: float


def build(checkout: Path, language: str) -> tuple[ToolFunction, Path]:
    """The page's tool, packaged; its section's commands bring the lock of its language up to date."""
    write_tool(checkout, language)
    place = f"tools/{language}/word_count"
    for command in [*commands(LANGUAGES[language]), f"./pants --no-dynamic-ui package {place}:lambda"]:
        done = subprocess.run(["bash", "-c", command], cwd=checkout, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{command} failed:\n{done.stderr}")
    described = json.loads((checkout / place / "tool.json").read_text("utf-8"))
    return ToolFunction.from_json(described), checkout / f"dist/{place}.zip"


async def measured(tool: ToolFunction, artifact: Path, folder: Path, rounds: int) -> dict[str, list[Took]]:
    """Each call's rounds; the store lies in the folder. One before them unpacks the artifact and warms the disk."""
    async with ObjectServer(Buckets(folder / "s3"), lambda: round(time.time() * 1000)) as objects:
        function = Function(
            tool.function,
            artifact,
            tool.handler or "lambda_function.handler",
            runtime=tool.runtime or "python3.12",
            timeout_seconds=tool.timeout_seconds,
            memory_mb=tool.memory_mb,
            environment=objects.session(ROLE),
        )
        return {
            name: [await cold(function, folder / "cache", call(name, input)) for _ in range(rounds + 1)][1:]
            for name, input in CALLS.items()
        }


async def cold(function: Function, cache: Path, event: dict[str, Any]) -> Took:
    """The first call of a process, which then ends."""
    worked = processor_seconds()
    async with Processes(cache=cache) as processes:
        started = time.perf_counter()
        answer = await processes.invoke(function, json.dumps(event).encode())
        took = time.perf_counter() - started
    result = json.loads(answer.payload)
    if answer.error or result["is_error"] or json.loads(result["content"][0]["text"]) != ANSWER:
        raise SystemExit(f"{event['name']} answered {result}")
    return Took(took * 1000, (processor_seconds() - worked) * 1000)


def processor_seconds() -> float:
    """Of the processes that this one has started and seen end."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


def row(language: str, tool: ToolFunction, artifact: Path, rounds: int) -> str:
    with tempfile.TemporaryDirectory() as name:
        speech = Path(name, "s3", BUCKET, PREFIX, "speech.txt")
        speech.parent.mkdir(parents=True)
        speech.write_text(TEXT, "utf-8")
        took = asyncio.run(measured(tool, artifact, Path(name), rounds))
    targets = TARGETS[language]
    handler, read = cell(took["count_words"], targets.handler), cell(took["count_words_of_file"], targets.read)
    return f"{language:<10}  handler {handler}   with a read {read}"


def cell(took: list[Took], target: int) -> str:
    milliseconds = statistics.median(one.milliseconds for one in took)
    processor = statistics.median(one.processor_milliseconds for one in took)
    return f"{milliseconds:6.0f} ms (processor {processor:5.0f}, target {target:5})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE", default=list(TARGETS), help=", ".join(TARGETS))
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    with clone() as checkout:
        built = {language: build(checkout, language) for language in options.languages}
        for language, (tool, artifact) in built.items():
            print(row(language, tool, artifact, options.rounds), flush=True)
    print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
