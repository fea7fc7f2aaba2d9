"""A trial: one state, run once, as TestState does it. Pure like an execution, and on the same states and recovery.

    subject = subjects.alone('{"Type": "Pass", "Next": "Somewhere"}')       # or subjects.within(load(text), "Route")
    steps = run(subject, Setting(input, context, seed), Mocked(result))     # or MockedError(..), or None: ask the world
    effect = next(steps)                                                    # Invoke | Sleep
    steps.send((outcome.Succeeded(result), now_ms))                         # StopIteration.value is the Report

There is no history and no second attempt: what Retry would do is told, not done.
"""

from . import subjects
from .report import Caught, Failed, Mock, Mocked, MockedError, Report, Retriable, Setting, Succeeded, Verdict
from .running import MAX_SECONDS, Asking, run
from .subjects import Subject, UnknownState

__all__ = [
    "MAX_SECONDS",
    "Asking",
    "Caught",
    "Failed",
    "Mock",
    "Mocked",
    "MockedError",
    "Report",
    "Retriable",
    "Setting",
    "Subject",
    "Succeeded",
    "UnknownState",
    "Verdict",
    "run",
    "subjects",
]
