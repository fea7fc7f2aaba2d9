"""A Lambda from an artifact: what ToolFunction and ModelCaller are made of.

Its role may write its own log group, send traces, join the VPC of its `placement`, and what `rights` say. The code's
key in the bucket holds the hash of the artifact, which Terraform computes when it plans: only functions whose artifact
has changed are applied.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from infra.constructs.artifact_store import ArtifactStore
from infra.constructs.log_group import log_group
from infra.constructs.rights import network_interfaces
from infra.iac import (
    Construct,
    IamRole,
    IamRolePolicy,
    LambdaFunction,
    LambdaFunctionEnvironment,
    LambdaFunctionTracingConfig,
    LambdaFunctionVpcConfig,
    S3Object,
    TerraformResourceLifecycle,
    json_text,
    literal,
)
from infra.policy import SEGMENTS, Statement, allow, allow_anywhere, document, trust
from infra.site import Placement, Site
from stepsmith.agent import Deployment

PYTHON = "python3.12"
DESCRIPTION_LETTERS = 256
"""CreateFunction's bound."""


@dataclass(frozen=True)
class Lambda:
    """What is to run. `artifact` is a path below the folder of artifacts: ``tools/python/db_interface.zip``. Without a
    `placement` it is in no VPC and reaches the internet."""

    name: str
    description: str
    artifact: str
    handler: str
    timeout_seconds: int
    memory_mb: int
    rights: Sequence[Statement]
    runtime: str = PYTHON
    architectures: Sequence[str] = ("x86_64",)
    environment: Mapping[str, str] = field(default_factory=dict)
    placement: Placement | None = None


class Function(Construct):
    """One Lambda, its role and its log group. `kind` (tool, caller) and `id` name the role."""

    def __init__(
        self, scope: Construct, id: str, site: Site, store: ArtifactStore, kind: str, function: Lambda
    ) -> None:
        super().__init__(scope, id)
        deployment = site.deployment
        group = f"/aws/lambda/{deployment.named(function.name)}"
        logs = log_group(self, group)
        own = allow("logs:CreateLogStream", "logs:PutLogEvents", on=[deployment.arn("logs", f"log-group:{group}:*")])
        role, rights = self._role(deployment, deployment.role_name(kind, id), function, own)
        code = self._code(site, store, function)
        LambdaFunction(
            self,
            "function",
            function_name=deployment.named(function.name),
            description=literal(function.description[:DESCRIPTION_LETTERS]),
            role=role.arn,
            runtime=function.runtime,
            handler=function.handler,
            architectures=list(function.architectures),
            timeout=function.timeout_seconds,
            memory_size=function.memory_mb,
            s3_bucket=code.bucket,
            s3_key=code.key,
            source_code_hash=f'${{filebase64sha256("{_path(site, function)}")}}',
            environment=LambdaFunctionEnvironment(variables=function.environment) if function.environment else None,
            tracing_config=LambdaFunctionTracingConfig(mode="Active"),
            vpc_config=_vpc(function.placement),
            depends_on=[rights, logs],
        )

    def _role(
        self, deployment: Deployment, name: str, function: Lambda, own: Statement
    ) -> tuple[IamRole, IamRolePolicy]:
        """The role and what it may do, both there before the function; `own` is about its log group."""
        joining = network_interfaces(deployment.tool_arn(function.name)) if function.placement else ()
        statements = (own, allow_anywhere(*SEGMENTS), *joining, *function.rights)
        role = IamRole(self, "role", name=name, assume_role_policy=json_text(document(trust("lambda"))))
        policy = json_text(document(*statements))
        return role, IamRolePolicy(self, "rights", name="rights", role=role.id, policy=policy)

    def _code(self, site: Site, store: ArtifactStore, function: Lambda) -> S3Object:
        path = _path(site, function)
        return S3Object(
            self,
            "code",
            bucket=store.bucket,
            key=f'code/{function.name}/${{filesha256("{path}")}}.zip',
            source=path,
            # The function moves to the new code before the old one goes.
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
        )


def _vpc(placement: Placement | None) -> LambdaFunctionVpcConfig | None:
    if placement is None:
        return None
    return LambdaFunctionVpcConfig(
        subnet_ids=list(placement.subnets), security_group_ids=list(placement.security_groups)
    )


def _path(site: Site, function: Lambda) -> str:
    """The artifact as Terraform finds it from the stack's folder."""
    return f"${{path.module}}/{literal(site.artifacts)}/{function.artifact}"


def texts(variables: Mapping[str, str]) -> dict[str, str]:
    """Variables of a description, as Terraform must be given them. One that is empty is not set."""
    return {name: literal(value) for name, value in variables.items() if value}
