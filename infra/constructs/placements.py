"""Placements: where the functions of tools are, by the `network` of their tool.json.

    none      in the VPC that is made for them, whose one way out is our bucket; made only if some tool needs it
    vpc       in a VPC of the account's own, by the subnets and security groups that the site names. Until it names
              them, where `none` is: a tool that brings its database along needs no more
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
        """Of the tool in tools/`folder`; None is in no VPC. Raises InfraError for permissions that a tool could not use
        there."""
        if tool.permissions and _is_closed(self._site, tool):
            raise InfraError(
                f"tools/{folder}/tool.json: permissions are of no use where network is {tool.network!r}"
                f"{_UNNAMED if tool.network == 'vpc' else ''}: such a function reaches the run's artifacts and its "
                "secrets only. Let it be 'internet', name your VPC for 'vpc' (--subnets and --security-groups), or "
                "leave them out."
            )
        if self._site.is_local:
            return None
        match tool.network:
            case "none":
                return self._closed
            case "vpc":
                return self._site.vpc or self._closed
            case "internet":
                return None
            case never:
                assert_never(never)


_UNNAMED = " and no VPC of yours is named"


def unnamed(site: Site, contents: Contents) -> str:
    """What to say of tools whose VPC nobody named; empty where there are none."""
    folders = [folder for folder, tool in contents.tools.items() if tool.network == "vpc"]
    if site.is_local or site.vpc is not None or not folders:
        return ""
    return (
        f"{', '.join(folders)}: network is 'vpc'{_UNNAMED} (--subnets and --security-groups): there as with 'none', "
        "artifacts and secrets alone are reached."
    )


def _is_closed(site: Site, tool: ToolFunction) -> bool:
    """Whether nothing but artifacts and secrets is reached from where the tool is on AWS. A local endpoint is asked the
    same of `none`: what is applied there is to hold on AWS."""
    return tool.network == "none" or (tool.network == "vpc" and site.vpc is None and not site.is_local)


def _closed(scope: Construct, site: Site, contents: Contents) -> Placement | None:
    """The VPC of all that reach nothing but artifacts and secrets."""
    tools = [tool for tool in contents.tools.values() if _is_closed(site, tool)]
    if site.is_local or not tools:
        return None
    return Network(scope, site, sorted({name for tool in tools for name in secret_names(tool)})).placement
