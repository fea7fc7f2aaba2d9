"""What every action of Lambda's API works on, and what an action is.

    def get_alias(api: Api, given: dict[str, Any]) -> Answer:
        return described.alias(api.alias(given["FunctionName"], given["Name"]))

An action is a plain function, or a coroutine function where it waits. `given` is the request as the service model
describes it, checked (request.py). The answer is the output as a dict (members that are None are left out), a `Raw`
answer, or None where there is no body. Errors are LambdaErrors (stepsmith.local.functions.errors).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from stepsmith.local.functions import Functions, versions
from stepsmith.local.functions.code import CodeStore
from stepsmith.local.functions.errors import function_not_found, invalid
from stepsmith.local.functions.events import Events
from stepsmith.local.functions.names import LATEST, Name, read
from stepsmith.local.functions.tables import Tables
from stepsmith.local.functions.values import Created, Version
from stepsmith.local.s3 import Buckets


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer that is no JSON of the API's: Invoke's; or that has another status than the service model says."""

    body: bytes = field(repr=False)
    status: int
    headers: Mapping[str, str]


Answer = Mapping[str, Any] | Raw | None


@dataclass(frozen=True, slots=True)
class Api:
    """The functions and their asynchronous calls, the objects that code may come from, the clock, and how revisions
    get their ids."""

    functions: Functions
    events: Events
    objects: Buckets
    now_ms: Callable[[], int]
    new_id: Callable[[], str] = lambda: str(uuid4())

    @property
    def tables(self) -> Tables:
        return self.functions.tables

    @property
    def code(self) -> CodeStore:
        return self.functions.code

    def named(self, given: Mapping[str, Any]) -> Name:
        """The function that a request means. One of the repository has no versions: raises LambdaError."""
        wanted = read(given["FunctionName"], given.get("Qualifier"))
        if wanted.function in self.functions.hosted and wanted.qualifier not in (None, LATEST):
            raise function_not_found(wanted.arn)
        return wanted

    def created(self, name: str) -> Created:
        """A function that may be changed: of those of the repository the files are. Raises LambdaError."""
        function = read(name).function
        if function in self.functions.hosted:
            said = f"The function {function!r} is one of this repository: change its files, or choose another name."
            raise invalid(said)
        found = self.tables.function(function)
        if found is None:
            raise function_not_found(Name(function).arn)
        return found

    def latest(self, name: str) -> Version:
        """`$LATEST` of a function that was created here. Raises LambdaError."""
        found = self.tables.version(self.created(name).name, 0)
        assert found is not None  # it goes with the function
        return found

    def version(self, name: str, qualifier: str | None = None) -> Version:
        """The version that a name and a qualifier mean; an alias means its first one. Raises LambdaError."""
        wanted = read(name, qualifier)
        if wanted.function not in self.functions.hosted and self.tables.function(wanted.function) is None:
            raise function_not_found(Name(wanted.function).arn)
        found = self.tables.version(wanted.function, versions.number(self.tables, wanted))
        if found is None:
            raise function_not_found(wanted.arn)
        return found


Action = Callable[..., Answer | Awaitable[Answer]]
