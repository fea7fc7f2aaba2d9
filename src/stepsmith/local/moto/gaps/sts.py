"""GetCallerIdentity: who calls is known to the endpoint, which says it in a header; moto would guess from the key."""

from moto.core.responses import ActionResult, BaseResponse

from stepsmith.local.roles import OWNER

from . import CALLER


class Gaps(BaseResponse):
    """See the module."""

    def __init__(self) -> None:
        super().__init__(service_name="sts")
        self.automated_parameter_parsing = True

    def get_caller_identity(self) -> ActionResult:
        arn = self.headers.get(CALLER, OWNER.arn)
        return ActionResult({"UserId": _id(arn), "Account": self.current_account, "Arn": arn})


def _id(arn: str) -> str:
    """An account's root has the account's number; a session its role's name, for want of the role's id, and its own."""
    *_, account, resource = arn.split(":", 5)
    return account if resource == "root" else ":".join(resource.split("/")[1:])
