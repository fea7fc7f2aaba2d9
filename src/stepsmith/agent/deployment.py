"""Where agents run: the names and ARNs that a definition holds, made from environment, region and account.

The local runtime is the deployment `Deployment()`. Names carry the environment, so that two share an account.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

ROLE_LETTERS = 64


@dataclass(frozen=True)
class Deployment:
    """One environment in one region of one account. Functions, machines and the bucket are named here only."""

    environment: str = "local"
    region: str = "us-east-1"
    account: str = "000000000000"

    @property
    def bucket(self) -> str:
        """Holds artifacts/<agent>/<run_id>/ and transcripts/<agent>/<run_id>/."""
        return self.named(f"{self.account}-{self.region}")

    @property
    def bucket_arn(self) -> str:
        return f"arn:{self.partition}:s3:::{self.bucket}"

    @property
    def approvals_table(self) -> str:
        return self.named("approvals")

    @property
    def approvals_table_arn(self) -> str:
        return self.arn("dynamodb", f"table/{self.approvals_table}")

    @property
    def approvals_activity(self) -> str:
        return self.named("approvals")

    @property
    def approvals_activity_arn(self) -> str:
        return self.arn("states", f"activity:{self.approvals_activity}")

    @property
    def partition(self) -> str:
        """The part of AWS: `aws`, `aws-cn` (regions cn-*) or `aws-us-gov` (regions us-gov-*)."""
        partitions = {"cn": "aws-cn", "us-gov": "aws-us-gov"}
        return next((name for prefix, name in partitions.items() if self.region.startswith(f"{prefix}-")), "aws")

    def named(self, thing: str) -> str:
        return f"stepsmith-{self.environment}-{thing}"

    def tool_arn(self, function: str) -> str:
        return self.arn("lambda", f"function:{self.named(function)}")

    def caller_arn(self, vendor: str) -> str:
        return self.arn("lambda", f"function:{self.named(f'caller-{vendor}')}")

    def machine_arn(self, agent: str) -> str:
        return self.arn("states", f"stateMachine:{self.named(agent)}")

    def execution_arns(self, agent: str) -> str:
        """A pattern that all executions of the agent's machine fit."""
        return self.arn("states", f"execution:{self.named(agent)}:*")

    def secret_name(self, secret: str) -> str:
        """The secret in Secrets Manager that holds `secret`, a name in tool.json or caller.json."""
        return self.named(secret)

    def secret_arn(self, secret: str) -> str:
        """Without the six letters that AWS adds: Secrets Manager finds it by this, too; in IAM add ``-??????``."""
        return self.arn("secretsmanager", f"secret:{self.secret_name(secret)}")

    def artifacts(self, agent: str) -> str:
        """The URI under which each run of `agent` has a prefix of its own."""
        return f"s3://{self.bucket}/artifacts/{agent}/"

    def integration(self, action: str) -> str:
        """A service integration: `lambda:invoke`, `states:startExecution.sync:2`."""
        return f"arn:{self.partition}:states:::{action}"

    def role_name(self, kind: str, name: str) -> str:
        """A role of a ``tool``, a ``caller`` or an ``agent``. Roles belong to all regions, so they carry this one's;
        a name longer than IAM's 64 letters ends in a hash of the whole."""
        whole = self.named(f"{kind}-{name}-{self.region}")
        return whole if len(whole) <= ROLE_LETTERS else f"{whole[:55]}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"

    def arn(self, service: str, resource: str) -> str:
        """Of a resource in this region and account."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"
