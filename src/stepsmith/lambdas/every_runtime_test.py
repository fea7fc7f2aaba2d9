"""How a process ends is the same in every runtime: over its time, over its memory, killed in the middle, or closed.
Each runtime has a function that does what the event says; real processes, with a child each."""

import asyncio
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest
import pytest_asyncio

from stepsmith.lambdas import Answer, Function, LogLine, Processes

pytestmark = pytest.mark.asyncio

MEMORY_MB = 256
EATEN = 400_000_000

PYTHON = f"""
import os, subprocess, sys, time
def handler(event, context=None):
    if event["do"] == "family":
        child = subprocess.Popen(["/bin/sleep", "60"])
        print(os.getpid(), child.pid, flush=True)
        time.sleep(event["seconds"])
    elif event["do"] == "eat":
        eaten = b"x" * {EATEN}
        time.sleep(60)
    elif event["do"] == "die":
        os.kill(os.getpid(), 9)
    return "alive"
"""

PROVIDED = f"""#!{sys.executable} -S
import json, urllib.request
{PYTHON}
root = f"http://{{os.environ['AWS_LAMBDA_RUNTIME_API']}}/2018-06-01/runtime/invocation"
while True:
    with urllib.request.urlopen(f"{{root}}/next") as call:
        id, event = call.headers["Lambda-Runtime-Aws-Request-Id"], json.load(call)
    urllib.request.urlopen(f"{{root}}/{{id}}/response", json.dumps(handler(event)).encode()).close()
"""

NODE = f"""
import {{ spawn }} from "node:child_process";
import {{ setTimeout }} from "node:timers/promises";
export const handler = async (event) => {{
  if (event.do === "family") {{
    const child = spawn("/bin/sleep", ["60"]);
    process.stdout.write(`${{process.pid}} ${{child.pid}}\\n`);
    await setTimeout(event.seconds * 1000);
  }} else if (event.do === "eat") {{
    globalThis.eaten = Buffer.alloc({EATEN}, 1);
    await setTimeout(60_000);
  }} else if (event.do === "die") process.kill(process.pid, "SIGKILL");
  return "alive";
}};
"""

# The heap is bounded below the function's memory: what eats is a child.
JAVA = f"""
import java.util.Map;
public final class Handler {{
    public String handle(Map<String, Object> event) throws Exception {{
        if (event.get("do").equals("family")) {{
            Process child = new ProcessBuilder("/bin/sleep", "60").start();
            System.out.println(ProcessHandle.current().pid() + " " + child.pid());
            Thread.sleep(Math.round(1000 * ((Number) event.get("seconds")).doubleValue()));
        }} else if (event.get("do").equals("eat")) {{
            new ProcessBuilder("{sys.executable}", "-c", "import time; x = b'x' * {EATEN}; time.sleep(60)").start();
            Thread.sleep(60_000);
        }} else if (event.get("do").equals("die")) {{
            new ProcessBuilder("/bin/sh", "-c", "kill -9 " + ProcessHandle.current().pid()).start().waitFor();
        }}
        return "alive";
    }}
}}
"""


def python(folder: Path) -> Function:
    (folder / "app.py").write_text(PYTHON)
    return Function("fn", folder, "app.handler", memory_mb=MEMORY_MB)


def node(folder: Path) -> Function:
    (folder / "app.mjs").write_text(NODE)
    return Function("fn", folder, "app.handler", "nodejs22.x", memory_mb=MEMORY_MB)


def java(folder: Path) -> Function:
    (folder / "Handler.java").write_text(JAVA)
    subprocess.run(["javac", "--release", "17", "-d", "classes", "Handler.java"], cwd=folder, check=True)
    return Function("fn", folder / "classes", "Handler::handle", "java21", memory_mb=MEMORY_MB)


def provided(folder: Path) -> Function:
    entry = zipfile.ZipInfo("bootstrap")
    entry.external_attr = 0o100755 << 16
    with zipfile.ZipFile(folder / "function.zip", "w") as archive:
        archive.writestr(entry, PROVIDED)
    return Function("fn", folder / "function.zip", "bootstrap", "provided.al2023", memory_mb=MEMORY_MB)


NEEDED: dict[Callable[[Path], Function], tuple[str, ...]] = {
    python: (),
    provided: (),
    node: ("node",),
    java: ("javac", "java", "mvn"),
}


@pytest.fixture(scope="module", params=NEEDED, ids=lambda make: make.__name__)
def function(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Function:
    missing = [program for program in NEEDED[request.param] if shutil.which(program) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not on PATH")
    made: Function = request.param(tmp_path_factory.mktemp("code"))
    return made


@pytest_asyncio.fixture
async def processes(tmp_path_factory: pytest.TempPathFactory, lines: list[LogLine]) -> AsyncIterator[Processes]:
    """One cache for all tests of this file: Maven is asked once."""
    async with Processes(cache=tmp_path_factory.getbasetemp() / "cache", log=lines.append) as processes:
        yield processes


async def do(processes: Processes, function: Function, what: str, seconds: float = 0, within: float = 30) -> Answer:
    event = json.dumps({"do": what, "seconds": seconds}).encode()
    return await processes.invoke(replace(function, timeout_seconds=within), event)


def error(answer: Answer) -> Any:
    assert answer.error == "Unhandled", answer.payload
    return json.loads(answer.payload)


def lives(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


async def gone(lines: list[LogLine]) -> bool:
    """Whether the processes that a function printed end."""
    pids = next([int(word) for word in line.text.split()] for line in lines if line.text.split()[0].isdigit())
    assert len(pids) == 2
    async with asyncio.timeout(10):
        while any(lives(pid) for pid in pids):
            await asyncio.sleep(0.01)
    return True


async def test_over_its_time_it_ends_with_its_child(
    processes: Processes, function: Function, lines: list[LogLine]
) -> None:
    told = error(await do(processes, function, "family", seconds=60, within=2))
    assert told["errorType"] == "Sandbox.Timedout"
    assert await gone(lines)


async def test_over_its_memory_it_is_killed(processes: Processes, function: Function) -> None:
    assert error(await do(processes, function, "eat"))["errorType"] == "Runtime.OutOfMemory"


async def test_killed_in_the_middle_it_is_told_and_the_next_call_is_served(
    processes: Processes, function: Function
) -> None:
    told = error(await do(processes, function, "die"))
    assert told["errorType"] == "Runtime.ExitError"
    assert "signal: killed" in told["errorMessage"]
    assert (await do(processes, function, "nothing")).payload == b'"alive"'


async def test_closing_leaves_neither_it_nor_its_child(
    tmp_path_factory: pytest.TempPathFactory, function: Function, lines: list[LogLine]
) -> None:
    async with Processes(cache=tmp_path_factory.getbasetemp() / "cache", log=lines.append) as processes:
        await do(processes, function, "family")
    assert await gone(lines)
