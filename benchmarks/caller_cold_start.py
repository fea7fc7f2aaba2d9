"""A model caller's cold start beside the plain SDK's: process start to the first byte on the wire.

    python benchmarks/caller_cold_start.py [--pairs 15]

For each vendor, pairs of fresh processes in turn (which one goes first alternates), from one environment with warm
bytecode, against one server on loopback:

    plain     from <vendor> import Client; client.messages.create(...), as the SDK's README has it
    caller    our handler's module, then the handler with a model request: the artifact store on loopback is asked
              for the cancel mark, the request is parsed and mapped, and sent

Time runs from just before the process is started to the arrival of the request's first byte at the server. aiohttp is
hidden from both, as it is from an artifact: it is no dependency of the SDKs, but makes their plain import slower where
it is found. The ratio of the medians must be at most 0.60.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

from stepsmith.local import Role
from stepsmith.local.s3 import Buckets, ObjectServer

ROOT = Path(__file__).parents[1]
TARGET = 0.60
BUCKET = "stepsmith-local-000000000000-us-east-1"

HIDE_AIOHTTP = "import sys; sys.modules['aiohttp'] = None\n"
PLAIN = {
    "anthropic": """
from anthropic import Anthropic
client = Anthropic(max_retries=0)
client.messages.create(model="m", max_tokens=1024, messages=[{"role": "user", "content": "Hello"}])
""",
    "openai": """
from openai import OpenAI
client = OpenAI(max_retries=0)
client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hello"}])
""",
}
CALLER = """
from llm_callers.{vendor}.handler import handler

class Context:
    def get_remaining_time_in_millis(self):
        return 60_000

handler({{
    "run_id": "r", "agent": "a", "turn": 1, "model": "{vendor}:m", "system": "",
    "transcript": {{"chunks": [], "tail": [{{"role": "user", "content": [{{"type": "text", "text": "Hello"}}]}}]}},
    "tools": [], "max_output_bytes": 65536, "final": False, "deadline": "2100-01-01T00:00:00Z",
}}, Context())
"""
VENDORS = tuple(PLAIN)


class Listener(ThreadingTCPServer):
    """Notes when a request's first byte comes, and hangs up: what follows is not measured."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Hearer)
        self.heard = threading.Event()
        self.heard_at = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Hearer(StreamRequestHandler):
    server: Listener

    def handle(self) -> None:
        if self.rfile.read(1) and not self.server.heard.is_set():
            self.server.heard_at = time.perf_counter()
            self.server.heard.set()


@contextmanager
def listening() -> Iterator[Listener]:
    with Listener() as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        yield listener
        listener.shutdown()


def start(program: str, listener: Listener, environment: dict[str, str]) -> float:
    """Milliseconds from the start of a process to its first byte."""
    listener.heard.clear()
    started = time.perf_counter()
    command = [sys.executable, "-c", HIDE_AIOHTTP + program]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=quiet, stderr=quiet)
    heard = listener.heard.wait(timeout=60)
    process.kill() if heard else None
    if process.wait(timeout=60) and not heard:
        raise SystemExit(f"This program sent nothing; run it alone to see why:\n{program}")
    return (listener.heard_at - started) * 1000


def environment(vendor: str, listener: Listener, store: dict[str, str]) -> dict[str, str]:
    """The same for both: a Lambda's variables, and Python's path."""
    base_url = listener.url + {"anthropic": "", "openai": "/v1"}[vendor]
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "AWS_REGION": "us-east-1",
        "STEPSMITH_BUCKET": BUCKET,
        f"{vendor.upper()}_API_KEY": "sk-0",
        f"{vendor.upper()}_BASE_URL": base_url,
        **store,
    }


def measure(vendor: str, pairs: int, listener: Listener, store: dict[str, str]) -> dict[str, list[float]]:
    """Milliseconds of each start; one pair before them warms bytecode and disk."""
    programs = {"plain": PLAIN[vendor], "caller": CALLER.format(vendor=vendor)}
    given = environment(vendor, listener, store)
    times: dict[str, list[float]] = {name: [] for name in programs}
    for pair in range(pairs + 1):
        for name in sorted(programs, reverse=bool(pair % 2)):
            took = start(programs[name], listener, given)
            times[name] += [took] if pair else []
    return times


def table(vendor: str, times: dict[str, list[float]]) -> float:
    """Prints a vendor's lines; gives the ratio of the medians."""
    medians = {name: statistics.median(each) for name, each in times.items()}
    for name, each in times.items():
        print(f"{vendor:<10} {name:<7} {min(each):>7.0f} {medians[name]:>7.0f} {max(each):>7.0f}")
    ratio = medians["caller"] / medians["plain"]
    print(f"{vendor:<10} ratio of medians {ratio:.2f} (at most {TARGET:.2f})")
    return ratio


async def run(pairs: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder, listening() as listener:
        buckets = Buckets(Path(folder))
        buckets.create(BUCKET)
        async with ObjectServer(buckets, lambda: round(time.time() * 1000)) as objects:
            store = objects.session(Role((f"{BUCKET}/",)))
            print(f"{'vendor':<10} {'':<7} {'min ms':>7} {'median':>7} {'max':>7}   {pairs} pairs")
            measured = [
                (vendor, await asyncio.to_thread(measure, vendor, pairs, listener, store)) for vendor in VENDORS
            ]
            return {vendor: table(vendor, times) for vendor, times in measured}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--json", action="store_true", help="print the ratios as JSON, too")
    arguments = parser.parse_args()
    ratios = asyncio.run(run(arguments.pairs))
    if arguments.json:
        print(json.dumps(ratios))
    sys.exit(0 if max(ratios.values()) <= TARGET else 1)


if __name__ == "__main__":
    main()
