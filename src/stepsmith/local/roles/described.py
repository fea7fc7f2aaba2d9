"""A function's role as the repository describes it: its prefixes of the bucket, its secrets, and single actions."""

import functools
from dataclasses import dataclass

from .conditions import Condition
from .permissions import Permissions, session_arn
from .policy import Patterns, Statement

OF_OBJECTS = ("s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload")
"""The same that a deployed function's role has (infra/constructs/rights.py)."""


@dataclass(frozen=True, slots=True)
class Role:
    """What a function may touch: S3 objects whose `bucket/key` begins with one of `objects`, secrets by their names,
    and `actions` of services on whatever resource, written as in IAM (`states:SendTaskSuccess`)."""

    objects: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    name: str = "function"

    @property
    def buckets(self) -> tuple[str, ...]:
        """The buckets it may touch, each once, in the order in which they are listed."""
        return tuple(dict.fromkeys(prefix.split("/", 1)[0] for prefix in self.objects))

    async def permissions(self) -> Permissions:
        return _permissions(self)


@functools.lru_cache(maxsize=256)
def _permissions(role: Role) -> Permissions:
    statements = [each for prefix in role.objects for each in _of_prefix(*prefix.split("/", 1))]
    if role.actions:
        statements.append(Statement("Allow", Patterns(role.actions)))
    return Permissions(session_arn(role.name, role.name), tuple(statements))


def _of_prefix(bucket: str, prefix: str) -> tuple[Statement, Statement]:
    """Reading and writing below a prefix, and listing what is there."""
    arn, below = f"arn:aws:s3:::{bucket}", f"{prefix}*"
    listing = (Condition("StringLike", "s3:prefix", (below,)),) if prefix else ()
    return (
        Statement("Allow", Patterns(OF_OBJECTS), Patterns((f"{arn}/{below}",))),
        Statement("Allow", Patterns(("s3:ListBucket",)), Patterns((arn,)), listing),
    )
