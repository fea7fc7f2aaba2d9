"""ModelCaller: the Lambda of one vendor. Callers read conversations, each its own vendor's key."""

from infra.constructs.artifact_store import ArtifactStore
from infra.constructs.function import Function, Lambda, texts
from infra.constructs.rights import conversations, own_secrets
from infra.constructs.secrets import Secrets
from infra.contents import secret_names
from infra.iac import Construct
from infra.site import Site
from stepsmith.contracts import CallerFunction


class ModelCaller(Function):
    """The caller in llm_callers/<vendor>."""

    def __init__(
        self, scope: Construct, site: Site, store: ArtifactStore, secrets: Secrets, caller: CallerFunction
    ) -> None:
        deployment = site.deployment
        names = secret_names(caller)
        function = Lambda(
            name=f"caller-{caller.vendor}",
            description=caller.description,
            artifact=f"llm_callers/{caller.vendor}.zip",
            handler=f"llm_callers.{caller.vendor}.handler.handler",
            timeout_seconds=int(caller.timeout_seconds),
            memory_mb=caller.memory_mb,
            architectures=caller.architectures,
            environment=texts({**caller.environment, "STEPSMITH_BUCKET": deployment.bucket}) | secrets.variables(names),
            rights=[*conversations(deployment), *own_secrets(deployment, names)],
        )
        super().__init__(scope, caller.vendor, site, store, "caller", function)
