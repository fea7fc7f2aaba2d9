"""What `run` and `resume` share: a run watched to its end, and how it is told."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any

from stepsmith.asl import Invoke
from stepsmith.asl.outcome import Submitted
from stepsmith.contracts import RunOutput
from stepsmith.local.journal import Pending
from stepsmith.trace import Failed, Trace

from .artifacts import artifacts
from .errors import COMPLETED, FAILED, STOPPED
from .laptop import LOCAL
from .live import Live, last_line
from .results import sentence
from .settings import Settings
from .terminal import answer, document, note, say

if TYPE_CHECKING:
    from stepsmith.local import Run, Runtime  # `show` tells what is recorded, and runs nothing

LOOK_SECONDS = 0.1


class LeftWaiting(Exception):
    """The run waits for a person, and nobody waits for the run (--no-wait)."""


async def watch(runtime: Runtime, run: Run, live: Live, no_wait: bool = False) -> Trace:
    """Shows the run until its end. Ctrl-C or SIGTERM cancels this: the run then waits for `resume`. With `no_wait`
    LeftWaiting is raised as soon as nothing goes on but waiting for people."""
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    with live:
        showing = asyncio.ensure_future(_show(run, live))
        try:
            while not showing.done():
                await asyncio.wait([showing], timeout=LOOK_SECONDS if no_wait else None)
                if no_wait and not showing.done() and waits_for_people(runtime, run):
                    raise LeftWaiting
            await showing
        finally:
            showing.cancel()
    await run.wait()
    return live.trace


async def _show(run: Run, live: Live) -> None:
    async for event in run.events():
        live.feed(event.to_json())


def waits_for_people(runtime: Runtime, run: Run) -> bool:
    """Whether all that the run waits for are tokens and workers, in the runs below it too."""
    pending = tuple(run.replica.pending.values())
    return bool(pending) and all(_is_for_people(runtime, each) for each in pending)


def _is_for_people(runtime: Runtime, pending: Pending) -> bool:
    match pending.effect, pending.news:
        case Invoke(resource=resource), _ if ":activity:" in resource:
            return True
        case Invoke(resource=resource), Submitted() if resource.endswith(".waitForTaskToken"):
            return True
        case Invoke(resource=resource), Submitted(started) if "startExecution.sync" in resource:
            child = runtime.at_work(started["ExecutionArn"])
            return child is not None and waits_for_people(runtime, child)
        case _:
            return False


def tell(trace: Trace, again: str, settings: Settings) -> int:
    """The answer, where its charts lie, and one line on the run and how to see it again; returns the exit code."""
    if trace.output:
        note("")
        _say_output(trace.output)
    for picture in (each for each in artifacts(trace, settings.data / "s3") if each.is_picture):
        say(f"\n  {picture.title}  {picture.path}", "cyan")
    if isinstance(trace.end, Failed):
        note(failure(trace.end), "bold red")
    note("")
    note(last_line(trace, again), "dim")
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


def shown(run_id: str) -> str:
    """How one sees a run again."""
    return f"stepsmith show {run_id}"


def goes_on(run_id: str) -> str:
    """What is said when the watching of a run ends that another process works on."""
    return (
        f"`stepsmith up` goes on with it: `stepsmith resume {run_id}` watches it, `stepsmith cancel {run_id}` ends it."
    )


def left_waiting(run_id: str) -> str:
    """What --no-wait says when it leaves."""
    return f"Run {run_id} waits for a person. Once that is decided, `stepsmith resume {run_id}` goes on with it."


def interrupted(run_id: str) -> str:
    return f"Interrupted. `stepsmith resume {run_id}` finishes it."
