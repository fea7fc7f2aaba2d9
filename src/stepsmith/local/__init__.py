"""State machines on this machine: durable runs, their functions, and the objects they leave behind.

    async with Runtime(data, functions={arn: Hosted(function, Role(objects=("bucket/artifacts/",)))}) as runtime:
        run = runtime.start(machine_arn, definition, {"prompt": "How many teams won over 100 games?"})
        ending = await run.wait()

The interpreter (`stepsmith.asl`) decides what happens next and is pure; this layer performs what it asks for and keeps
the outcomes (`store`, `journal`), so that a run survives the death of its process. `integrations` is the table of what
a Task may call, `s3` the object store on loopback, `errors` what can go wrong and what to do.
"""

from stepsmith.local import errors
from stepsmith.local.clock import Clock, RealClock, VirtualClock
from stepsmith.local.functions import Hosted, InProcess
from stepsmith.local.roles import Role
from stepsmith.local.run import Run
from stepsmith.local.runtime import Runtime
from stepsmith.local.store import Beginning, Ending, Row
from stepsmith.local.tokens import ActivityTask, Tokens

__all__ = [
    "ActivityTask",
    "Beginning",
    "Clock",
    "Ending",
    "Hosted",
    "InProcess",
    "RealClock",
    "Role",
    "Row",
    "Run",
    "Runtime",
    "Tokens",
    "VirtualClock",
    "errors",
]
