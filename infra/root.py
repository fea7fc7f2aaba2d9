"""The Terraform root of an environment: its provider, where its state lies, the versions that it was written for."""

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

NAME = "stepsmith"
TERRAFORM = ">= 1.10.0"
"""The first that locks state in S3 without a table."""
SERVICES = ("cloudwatchlogs", "dynamodb", "iam", "lambda", "s3", "secretsmanager", "sfn", "sts")
"""Those that our resources belong to, as the provider's `endpoints` names them."""


class Root(TerraformStack):
    def __init__(self, app: Construct, site: Site) -> None:
        super().__init__(app, NAME)
        self.add_override("terraform.required_version", TERRAFORM)
        _provider(self, site)
        _backend(self, site)


def _provider(root: Root, site: Site) -> None:
    """Keys come from the environment."""
    if site.target.endpoint_url is None:
        _aws(root, site)
    else:
        _endpoint(root, site, site.target.endpoint_url)


def _aws(root: Root, site: Site) -> None:
    """Keys of another account than the one named are refused."""
    account = site.deployment.account
    AwsProvider(root, "aws", region=site.deployment.region, default_tags=_tags(site), allowed_account_ids=[account])


def _endpoint(root: Root, site: Site, url: str) -> None:
    AwsProvider(
        root,
        "aws",
        region=site.deployment.region,
        default_tags=_tags(site),
        endpoints=[AwsProviderEndpoints(**{_field(service): url for service in SERVICES})],
        max_retries=2,
        s3_use_path_style=True,
        skip_credentials_validation=True,
        skip_metadata_api_check="true",
        skip_region_validation=True,
        skip_requesting_account_id=True,
    )


def _tags(site: Site) -> list[AwsProviderDefaultTags]:
    return [AwsProviderDefaultTags(tags={"stepsmith:environment": site.deployment.environment})]


def _field(service: str) -> str:
    return "lambda_" if service == "lambda" else service


def _backend(root: Root, site: Site) -> None:
    """Always said: without one, cdktf writes a path of this machine into the root."""
    state = site.state
    if state.bucket is None:
        LocalBackend(root, path=f"../state/{NAME}.tfstate")
        return
    S3Backend(root, bucket=state.bucket, key=state.key(NAME), region=site.deployment.region, encrypt=True)
    root.add_override("terraform.backend.s3.use_lockfile", True)
