"""Functions in Java by AWS's own client: real processes, compiled here by javac."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from stepsmith.lambdas import Answer, Function, LogLine, NotRunnable, Processes, java_client

MISSING = [program for program in ("javac", "java", "mvn") if shutil.which(program) is None]
pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.skipif(bool(MISSING), reason=f"{MISSING} not on PATH: install a JDK of version 17 and Maven 3.8"),
]

HANDLER = """
package app;
import java.util.List;
import java.util.Map;
public final class Handler {
    private static int calls = 0;
    public Object twice(Map<String, Object> event) {
        return Map.of("twice", 2 * ((Number) event.get("n")).intValue(), "text", event.get("text"), "call", ++calls);
    }
    public Object fail(Map<String, Object> event) { throw new IllegalStateException("too thin"); }
    public Object exit(Map<String, Object> event) { Runtime.getRuntime().halt(3); return null; }
    public Object hang(Map<String, Object> event) throws Exception { Thread.sleep(60_000); return null; }
    public Object environment(Map<String, Object> event) { return System.getenv(); }
    public Object eat(Map<String, Object> event) { return new byte[2_000_000_000].length; }
    public Object mapped(Map<String, Object> event) throws Exception {
        return java.nio.file.Files.readAllLines(java.nio.file.Path.of("/proc/self/maps"));
    }
    public Object say(Map<String, Object> event) { System.out.println("said"); return List.of(); }
}
"""


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("java")
    (folder / "Handler.java").write_text(HANDLER)
    subprocess.run(["javac", "--release", "17", "-d", "classes", "Handler.java"], cwd=folder, check=True)
    return folder / "classes"


@pytest_asyncio.fixture
async def processes(tmp_path_factory: pytest.TempPathFactory, lines: list[LogLine]) -> Any:
    """One cache for all tests of this file: Maven is asked once."""
    cache = tmp_path_factory.getbasetemp() / "java-cache"
    async with Processes(cache=cache, log=lines.append) as processes:
        yield processes


def function(code: Path, method: str, **settings: Any) -> Function:
    given = {"runtime": "java21", "timeout_seconds": 20, "memory_mb": 512, **settings}
    return Function("fn", code, f"app.Handler::{method}", **given)


def value(answer: Answer) -> Any:
    assert answer.error is None, answer.payload
    return json.loads(answer.payload)


def error(answer: Answer) -> Any:
    assert answer.error == "Unhandled", answer.payload
    return json.loads(answer.payload)


async def test_a_handler_answers_and_is_met_warm(processes: Processes, code: Path) -> None:
    payload = json.dumps({"n": 21, "text": "žluť 🐴"}).encode()
    for call in (1, 2):
        answer = await processes.invoke(function(code, "twice"), payload)
        assert value(answer) == {"twice": 42, "text": "žluť 🐴", "call": call}


async def test_an_exception_has_its_class_and_message(processes: Processes, code: Path) -> None:
    told = error(await processes.invoke(function(code, "fail"), b"{}"))
    assert (told["errorType"], told["errorMessage"]) == ("java.lang.IllegalStateException", "too thin")


async def test_a_handler_that_is_not_there_is_told(processes: Processes, code: Path) -> None:
    told = error(await processes.invoke(Function("fn", code, "app.Nothing::x", "java21", 20, 512), b"{}"))
    assert "app.Nothing" in told["errorMessage"]


async def test_an_exit_in_the_middle_is_told(processes: Processes, code: Path) -> None:
    told = error(await processes.invoke(function(code, "exit"), b"{}"))
    assert told["errorType"] == "Runtime.ExitError"


async def test_a_call_over_its_time_is_ended(processes: Processes, code: Path) -> None:
    told = error(await processes.invoke(function(code, "hang", timeout_seconds=2), b"{}"))
    assert told["errorType"] == "Sandbox.Timedout"


async def test_the_heap_is_bounded_below_the_memory(processes: Processes, code: Path) -> None:
    assert "OutOfMemory" in error(await processes.invoke(function(code, "eat"), b"{}"))["errorType"]


async def test_nothing_of_the_machines_environment_is_seen(
    processes: Processes, code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "secret")
    seen = value(await processes.invoke(function(code, "environment", environment={"STAGE": "dev"}), b"{}"))
    assert "ANTHROPIC_API_KEY" not in seen
    assert (seen["STAGE"], seen["AWS_EXECUTION_ENV"]) == ("dev", "AWS_Lambda_java21")


async def test_what_it_prints_is_logged(processes: Processes, code: Path, lines: list[LogLine]) -> None:
    await processes.invoke(function(code, "say"), b"{}")
    assert "said" in [line.text for line in lines]


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc: what a process has loaded")
async def test_no_process_loads_what_another_one_may_be_writing(processes: Processes, code: Path) -> None:
    seen = value(await processes.invoke(function(code, "mapped"), b"{}"))
    (native,) = {line.split()[-1] for line in seen if "aws-lambda-jni" in line}
    assert Path(native).name == java_client.NATIVE
    assert Path(native).parent.name.startswith("java-runtime-"), "unpacked once, not to /tmp by each process"


async def test_without_maven_it_says_what_to_install(
    code: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    async with Processes(cache=tmp_path / "cache") as processes:
        with pytest.raises(NotRunnable, match="install Maven"):
            await processes.invoke(function(code, "say"), b"{}")
    assert not java_client.folder(tmp_path / "cache" / "lambdas").exists()
