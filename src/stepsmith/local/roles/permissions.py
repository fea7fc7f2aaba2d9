"""What a caller may do now, and AWS's sentence for what it may not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, Self

from . import policy
from .conditions import Context
from .policy import ANYTHING, Decision, Statement, Wanted

ACCOUNT, REGION = "000000000000", "us-east-1"
"""Whose endpoint it is, whatever region a request was signed for."""


FREE = frozenset({"sts:GetCallerIdentity"})
"""What needs no permission, and no policy takes away."""
NOTHING: Mapping[str, str] = {}


class Denied(Exception):
    """The caller may not. The text is AWS's: who asked for which action on which resource, and why it is refused."""

    def __init__(self, action: str, text: str) -> None:
        super().__init__(text)
        self.action = action


@dataclass(frozen=True, slots=True)
class Permissions:
    """A caller (`arn`, as STS names it) and the statements of all its policies as they are now."""

    arn: str
    statements: tuple[Statement, ...] = ()

    async def permissions(self) -> Self:
        """Policies that do not change, so that a value is a Principal, too."""
        return self

    def may(self, action: str, resource: str = "*", context: Context = NOTHING) -> bool:
        """Whether `s3:GetObject` and its like are allowed on this ARN (`*`: the action has no resource). `context` are
        the service's own condition keys (`{"s3:prefix": "a/"}`)."""
        return self._decision(self._wanted(action, resource, context)) is Decision.ALLOWED

    def check(self, action: str, resource: str = "*", context: Context = NOTHING) -> None:
        """Denied where `may` says no."""
        wanted = self._wanted(action, resource, context)
        decision = self._decision(wanted)
        if decision is not Decision.ALLOWED:
            raise Denied(action, self._sentence(wanted, decision))

    def _decision(self, wanted: Wanted) -> Decision:
        return Decision.ALLOWED if wanted.action in FREE else policy.decide(self.statements, wanted)

    def _wanted(self, action: str, resource: str, context: Context) -> Wanted:
        known = {
            "aws:principalarn": self.arn,
            "aws:principalaccount": ACCOUNT,
            "aws:resourceaccount": ACCOUNT,
            "aws:requestedregion": REGION,
            "aws:securetransport": "true",  # as on AWS, where SDKs come by TLS; loopback needs none
        }
        return Wanted(action, resource, known | {key.lower(): value for key, value in context.items()})

    def _sentence(self, wanted: Wanted, decision: Decision) -> str:
        on = "" if wanted.resource == "*" else f" on resource: {wanted.resource}"
        said = f"User: {self.arn} is not authorized to perform: {wanted.action}{on}"
        why = (
            "with an explicit deny in an identity-based policy"
            if decision is Decision.DENIED
            else f"because no identity-based policy allows the {wanted.action} action"
        )
        return f"{said} {why}{_not_evaluated(policy.unknown(self.statements, wanted))}"


def _not_evaluated(operators: tuple[str, ...]) -> str:
    named = ", ".join(operators)
    return f" (conditions that this endpoint does not evaluate never allow: {named})" if operators else ""


class Principal(Protocol):
    """Whose key signs a request. Its policies may change while the key lives, so they are asked for at each request."""

    async def permissions(self) -> Permissions: ...


def session_arn(role: str, session: str) -> str:
    """Who STS says a caller is that acts as a role."""
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}"


OWNER = Permissions(f"arn:aws:iam::{ACCOUNT}:root", (Statement("Allow", ANYTHING),))
"""The folder's own key: everything."""
