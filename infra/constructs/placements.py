"""Placements: where the functions of tools are, by the `network` of their tool.json.

    none      in the VPC that is made for them, whose one way out is our bucket; made only if some tool needs it
    vpc       in a VPC of the account's own, by the subnets and security groups that the site names
    internet  in no VPC

A laptop has no VPC: at a local endpoint every function is a process of this machine.
"""

from typing import assert_never

from infra.constructs.network import Network
from infra.contents import Contents, secret_names
from infra.errors import InfraError
from infra.iac import Construct
from infra.site import Placement, Site
from stepsmith.contracts import ToolFunction


class Placements:
    def __init__(self, scope: Construct, site: Site, contents: Contents) -> None:
        self._site = site
        self._closed = _closed(scope, site, contents)

    def of(self, folder: str, tool: ToolFunction) -> Placement | None:
        """Of the tool in tools/`folder`; None is in no VPC. Raises InfraError where nobody said which VPC."""
        if self._site.is_local:
            return None
        match tool.network:
            case "none":
                return self._closed
            case "vpc":
                return self._own(folder)
            case "internet":
                return None
            case never:
                assert_never(never)

    def _own(self, folder: str) -> Placement:
        if self._site.vpc is None:
            raise InfraError(
                f"tools/{folder}/tool.json: network is 'vpc', and nobody said which: name its subnets and security "
                "groups by --subnets and --security-groups (or STEPSMITH_SUBNETS and STEPSMITH_SECURITY_GROUPS in "
                ".env), or let it be 'internet' or 'none' where the tool needs nothing there."
            )
        return self._site.vpc


def _closed(scope: Construct, site: Site, contents: Contents) -> Placement | None:
    """The VPC of all that have no network."""
    tools = [tool for tool in contents.tools.values() if tool.network == "none"]
    if site.is_local or not tools:
        return None
    return Network(scope, site, sorted({name for tool in tools for name in secret_names(tool)})).placement
