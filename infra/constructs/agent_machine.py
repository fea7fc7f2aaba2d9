"""AgentMachine: an agent, compiled for its deployment, as a state machine with a version and the alias `live`.

The definition lies in a file beside the root: Terraform would parse it several times as a template (seconds per agent).
Its role may invoke exactly the functions and machines that the definition names. Every event of a run goes to its log
group, without inputs and outputs: those hold the conversation, which is in the history and nowhere else.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from infra.constructs.log_group import log_group
from infra.errors import InfraError
from infra.iac import (
    Construct,
    IamRole,
    IamRolePolicy,
    SfnAlias,
    SfnAliasRoutingConfiguration,
    SfnStateMachine,
    SfnStateMachineLoggingConfiguration,
    SfnStateMachineTracingConfiguration,
    json_text,
)
from infra.policy import LOG_DELIVERY, TRACING, Statement, allow, allow_anywhere, document, trust
from infra.site import Site
from stepsmith.agent import Deployment, LoadedAgent, compile
from stepsmith.agent.lint import lint
from stepsmith.agent.machine.approval import asking
from stepsmith.contracts import ToolFunction

LIVE = "live"
NESTED_RULE = "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
"""The rule by which Step Functions learns that a nested execution has ended (Developer Guide, `.sync`)."""


class AgentMachine(Construct):
    """`callers` are the vendors that may be asked; `definition` is for the file. Raises InfraError where lint finds
    anything."""

    def __init__(self, scope: Construct, site: Site, agent: LoadedAgent, callers: Sequence[str]) -> None:
        super().__init__(scope, agent.name)
        deployment = site.deployment
        self.file = f"{agent.name}.asl.json"
        self.definition = checked_definition(agent, deployment, callers)
        logs = log_group(self, f"/aws/vendedlogs/states/{deployment.named(agent.name)}")
        role = IamRole(
            self,
            "role",
            name=deployment.role_name("agent", agent.name),
            assume_role_policy=json_text(document(_trust(deployment, agent.name))),
        )
        rights = IamRolePolicy(
            self,
            "rights",
            name="rights",
            role=role.id,
            policy=json_text(document(*rights_of(agent, deployment, callers))),
        )
        machine = SfnStateMachine(
            self,
            "machine",
            name=deployment.named(agent.name),
            role_arn=role.arn,
            definition=f'${{file("${{path.module}}/{self.file}")}}',
            publish=True,
            logging_configuration=SfnStateMachineLoggingConfiguration(
                level="ALL", include_execution_data=False, log_destination=f"{logs.arn}:*"
            ),
            tracing_configuration=SfnStateMachineTracingConfiguration(enabled=True),
            depends_on=[rights],
        )
        live = SfnAliasRoutingConfiguration(state_machine_version_arn=machine.state_machine_version_arn, weight=100)
        SfnAlias(self, "live", name=LIVE, routing_configuration=[live])


def checked_definition(agent: LoadedAgent, deployment: Deployment, callers: Sequence[str]) -> dict[str, Any]:
    """The agent's machine. Raises InfraError with all that lint finds, its tools and sub-agents included."""
    definition = compile(agent, deployment, callers)
    if findings := lint(agent, definition, callers):
        raise InfraError("\n".join(f"agents/{agent.name}: {finding}" for finding in findings))
    return definition


def rights_of(agent: LoadedAgent, deployment: Deployment, callers: Sequence[str]) -> Iterator[Statement]:
    """What the machine's role may do, and nothing else."""
    tools = {tool.source.function for tool in agent.tools if isinstance(tool.source, ToolFunction)}
    functions = [*map(deployment.tool_arn, sorted(tools)), *map(deployment.caller_arn, callers)]
    yield allow("lambda:InvokeFunction", on=functions)
    yield from _nested(agent, deployment)
    if _asks_by_table(agent):
        yield allow("dynamodb:PutItem", on=[deployment.approvals_table_arn])
    yield allow_anywhere(*TRACING)
    yield allow_anywhere(*LOG_DELIVERY)


def _asks_by_table(agent: LoadedAgent) -> bool:
    """An activity takes no right: its worker comes with its own."""
    ways = (asking(agent.agent, tool) for tool in agent.tools)
    return any(way is not None and not way.approval.activity for way in ways)


def _nested(agent: LoadedAgent, deployment: Deployment) -> Iterator[Statement]:
    """To run sub-agents to their end."""
    names = sorted(tool.source.name for tool in agent.tools if isinstance(tool.source, LoadedAgent))
    if names:
        yield allow("states:StartExecution", on=map(deployment.machine_arn, names))
        yield allow("states:DescribeExecution", "states:StopExecution", on=map(deployment.execution_arns, names))
        yield allow(
            "events:PutTargets", "events:PutRule", "events:DescribeRule", on=[deployment.arn("events", NESTED_RULE)]
        )


def _trust(deployment: Deployment, agent: str) -> Statement:
    """Only this account's own machine may use the role (Developer Guide, "cross-service confused deputy")."""
    machine = deployment.machine_arn(agent)
    return trust(
        "states",
        where={
            "StringEquals": {"aws:SourceAccount": deployment.account},
            "ArnLike": {"aws:SourceArn": [machine, f"{machine}:*"]},
        },
    )
