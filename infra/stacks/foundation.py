"""What all others stand on, and what holds data."""

from infra.constructs.approvals import Approvals
from infra.constructs.artifact_store import ArtifactStore
from infra.constructs.placements import Placements
from infra.constructs.secrets import Secrets
from infra.contents import Contents
from infra.iac import Construct
from infra.site import Site


class Foundation(Construct):
    def __init__(self, scope: Construct, site: Site, contents: Contents) -> None:
        super().__init__(scope, "foundation")
        self.store = ArtifactStore(self, site)
        self.secrets = Secrets(self, site, contents.secrets)
        self.placements = Placements(self, site, contents)
        Approvals(self, site)
