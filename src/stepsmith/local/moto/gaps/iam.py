"""CreateRole refuses a trust policy that is no JSON, which moto would keep and nobody could read.

No more than that: nothing here evaluates a trust policy, and moto's idea of a policy's syntax is narrower than AWS's.
"""

import json

from moto.core.responses import ActionResult
from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.responses import IamResponse


class Gaps(IamResponse):
    """See the module."""

    def create_role(self) -> ActionResult:
        try:
            json.loads(self._get_param("AssumeRolePolicyDocument", ""))
        except ValueError:
            raise MalformedPolicyDocument("This policy contains invalid Json") from None
        return super().create_role()
