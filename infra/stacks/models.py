"""A function for each caller.json."""

from infra.constructs.artifact_store import ArtifactStore
from infra.constructs.model_caller import ModelCaller
from infra.constructs.secrets import Secrets
from infra.contents import Contents
from infra.iac import Construct
from infra.site import Site


class Models(Construct):
    def __init__(
        self, scope: Construct, site: Site, store: ArtifactStore, secrets: Secrets, contents: Contents
    ) -> None:
        super().__init__(scope, "models")
        for caller in contents.callers.values():
            ModelCaller(self, site, store, secrets, caller)
