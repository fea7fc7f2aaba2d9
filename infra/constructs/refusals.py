"""Refusals: a flow log of what a VPC refused, for a week.

In a network with one way out, a packet that was refused says that a function tried another: who looks for a break-in
begins here. What is let through is not written down (CloudTrail can tell S3's side), so the log costs next to nothing.
"""

from infra.constructs.log_group import log_group
from infra.iac import Construct, FlowLog, IamRole, IamRolePolicy, json_text
from infra.policy import Statement, allow, allow_anywhere, document, trust
from infra.site import Site
from stepsmith.agent import Deployment


class Refusals(Construct):
    def __init__(self, scope: Construct, site: Site, vpc: str) -> None:
        super().__init__(scope, "refusals")
        deployment = site.deployment
        group = f"/aws/vpc/{deployment.named('closed')}"
        logs = log_group(self, group)
        role = IamRole(
            self,
            "role",
            name=deployment.role_name("network", "closed"),
            assume_role_policy=json_text(document(_trust(deployment))),
        )
        arn = deployment.arn("logs", f"log-group:{group}")
        own = allow("logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams", on=[arn, f"{arn}:*"])
        rights = document(own, allow_anywhere("logs:DescribeLogGroups"))
        policy = IamRolePolicy(self, "rights", name="rights", role=role.id, policy=json_text(rights))
        FlowLog(
            self,
            "refused",
            vpc_id=vpc,
            traffic_type="REJECT",
            log_destination=logs.arn,
            iam_role_arn=role.arn,
            depends_on=[policy],
        )


def _trust(deployment: Deployment) -> Statement:
    """For flow logs of this account only (VPC User Guide, IAM role for publishing flow logs to CloudWatch Logs)."""
    flow_logs = deployment.arn("ec2", "vpc-flow-log/*")
    return trust(
        "vpc-flow-logs",
        where={
            "StringEquals": {"aws:SourceAccount": deployment.account},
            "ArnLike": {"aws:SourceArn": flow_logs},
        },
    )
