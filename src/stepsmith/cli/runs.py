"""What `run` and `resume` share: a run watched to its end, and how it is told."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

from stepsmith.contracts import RunOutput
from stepsmith.local import Run
from stepsmith.trace import Failed, Trace

from .artifacts import artifacts
from .errors import COMPLETED, FAILED, STOPPED
from .live import Live, last_line
from .results import sentence
from .settings import Settings
from .terminal import answer, document, note, say
from .wiring import LOCAL


async def watch(run: Run, live: Live) -> Trace:
    """Shows the run until its end. Ctrl-C or SIGTERM cancels this: the run then waits for `resume`."""
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    with live:
        async for event in run.events():
            live.feed(event.to_json())
    await run.wait()
    return live.trace


def tell(trace: Trace, run_id: str, settings: Settings) -> int:
    """The answer, where its charts lie, and one line about the run; returns the exit code."""
    if trace.output:
        note("")
        _say_output(trace.output)
    for picture in (each for each in artifacts(trace, settings.data / "s3") if each.is_picture):
        say(f"\n  {picture.title}  {picture.path}", "cyan")
    if isinstance(trace.end, Failed):
        note(failure(trace.end), "bold red")
    note("")
    note(last_line(trace, run_id), "dim")
    return exit_code(trace)


def tell_json(trace: Trace, run_id: str, agent: str, settings: Settings) -> int:
    document(summary(trace, run_id, agent, settings))
    return exit_code(trace)


def summary(trace: Trace, run_id: str, agent: str, settings: Settings) -> dict[str, Any]:
    """The run output of the contracts with the run's id and its artifacts; of a failed run its error."""
    files = [
        {"title": each.title, "media_type": each.media_type, "uri": each.uri, "path": str(each.path)}
        for each in artifacts(trace, settings.data / "s3")
    ]
    ended: dict[str, Any] = trace.output.to_json() if trace.output else {"status": trace.status, "output": None}
    if isinstance(trace.end, Failed):
        ended |= {"error": trace.end.error, "cause": trace.end.cause}
    return {"run_id": run_id, "agent": agent, **ended, "seconds": trace.seconds, "artifacts": files}


def exit_code(trace: Trace) -> int:
    return {"completed": COMPLETED, "stopped": STOPPED}.get(trace.status, FAILED)


def failure(end: Failed) -> str:
    """``FAILED: LlmAuthentication: ...`` with the function's own sentence, where its cause is an error document."""
    return f"{end.status.capitalize()}: {end.error}: {sentence(end.cause)}"


def _say_output(output: RunOutput) -> None:
    is_empty = output.output in (None, "")
    if output.status == "stopped":
        how = "without an answer." if is_empty else "with the best answer so far:"
        note(f"Stopped ({output.stop_reason}) {how}", "yellow")
    elif is_empty:
        note("The model said nothing.", "yellow")
    if isinstance(output.output, str):
        answer(output.output)
    elif output.output is not None:
        document(output.output)


def agent_of(machine_arn: str, agents: tuple[str, ...]) -> str:
    """The agent whose state machine this is."""
    return next((name for name in agents if LOCAL.machine_arn(name) == machine_arn), machine_arn.rpartition(":")[2])


def base_url_of(input: Any) -> str | None:
    """The server that a run was begun with, which `run` keeps in its metadata."""
    match input:
        case {"metadata": {"base_url": str(url)}}:
            return url
        case _:
            return None


def goes_on(run_id: str) -> str:
    """What is said when the watching of a run ends that another process works on."""
    return (
        f"`stepsmith up` goes on with it: `stepsmith resume {run_id}` watches it, `stepsmith cancel {run_id}` ends it."
    )


def interrupted(run_id: str) -> str:
    return f"Interrupted. `stepsmith resume {run_id}` finishes it."
