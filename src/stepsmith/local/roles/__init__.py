"""Who may do what at the endpoint: AWS's policy language over AWS's names of actions and resources.

    policy        statements of a policy document, and what they decide about one action on one resource
    conditions    the operators of a statement's Condition that are evaluated here
    permissions   what a caller may do now, and the sentence for what it may not
    described     a function's role as its tool.json describes it
    iam           roles made through the API: their policies as IAM keeps them
    machines      the roles of state machines

    permissions = await roles.of("arn:aws:iam::000000000000:role/reports", "nightly").permissions()
    permissions.check("s3:GetObject", "arn:aws:s3:::reports/2026.csv")      # Denied says it in AWS's words

Rules are those of "Policy evaluation logic" and "IAM JSON policy element reference" of the IAM user guide, for
policies of identities: those of resources (a bucket's, a queue's, a key's) are kept and shown, not evaluated.
"""

from .described import Role
from .iam import Policies, Roles
from .permissions import OWNER, Denied, Permissions, Principal

__all__ = ["OWNER", "Denied", "Permissions", "Policies", "Principal", "Role", "Roles"]
