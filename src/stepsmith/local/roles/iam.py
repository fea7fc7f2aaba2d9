"""Roles made through the API: what they may do is what their policies in IAM say at the time of each request.

    roles = Roles(policies)
    endpoint.session(roles.of("arn:aws:iam::000000000000:role/service/reports", session="nightly"))

`Policies` is the one thing that is needed of IAM, wherever it is kept. A role that is not there may do nothing, and its
log says so; a policy that cannot be read (IAM refuses those) closes everything.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from . import policy
from .permissions import Permissions, session_arn

_LOG = logging.getLogger("stepsmith.local.roles")


class Policies(Protocol):
    """IAM, as far as roles need it."""

    def of_role(self, name: str) -> Sequence[str] | None:
        """The documents (JSON) of all policies of a role, inline ones and attached ones in their default version; None:
        there is no such role."""
        ...


class Nowhere:
    """IAM where there is none: no role exists."""

    def of_role(self, name: str) -> Sequence[str] | None:
        return None


NOWHERE = Nowhere()


@dataclass(frozen=True, slots=True)
class Roles:
    """The roles of this account."""

    policies: Policies = NOWHERE

    def of(self, arn: str, session: str) -> "Assumed":
        """Whoever acts as the role (its ARN) under a session's name, which for a function is its own."""
        return Assumed(self.policies, arn, session)


@dataclass(frozen=True, slots=True)
class Assumed:
    """A role that somebody acts as."""

    policies: Policies
    role: str
    session: str

    async def permissions(self) -> Permissions:
        return self.now()

    def now(self) -> Permissions:
        """What the role may do at this moment."""
        name = self.role.rpartition("/")[2]
        documents = self.policies.of_role(name)
        if documents is None:
            _LOG.warning("The role %r is not in this endpoint's IAM: it may do nothing.", self.role)
        statements = (statement for document in documents or () for statement in _parsed(self.role, document))
        return Permissions(session_arn(name, self.session), tuple(statements))


def _parsed(role: str, document: str) -> tuple[policy.Statement, ...]:
    try:
        return policy.parse(document)
    except policy.Malformed as error:
        _LOG.warning("A policy of the role %r cannot be read, so it may do nothing: %s", role, error)
        return (policy.Statement("Deny", policy.ANYTHING),)
