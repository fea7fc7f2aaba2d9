"""ToolFunction: the Lambda of one tool.json, with the rights that it asks for and no others.

Every tool reads and writes the artifacts of runs. Secrets, and `permissions` of tool.json, are its own: their resources
may name {partition}, {region}, {account} and {environment}.
"""

from collections.abc import Iterator

from infra.constructs.artifact_store import ArtifactStore
from infra.constructs.function import PYTHON, Function, Lambda, texts
from infra.constructs.rights import artifacts, own_secrets
from infra.constructs.secrets import Secrets
from infra.contents import secret_names
from infra.errors import InfraError
from infra.iac import Construct
from infra.policy import Statement, allow
from infra.site import Placement, Site
from stepsmith.agent import Deployment
from stepsmith.contracts import ToolFunction as Description


class ToolFunction(Function):
    """The function of the tool in tools/`folder` (``python/db_interface``). Raises InfraError."""

    def __init__(
        self,
        scope: Construct,
        site: Site,
        store: ArtifactStore,
        secrets: Secrets,
        folder: str,
        tool: Description,
        placement: Placement | None,
    ) -> None:
        deployment = site.deployment
        names = secret_names(tool)
        function = Lambda(
            name=tool.function,
            description=f"Tools: {', '.join(each.name for each in tool.tools)}",
            artifact=f"tools/{folder}.zip",
            handler=tool.handler or f"{tool.function}.handler.handler",
            runtime=tool.runtime or PYTHON,
            timeout_seconds=int(tool.timeout_seconds),
            memory_mb=tool.memory_mb,
            architectures=tool.architectures,
            environment=texts(tool.environment) | secrets.variables(names),
            rights=[
                *artifacts(deployment),
                *own_secrets(deployment, names),
                *_permissions(deployment, folder, tool),
            ],
            placement=placement,
        )
        super().__init__(scope, tool.function, site, store, "tool", function)


def _permissions(deployment: Deployment, folder: str, tool: Description) -> Iterator[Statement]:
    """What tool.json asks for."""
    names = {
        "partition": deployment.partition,
        "region": deployment.region,
        "account": deployment.account,
        "environment": deployment.environment,
    }
    for number, permission in enumerate(tool.permissions):
        at = f"tools/{folder}/tool.json: permissions[{number}]"
        try:
            yield allow(*permission.actions, on=[resource.format_map(names) for resource in permission.resources])
        except (KeyError, IndexError) as error:
            raise InfraError(f"{at}.resources: there is no {error} to fill in. Use {', '.join(names)}.") from error
        except ValueError as error:
            raise InfraError(f"{at}: {error}.") from error
