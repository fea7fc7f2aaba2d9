"""ModelCaller: the Lambda of one vendor. Callers read conversations, each its own vendor's key."""

from infra.constructs.function import Function, Lambda
from infra.constructs.rights import conversations, own_secrets, secret_variables
from infra.contents import secret_names
from infra.iac import Construct
from infra.site import Site
from stepsmith.contracts import CallerFunction


class ModelCaller(Function):
    """The caller in llm_callers/<vendor>."""

    def __init__(self, scope: Construct, site: Site, caller: CallerFunction) -> None:
        deployment = site.deployment
        secrets = secret_names(caller)
        function = Lambda(
            name=f"caller-{caller.vendor}",
            description=caller.description,
            artifact=f"llm_callers/{caller.vendor}.zip",
            handler=f"llm_callers.{caller.vendor}.handler.handler",
            timeout_seconds=int(caller.timeout_seconds),
            memory_mb=caller.memory_mb,
            architectures=caller.architectures,
            environment={
                **caller.environment,
                **secret_variables(deployment, secrets),
                "STEPSMITH_BUCKET": deployment.bucket,
            },
            rights=[*conversations(deployment), *own_secrets(deployment, secrets)],
        )
        super().__init__(scope, caller.vendor, site, "caller", function)
