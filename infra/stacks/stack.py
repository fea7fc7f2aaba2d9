"""What every stack has: its provider, where its state lies, and the versions that it was written for."""

from infra.iac import (
    AwsProvider,
    AwsProviderDefaultTags,
    AwsProviderEndpoints,
    Construct,
    LocalBackend,
    S3Backend,
    TerraformStack,
)
from infra.site import Site

TERRAFORM = ">= 1.10.0"
"""The first that locks state in S3 without a table."""
SERVICES = ("cloudwatchlogs", "dynamodb", "iam", "lambda", "s3", "secretsmanager", "sfn", "sts")
"""Those that the stacks' resources belong to, as the provider's `endpoints` names them."""


class Stack(TerraformStack):
    def __init__(self, app: Construct, name: str, site: Site) -> None:
        super().__init__(app, name)
        self.add_override("terraform.required_version", TERRAFORM)
        _provider(self, site)
        _backend(self, name, site)


def _provider(stack: TerraformStack, site: Site) -> None:
    """Keys come from the environment. On AWS another account than the one named is refused."""
    deployment = site.deployment
    tags = [AwsProviderDefaultTags(tags={"stepsmith:environment": deployment.environment})]
    url = site.target.endpoint_url
    if url is None:
        AwsProvider(stack, "aws", region=deployment.region, default_tags=tags, allowed_account_ids=[deployment.account])
        return
    AwsProvider(
        stack,
        "aws",
        region=deployment.region,
        default_tags=tags,
        endpoints=[AwsProviderEndpoints(**{_field(service): url for service in SERVICES})],
        max_retries=2,
        s3_use_path_style=True,
        skip_credentials_validation=True,
        skip_metadata_api_check="true",
        skip_region_validation=True,
        skip_requesting_account_id=True,
    )


def _field(service: str) -> str:
    return "lambda_" if service == "lambda" else service


def _backend(stack: TerraformStack, name: str, site: Site) -> None:
    """Always said: without one, cdktf writes a path of this machine into the stack."""
    state = site.state
    if state.bucket is None:
        LocalBackend(stack, path=f"../state/{name}.tfstate")
        return
    S3Backend(stack, bucket=state.bucket, key=state.key(name), region=site.deployment.region, encrypt=True)
    stack.add_override("terraform.backend.s3.use_lockfile", True)
