"""CreateRole reads the trust policy: what is no policy is refused, which moto would keep.

Its syntax alone: of the actions in trust policies moto's list is short of some (`sts:SetContext`).
"""

from moto.core.responses import ActionResult
from moto.iam.policy_validation import BaseIAMPolicyValidator
from moto.iam.responses import IamResponse


class Gaps(IamResponse):
    """See the module."""

    def create_role(self) -> ActionResult:
        BaseIAMPolicyValidator(self._get_param("AssumeRolePolicyDocument")).validate()
        return super().create_role()
