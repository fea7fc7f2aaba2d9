"""Runs of deployed agents: begun and followed through Step Functions' API, at AWS or at the local endpoint.

    states = States(target)
    execution = begin(target, states, agent, input)
    code = following.deployed(target, states, execution, agent.name, settings, options)

What runs is what was applied last, the machine's alias `live`, with its deployed functions; the sources here decide
nothing but the sample question. History is the same as anywhere, so the display is, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from stepsmith.agent import LoadedAgent
from stepsmith.local.packing import encode

from . import remote
from .client import Refusal
from .errors import CommandError
from .project import Project
from .settings import Settings
from .target import Target
from .vault import state

LIVE = "live"
"""The alias of a deployed machine that points to the version applied last."""
ABSENT = ("StateMachineDoesNotExist", "ResourceNotFound", "InvalidArn")


class States:
    """Step Functions by boto3, in the form of `client.Client`: a call by its name, the answer as JSON has it."""

    def __init__(self, target: Target) -> None:
        self._client = target.client("stepfunctions")

    def call(self, action: str, **given: Any) -> dict[str, Any]:
        """Raises Refusal, and CommandError where nobody answers."""
        from botocore import xform_name
        from botocore.exceptions import BotoCoreError, ClientError

        sent = {name: value for name, value in given.items() if value is not None}
        try:
            answer: dict[str, Any] = getattr(self._client, xform_name(action))(**sent)
        except ClientError as error:
            raise Refusal(error.response["Error"]["Code"], error.response["Error"]["Message"]) from None
        except BotoCoreError as error:
            raise CommandError(f"Step Functions does not answer: {error}") from None
        for event in answer.get("events", ()):
            event["timestamp"] = event["timestamp"].timestamp()
        return answer


def begin(target: Target, states: States, agent: LoadedAgent, input: Mapping[str, Any]) -> str:
    """Starts a run; its ARN. Raises CommandError where the agent is not deployed."""
    machine = f"{target.deployment.machine_arn(agent.name)}:{LIVE}"
    try:
        return remote.begin(states, machine, encode(input).decode())
    except Refusal as refused:
        if refused.code not in ABSENT:
            raise
        raise CommandError(
            f"Agent {agent.name!r} is not deployed in {target.words}: `stepsmith infra apply` does that."
        ) from None


def keys_there(target: Target, project: Project, settings: Settings, vendor: str) -> Settings:
    """The settings as a deployed caller has them: of the keys of its vendor those that Secrets Manager holds."""
    manager = target.client("secretsmanager")
    names = [name.removesuffix("?") for name in project.caller(vendor).secrets]
    there = {name: "is there" for name in names if state(manager, target.deployment.secret_name(name)) == "set"}
    return replace(settings, environment=there)
