"""Where a synthesis goes: an environment in an account, on AWS or a local endpoint; where Terraform keeps state; which
VPC functions of `network: "vpc"` join."""

import re
from dataclasses import dataclass

from infra.errors import InfraError
from stepsmith.agent import Deployment

_ENVIRONMENT = re.compile(r"[a-z][a-z0-9-]{0,15}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")
_ACCOUNT = re.compile(r"[0-9]{12}")
_SUBNET = re.compile(r"subnet-[0-9a-f]+")
_SECURITY_GROUP = re.compile(r"sg-[0-9a-f]+")
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
class Placement:
    """Where functions are in a VPC: their subnets, and the security groups that say whom they may talk to, by ids."""

    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]

    @classmethod
    def parse(cls, subnets: str | None, security_groups: str | None) -> "Placement | None":
        """``subnet-0a,subnet-0b`` and ``sg-0c``; None where neither is given. Raises InfraError."""
        if not subnets and not security_groups:
            return None
        return cls(
            _ids("--subnets", subnets or "", _SUBNET, "subnet-0a1b,subnet-2c3d"),
            _ids("--security-groups", security_groups or "", _SECURITY_GROUP, "sg-0a1b"),
        )


@dataclass(frozen=True)
class Site:
    """`artifacts` is the folder of artifacts as the root's own folder sees it: ``../../..`` for ``dist``. `vpc` is
    where functions of `network: "vpc"` are, of an account's own.

    What is `disposable` goes away with everything in it at `terraform destroy`: always so on a laptop.
    """

    deployment: Deployment
    artifacts: str
    target: Target = Target()
    state: State = State()
    vpc: Placement | None = None
    disposable: bool = False

    @property
    def is_local(self) -> bool:
        return self.target.endpoint_url is not None

    @property
    def is_disposable(self) -> bool:
        return self.disposable or self.is_local


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


def _ids(option: str, value: str, pattern: re.Pattern[str], example: str) -> tuple[str, ...]:
    ids = tuple(value.split(","))
    if not all(map(pattern.fullmatch, ids)):
        raise InfraError(f"{option}: {value!r} will not do. Give ids with a comma between them: {example}.")
    return ids
