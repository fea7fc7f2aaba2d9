"""A function for each tool.json."""

from infra.constructs.artifact_store import ArtifactStore
from infra.constructs.placements import Placements
from infra.constructs.secrets import Secrets
from infra.constructs.tool_function import ToolFunction
from infra.contents import Contents
from infra.iac import Construct
from infra.site import Site


class Tools(Construct):
    def __init__(
        self,
        scope: Construct,
        site: Site,
        store: ArtifactStore,
        secrets: Secrets,
        placements: Placements,
        contents: Contents,
    ) -> None:
        super().__init__(scope, "tools")
        for folder, tool in contents.tools.items():
            ToolFunction(self, site, store, secrets, folder, tool, placements.of(folder, tool))
