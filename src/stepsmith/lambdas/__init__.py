"""AWS Lambda's processes on this machine: real code behind the documented Runtime API.

    async with Processes(cache=cache, log=print) as processes:
        answer = await processes.invoke(Function("hello", Path("hello"), "handler.handler"), b'{"name": "Ada"}')

`function.py` has the nouns, `processes.py` the pool, `process.py` the life of one process, `runtime_api.py` the HTTP
API that a process talks to, `bootstraps/` what runs inside it. Nothing of Stepsmith is imported here.
"""

from stepsmith.lambdas.artifact import MAX_UNPACKED_BYTES, examine, unpacked_bytes
from stepsmith.lambdas.errors import BadCode, NoCode, NotRunnable, TooMuchCode, UnknownRuntime
from stepsmith.lambdas.function import Answer, Function, LogLine
from stepsmith.lambdas.processes import Processes
from stepsmith.lambdas.runtimes import RUNTIMES

__all__ = [
    "MAX_UNPACKED_BYTES",
    "RUNTIMES",
    "Answer",
    "BadCode",
    "Function",
    "LogLine",
    "NoCode",
    "NotRunnable",
    "Processes",
    "TooMuchCode",
    "UnknownRuntime",
    "examine",
    "unpacked_bytes",
]
