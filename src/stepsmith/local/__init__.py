"""State machines on this machine: durable runs, their functions, and the objects they leave behind.

    async with Runtime(data, functions={arn: Hosted(function, Role(objects=("bucket/artifacts/",)))}) as runtime:
        run = runtime.start(machine_arn, definition, {"prompt": "How many teams won over 100 games?"})
        ending = await run.wait()

The interpreter (`stepsmith.asl`) decides what happens next and is pure; this layer performs what it asks for and keeps
the outcomes (`store`, `journal`), so that a run survives the death of its process. `integrations` is the table of what
a Task may call, `s3` the object store on loopback, `errors` what can go wrong and what to do.

Names are loaded when they are asked for (PEP 562): `up` listens by `endpoint`, and `approvals` lists by the database,
before, or without, the interpreter and all that it runs.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stepsmith.local.clock import Clock as Clock
    from stepsmith.local.clock import RealClock as RealClock
    from stepsmith.local.clock import VirtualClock as VirtualClock
    from stepsmith.local.functions import Hosted as Hosted
    from stepsmith.local.functions import InProcess as InProcess
    from stepsmith.local.roles import Role as Role
    from stepsmith.local.run import Run as Run
    from stepsmith.local.runtime import Runtime as Runtime
    from stepsmith.local.store import Beginning as Beginning
    from stepsmith.local.store import Ending as Ending
    from stepsmith.local.store import Row as Row
    from stepsmith.local.tokens import ActivityTask as ActivityTask
    from stepsmith.local.tokens import Tokens as Tokens
else:
    _HOMES = {
        "ActivityTask": "tokens",
        "Beginning": "store",
        "Clock": "clock",
        "Ending": "store",
        "Hosted": "functions",
        "InProcess": "functions",
        "RealClock": "clock",
        "Role": "roles",
        "Row": "store",
        "Run": "run",
        "Runtime": "runtime",
        "Tokens": "tokens",
        "VirtualClock": "clock",
    }

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
