"""What a state machine may do: what its role's policies say where the role was made in IAM, else everything.

The machines that `up` registers have no role in IAM: they keep the rights that the repository gives them. Calls that go
to the endpoint are checked there, by `MachineRole`; those that are made in this process (functions, executions) by
`Rights`.
"""

from dataclasses import dataclass

from .iam import Policies, Roles
from .permissions import OWNER, Denied, Permissions

SESSION = "stepsmith"
"""The session under which a machine acts; AWS's have a name of random letters."""


@dataclass(frozen=True, slots=True)
class MachineRole:
    """The role of a state machine, by its ARN."""

    policies: Policies
    arn: str

    async def permissions(self) -> Permissions:
        return self.now()

    def now(self) -> Permissions:
        """The rights at this moment."""
        is_known = self.policies.of_role(self.arn.rpartition("/")[2]) is not None
        return Roles(self.policies).of(self.arn, SESSION).now() if is_known else OWNER


@dataclass(frozen=True, slots=True)
class Rights:
    """The rights of state machines, by their roles."""

    policies: Policies

    def of(self, role: str) -> MachineRole:
        """Whoever acts as the role (its ARN)."""
        return MachineRole(self.policies, role)

    def refusal(self, role: str, action: str, resource: str) -> str | None:
        """Why the role may not do this, in AWS's words; None where it may."""
        try:
            self.of(role).now().check(action, resource)
        except Denied as denied:
            return str(denied)
        return None
