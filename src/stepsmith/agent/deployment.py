"""Where agents run: the names and ARNs that a definition holds, made from environment, region and account.

The local runtime is the deployment `Deployment()`. Names carry the environment, so that two share an account.
"""

from __future__ import annotations

from dataclasses import dataclass


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
    def approvals_table(self) -> str:
        return self.named("approvals")

    @property
    def approvals_activity_arn(self) -> str:
        return self._arn("states", f"activity:{self.named('approvals')}")

    @property
    def partition(self) -> str:
        """The part of AWS: `aws`, `aws-cn` (regions cn-*) or `aws-us-gov` (regions us-gov-*)."""
        partitions = {"cn": "aws-cn", "us-gov": "aws-us-gov"}
        return next((name for prefix, name in partitions.items() if self.region.startswith(f"{prefix}-")), "aws")

    def named(self, thing: str) -> str:
        return f"stepsmith-{self.environment}-{thing}"

    def tool_arn(self, function: str) -> str:
        return self._arn("lambda", f"function:{self.named(function)}")

    def caller_arn(self, vendor: str) -> str:
        return self._arn("lambda", f"function:{self.named(f'caller-{vendor}')}")

    def machine_arn(self, agent: str) -> str:
        return self._arn("states", f"stateMachine:{self.named(agent)}")

    def artifacts(self, agent: str) -> str:
        """The URI under which each run of `agent` has a prefix of its own."""
        return f"s3://{self.bucket}/artifacts/{agent}/"

    def integration(self, action: str) -> str:
        """A service integration: `lambda:invoke`, `states:startExecution.sync:2`."""
        return f"arn:{self.partition}:states:::{action}"

    def _arn(self, service: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"
