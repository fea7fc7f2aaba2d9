"""Secrets: one in Secrets Manager per name in tool.json and caller.json, so that no function reads another's.

Empty: values are put in by `./stepsmith secrets push` and never pass through Terraform's state or plan.
"""

from collections.abc import Iterable, Mapping

from infra.iac import Construct, SecretsmanagerSecret
from infra.site import Site

RECOVERY_DAYS = 7


class Secrets(Construct):
    """`users` says which functions list each secret."""

    def __init__(self, scope: Construct, site: Site, users: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__(scope, "secrets")
        self._arns = {name: self._secret(site, name, functions).arn for name, functions in users.items()}

    def variables(self, names: Iterable[str]) -> dict[str, str]:
        """Where a function finds its secrets (stepsmith.secrets, and the kits of the other languages)."""
        return {f"{name}_SECRET_ARN": self._arns[name] for name in names}

    def _secret(self, site: Site, name: str, functions: tuple[str, ...]) -> SecretsmanagerSecret:
        return SecretsmanagerSecret(
            self,
            name,
            name=site.deployment.secret_name(name),
            description=f"Read by {', '.join(functions)}. Its value: ./stepsmith secrets push",
            recovery_window_in_days=0 if site.is_disposable else RECOVERY_DAYS,
        )
