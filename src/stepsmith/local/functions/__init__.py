"""Lambda functions of this machine: those of the repository, and those that were created through the API.

names        what a request calls a function, and its ARN
values       what is kept of a created function: settings, versions, aliases, policies, layers
tables       the rows that hold them, of `formats`; `code` the zips beside the database
hosted       functions of the repository, and Python callables in their place
functions    which of all these a name means, as whom it runs, and its call
concurrency  how many calls at once; `events` the asynchronous ones, which wait and are retried
outcomes     how a call ends for a state machine
logs         what functions print, on its way into CloudWatch Logs
errors       what Lambda refuses, in its own words
"""

from .code import CodeStore
from .concurrency import Concurrency
from .errors import LambdaError
from .events import Events
from .functions import Call, Functions, Reply, Target
from .hosted import Hosted, InProcess
from .logs import FunctionLogs
from .outcomes import outcome_of
from .tables import Tables as FunctionTables

__all__ = [
    "Call",
    "CodeStore",
    "Concurrency",
    "Events",
    "FunctionLogs",
    "FunctionTables",
    "Functions",
    "Hosted",
    "InProcess",
    "LambdaError",
    "Reply",
    "Target",
    "outcome_of",
]
