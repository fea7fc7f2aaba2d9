"""Which function a name means, as whom it runs and what it sees, and its call: one way for machines and for the API.

    target = functions.find("report", "live")          # LambdaError: there is none
    reply = await functions.invoke(target, Call(b'{"week": 7}'))

A function's environment is decided here and nowhere else: the endpoint of this machine, a session key of its own that
opens no more than its role does, for functions of the repository the secrets that they list, and its own settings.
"""

import asyncio
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import assert_never

from stepsmith import lambdas
from stepsmith.local.roles import Principal, Roles

from . import names, versions
from .code import CodeStore
from .concurrency import Concurrency
from .errors import function_not_found, not_ready
from .hosted import Hosted, InProcess, answer
from .names import LATEST, Name
from .tables import Tables
from .values import Version


@dataclass(frozen=True, slots=True)
class Target:
    """What a call runs. `arn` is the one that it was called by, `version` the one that runs."""

    arn: str
    version: str
    function: Hosted | Version

    @property
    def name(self) -> str:
        return names.read(self.arn).function

    @property
    def qualifier(self) -> str:
        """The version or alias that it was called by; empty without."""
        return names.read(self.arn).qualifier or ""


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the payload is a text of JSON, and so is the client's context."""

    payload: bytes = field(repr=False)
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    trace_header: str | None = None
    client_context: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """How a call ended: the payload is the function's answer, or with `is_error` its error document. `log_tail` is the
    end of what it logged."""

    payload: bytes = field(repr=False)
    is_error: bool
    version: str = LATEST
    log_tail: str = field(default="", repr=False)


class Functions:
    """All functions of a runtime. `environment(role)` makes the variables of a process of this role: with a session
    key of its own, and for a `Role` its bucket and secrets."""

    def __init__(
        self,
        hosted: Mapping[str, Hosted],
        tables: Tables,
        code: CodeStore,
        processes: lambdas.Processes,
        environment: Callable[[Principal], Mapping[str, str]],
        random: Random,
        roles: Roles,
        concurrency: Concurrency | None = None,
    ) -> None:
        self.hosted = {names.read(arn).function: each for arn, each in hosted.items()}
        self.tables, self.code = tables, code
        self.concurrency = concurrency or Concurrency(tables)
        self._processes = processes
        self._environment = environment
        self._random = random
        self._roles = roles
        self._begun: set[asyncio.Task[Reply]] = set()
        self._ready: dict[tuple[str, str], tuple[Hosted | Version, lambdas.Function]] = {}

    @property
    def arns(self) -> tuple[str, ...]:
        """Those of the repository."""
        return tuple(names.function_arn(name) for name in self.hosted)

    def find(self, name: str, qualifier: str | None = None) -> Target:
        """The function of this name, ARN or partial ARN, in the version or by the alias that is named. Raises
        LambdaError: there is none."""
        wanted = names.read(name, qualifier)
        hosted = self.hosted.get(wanted.function)
        if hosted is not None:
            return _of_the_repository(wanted, hosted)
        version = self.tables.version(wanted.function, versions.number(self.tables, wanted, self._random.random))
        if version is None:
            raise function_not_found(wanted.arn)
        return Target(wanted.arn, version.name, version)

    async def invoke(self, target: Target, call: Call) -> Reply:
        """Calls it and waits for its end. Raises LambdaError: there is no room for the call now, or it cannot be
        started on this machine. Cancelling ends the process that serves the call."""
        match target.function:
            case Hosted(InProcess() as handler):
                return Reply(*await answer(handler, call.payload), target.version)
            case Hosted():
                return await self._run(target, call)
            case Version(name):
                created = self.tables.function(name)
                if created is None:
                    raise function_not_found(target.arn)
                with self.concurrency.taken(created):
                    return await self._run(target, call)
            case other:
                assert_never(other)

    def begin(self, target: Target, call: Call) -> "asyncio.Task[Reply]":
        """The same as a task of its own: whoever asked may go away."""
        task = asyncio.get_running_loop().create_task(self.invoke(target, call))
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)
        return task

    def forget(self, name: str, version: str | None = None) -> None:
        """The function, or one version of it, was deleted: nothing is kept ready for its next call."""
        for key in [key for key in self._ready if key[0] == name and version in (None, key[1])]:
            del self._ready[key]
        self._processes.forget(name, version)

    async def _run(self, target: Target, call: Call) -> Reply:
        try:
            answered = await self._processes.invoke(
                self._runnable(target),
                call.payload,
                arn=target.arn,
                request_id=call.request_id,
                trace_header=call.trace_header,
                client_context=call.client_context,
            )
        except lambdas.NotRunnable as error:
            raise not_ready(str(error)) from error
        return Reply(answered.payload, answered.error is not None, target.version, answered.log_tail)

    def _runnable(self, target: Target) -> lambdas.Function:
        """The function with its whole environment, made once for each of its versions: equal values share warm
        processes."""
        key = (target.name, target.version)
        made_of, made = self._ready.get(key, (None, None))
        if made is None or made_of != target.function:
            made = self._made(target)
            self._ready[key] = (target.function, made)
        return made

    def _made(self, target: Target) -> lambdas.Function:
        match target.function:
            case Hosted(lambdas.Function() as function, role):
                return replace(function, environment={**self._environment(role), **function.environment})
            case Version() as version:
                return self._deployed(version)
            case other:
                raise AssertionError(f"{other!r} runs in no process")

    def _deployed(self, version: Version) -> lambdas.Function:
        role = self._roles.of(version.settings.role, version.function)
        return lambdas.Function(
            name=version.function,
            code=self.code.path(version.code),
            handler=version.settings.handler,
            runtime=version.settings.runtime,
            timeout_seconds=version.settings.timeout_seconds,
            memory_mb=version.settings.memory_mb,
            environment={**self._environment(role), **version.settings.environment},
            version=version.name,
            logs_to=version.settings.log_group,
            layers=tuple(self.code.path(layer.code) for layer in version.settings.layers),
        )


def _of_the_repository(wanted: Name, hosted: Hosted) -> Target:
    """There is one code of each: it is $LATEST, and runs for every qualifier (step functions of the repository name
    versions as they are on AWS)."""
    version = wanted.qualifier if wanted.qualifier and wanted.qualifier.isdigit() else LATEST
    return Target(wanted.arn, version, hosted)
