"""Where a synthesis goes: an environment in an account, on AWS or a local endpoint; and where Terraform keeps state."""

import re
from dataclasses import dataclass

from infra.errors import InfraError
from stepsmith.agent import Deployment

_ENVIRONMENT = re.compile(r"[a-z][a-z0-9-]{0,15}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")
_ACCOUNT = re.compile(r"[0-9]{12}")
_STATE = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/([^/].*)?")


@dataclass(frozen=True)
class Target:
    """Whom the AWS provider calls: AWS, or the endpoint of a laptop (`./stepsmith up`) at this URL."""

    endpoint_url: str | None = None


@dataclass(frozen=True)
class State:
    """Where Terraform keeps its state: beside the root (``state/<root>.tfstate``), or under a prefix of a bucket."""

    bucket: str | None = None
    prefix: str = ""

    @classmethod
    def parse(cls, uri: str | None) -> "State":
        """``s3://bucket/prefix``; None is beside the root. Raises InfraError."""
        if uri is None:
            return cls()
        found = _STATE.fullmatch(uri)
        if found is None:
            raise InfraError(f"--state: {uri!r} is no s3://bucket/prefix. Without it, state is kept beside the root.")
        return cls(found[1], (found[2] or "").rstrip("/"))

    def key(self, root: str) -> str:
        return "/".join(filter(None, (self.prefix, f"{root}.tfstate")))


@dataclass(frozen=True)
class Site:
    """`artifacts` is the folder of artifacts as the root's own folder sees it: ``../../..`` for ``dist``.

    What is `disposable` goes away with everything in it at `terraform destroy`: always so on a laptop.
    """

    deployment: Deployment
    artifacts: str
    target: Target = Target()
    state: State = State()
    disposable: bool = False

    @property
    def is_disposable(self) -> bool:
        return self.disposable or self.target.endpoint_url is not None


def deployment(environment: str, region: str, account: str) -> Deployment:
    """Raises InfraError that says which of the three is not what AWS takes."""
    for option, value, pattern, remedy in (
        ("--env", environment, _ENVIRONMENT, "up to 16 of a-z, 0-9 and -, a letter first: dev"),
        ("--region", region, _REGION, "the name of a region: eu-central-1"),
        ("--account", account, _ACCOUNT, "the twelve digits of `aws sts get-caller-identity`"),
    ):
        if not pattern.fullmatch(value):
            raise InfraError(f"{option}: {value!r} will not do. Give {remedy}.")
    return Deployment(environment, region, account)
