"""Where agents are deployed: an environment in an account of AWS, or at the endpoint of `stepsmith up`.

target = aws_target(settings, "dev", region, account)          # as boto3 finds region, key and account
target = local_target(settings, "dev")                         # the endpoint that serves the data folder
target.client("stepfunctions"); target.variables               # for boto3, and for processes such as Terraform's
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepsmith.agent import Deployment

from .client import REGION, Refusal, running
from .errors import CommandError, UsageError
from .laptop import LOCAL
from .settings import Settings

if TYPE_CHECKING:
    import boto3

DEFAULT = "dev"
NAME = re.compile(r"[a-z][a-z0-9-]{0,15}")
"""An environment's name is part of a bucket's: `stepsmith-<name>-<account>-<region>` has at most 63 letters."""

OVERRIDING = (
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ENDPOINT_URL_SFN",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_LAMBDA",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
)
"""What would win over the variables that lead to the endpoint, or be sent beside them."""


@dataclass(frozen=True)
class Target:
    """`endpoint` is the URL of the local endpoint, None on AWS; `variables` is an environment that leads there."""

    deployment: Deployment
    endpoint: str | None
    variables: Mapping[str, str]
    folder: Path
    """What is kept of the deployment on this machine."""

    @property
    def words(self) -> str:
        """``dev at http://127.0.0.1:4599``."""
        where = self.endpoint or f"AWS, account {self.deployment.account}, {self.deployment.region}"
        return f"{self.deployment.environment} at {where}"

    @property
    def options(self) -> str:
        """How a command line names it: ``--env dev --local``."""
        where = "--local" if self.endpoint else f"--region {self.deployment.region}"
        return f"--env {self.deployment.environment} {where}"

    def client(self, service: str) -> Any:
        """A boto3 client that talks to the target."""
        return _session(self.variables, self.deployment.region).client(service, endpoint_url=self.endpoint)


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options that name a target."""
    parser.add_argument("--env", default=DEFAULT, metavar="NAME", help="the environment (default: %(default)s)")
    parser.add_argument("--local", action="store_true", help="at the endpoint of `stepsmith up`, in place of AWS")
    parser.add_argument("--region", metavar="REGION", help="of AWS (default: as boto3 finds it)")
    parser.add_argument("--account", metavar="ID", help="of AWS (default: the key's)")


def target(settings: Settings, options: argparse.Namespace) -> Target:
    """The target that the options name. Raises CommandError and UsageError, one sentence each."""
    if not NAME.fullmatch(options.env):
        raise UsageError(
            f"--env: {options.env!r} is no name of an environment: write up to 16 of a-z, 0-9 and -, a letter first."
        )
    if options.local:
        return local_target(settings, options.env)
    return aws_target(settings, options.env, options.region, options.account)


def local_target(settings: Settings, environment: str) -> Target:
    """The endpoint that serves the data folder now."""
    if environment == LOCAL.environment:
        raise UsageError(f"--env: {environment!r} is what `stepsmith up` itself serves: choose another name.")
    deployment = Deployment(environment, LOCAL.region, LOCAL.account)
    url, variables = endpoint_variables(settings.data, "start it with `stepsmith up`, then do this again")
    _greet(settings.data)
    kept = {name: value for name, value in settings.environment.items() if name not in OVERRIDING}
    return Target(deployment, url, {**kept, **variables}, settings.data / "infra" / environment)


def _greet(data: Path) -> None:
    """Finds out whether the endpoint takes the folder's key, before anything is done with it. Raises CommandError."""
    try:
        if endpoint := running(data):
            endpoint.call("ListActivities", maxResults=1)
    except Refusal as refused:
        raise CommandError(
            f"The endpoint does not take the key in {str(data / 'credentials')!r} ({refused.code}: {refused}): "
            "start `stepsmith up` again, which reads that file."
        ) from None


def endpoint_variables(data: Path, advice: str) -> tuple[str, dict[str, str]]:
    """The URL of the endpoint that serves the folder, and what an SDK needs to get there."""
    from stepsmith.local.endpoint import announcement, credentials

    found = announcement.running(data)
    if found is None:
        raise CommandError(f"No endpoint serves {str(data)!r}: {advice}.")
    session = credentials.read(data)
    return found.url, {
        "AWS_ENDPOINT_URL": found.url,
        "AWS_ACCESS_KEY_ID": session.access_key,
        "AWS_SECRET_ACCESS_KEY": session.secret,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
    }


def aws_target(settings: Settings, environment: str, region: str | None, account: str | None) -> Target:
    """AWS, with the key and the region that boto3 finds; the account is asked for where it is not given."""
    session = _session(settings.environment, region)
    chosen = region or session.region_name
    if not chosen:
        raise UsageError("No region of AWS is set: say --region, or set AWS_REGION. The local endpoint: --local.")
    deployment = Deployment(environment, chosen, account or _account(session.client("sts", region_name=chosen)))
    name = f"{environment}-{deployment.account}-{chosen}"
    variables = {**settings.environment, "AWS_REGION": chosen}
    return Target(deployment, None, variables, settings.root / "deployments" / name)


def _account(sts: Any) -> str:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return str(sts.get_caller_identity()["Account"])
    except (BotoCoreError, ClientError) as error:
        raise CommandError(
            f"AWS does not say whose key this is ({error}): check AWS_PROFILE, or AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY. The local endpoint: --local."
        ) from None


def _session(variables: Mapping[str, str], region: str | None) -> boto3.Session:
    """boto3 with the key of `variables` (which know .env too), not of this process's environment."""
    import boto3

    given = {
        "aws_access_key_id": variables.get("AWS_ACCESS_KEY_ID"),
        "aws_secret_access_key": variables.get("AWS_SECRET_ACCESS_KEY"),
        "aws_session_token": variables.get("AWS_SESSION_TOKEN"),
        "profile_name": variables.get("AWS_PROFILE"),
        "region_name": region or variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION"),
    }
    return boto3.Session(**{name: value for name, value in given.items() if value})
