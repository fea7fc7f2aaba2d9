"""What an execution is told about itself, and the context object that expressions see as `$states.context`."""

from __future__ import annotations

from dataclasses import dataclass

from .values import Json, timestamp


@dataclass(frozen=True, slots=True)
class ExecutionContext:
    """Names and times of one execution, fixed at its start; times in milliseconds since 1970.

    `alias_arn` and `version_arn` are there when it was started by an alias or a version of the state machine.
    """

    arn: str
    name: str
    role_arn: str
    start_time_ms: int
    state_machine_arn: str
    state_machine_name: str
    alias_arn: str | None = None
    version_arn: str | None = None
    redrive_count: int = 0
    redrive_time_ms: int | None = None

    def to_json(self, input: Json) -> dict[str, Json]:
        """The parts that stay the same in every state: `Execution` and `StateMachine`."""
        execution = {
            "Id": self.arn,
            "Input": input,
            "Name": self.name,
            "RoleArn": self.role_arn,
            "StartTime": timestamp(self.start_time_ms),
            "RedriveCount": self.redrive_count,
        }
        if self.redrive_time_ms is not None:
            execution["RedriveTime"] = timestamp(self.redrive_time_ms)
        return {"Execution": execution, "StateMachine": {"Id": self.state_machine_arn, "Name": self.state_machine_name}}

    def started(self, input: Json) -> dict[str, Json]:
        """The details of ExecutionStarted."""
        named = {"stateMachineAliasArn": self.alias_arn, "stateMachineVersionArn": self.version_arn}
        given = {name: arn for name, arn in named.items() if arn is not None}
        return {"input": input, "roleArn": self.role_arn, **given}
