"""Secrets: one in Secrets Manager per name in tool.json and caller.json, so that no function reads another's.

Empty: values are put in by `./stepsmith secrets push` and never pass through Terraform's state or plan.
"""

from collections.abc import Mapping

from infra.iac import Construct, SecretsmanagerSecret
from infra.site import Site

RECOVERY_DAYS = 7


class Secrets(Construct):
    """`users` says which functions list each secret."""

    def __init__(self, scope: Construct, id: str, site: Site, users: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__(scope, id)
        for name, functions in users.items():
            SecretsmanagerSecret(
                self,
                name,
                name=site.deployment.secret_name(name),
                description=f"Read by {', '.join(functions)}. Value: ./stepsmith secrets push",
                recovery_window_in_days=0 if site.is_disposable else RECOVERY_DAYS,
            )
