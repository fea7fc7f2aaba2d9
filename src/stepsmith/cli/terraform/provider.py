"""Where the AWS provider lies on this machine: a folder in Terraform's layout of a mirror, packed or not.

    <mirror>/registry.terraform.io/hashicorp/aws/5.100.0/linux_amd64/terraform-provider-aws_v5.100.0_x5
    <mirror>/registry.terraform.io/hashicorp/aws/terraform-provider-aws_5.100.0_linux_amd64.zip

Looked at are TF_PLUGIN_MIRROR, the folders that Terraform itself takes for mirrors, and any folder below /opt or
/usr/local/share. Without one Terraform asks the registry.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ..errors import UsageError

VARIABLE = "TF_PLUGIN_MIRROR"
REGISTRY = "registry.terraform.io"
SHARED = (Path("/opt"), Path("/usr/local/share"))
ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class Provider:
    """What a stack requires: ``hashicorp/aws``, ``5.100.0``."""

    source: str
    version: str

    @classmethod
    def required(cls, said: Mapping[str, str]) -> Self:
        """As `required_providers` says it: the namespace and the registry may be left out."""
        namespace, name = ["hashicorp", *said["source"].split("/")][-2:]
        return cls(f"{namespace}/{name}", said["version"])

    @property
    def name(self) -> str:
        return self.source.rpartition("/")[2]


AWS = Provider("hashicorp/aws", "5.100.0")
"""The one that infra/ is written for: its classes are made from this version (3rdparty/python/infra.txt)."""


def mirror(provider: Provider, environment: Mapping[str, str], shared: Iterable[Path] = SHARED) -> Path | None:
    """The first folder that holds the provider for this machine. Raises `UsageError` where TF_PLUGIN_MIRROR names one
    that does not."""
    if named := environment.get(VARIABLE):
        if not _holds(Path(named), provider):
            raise UsageError(
                f"{VARIABLE}: {named!r} does not hold {provider.source} {provider.version} for {system()}: name a "
                f"folder with {REGISTRY}/{provider.source}/{provider.version}/{system()} in it, or unset it."
            )
        return Path(named)
    folders = (*_implied(environment), *_below(shared))
    return next((folder for folder in folders if _holds(folder, provider)), None)


def system() -> str:
    """``linux_amd64``, as Go names a platform."""
    return f"{platform.system().lower()}_{ARCHITECTURES.get(platform.machine().lower(), platform.machine())}"


def _implied(environment: Mapping[str, str]) -> Iterator[Path]:
    """https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories"""
    home = Path(environment.get("HOME") or Path.home())
    yield home / ".terraform.d/plugins"
    if platform.system() == "Darwin":
        for folder in (home / "Library", Path("/Library")):
            yield folder / "Application Support/io.terraform/plugins"
        return
    data_home = environment.get("XDG_DATA_HOME") or str(home / ".local/share")
    data_folders = environment.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    for name in (data_home, *data_folders.split(":")):
        yield Path(name) / "terraform/plugins"


def _below(shared: Iterable[Path]) -> Iterator[Path]:
    for folder in shared:
        yield from sorted(each.parent for each in folder.glob(f"*/{REGISTRY}"))


def _holds(folder: Path, provider: Provider) -> bool:
    home = folder / REGISTRY / provider.source
    packed = home / f"terraform-provider-{provider.name}_{provider.version}_{system()}.zip"
    return packed.is_file() or any((home / provider.version / system()).glob(f"terraform-provider-{provider.name}_*"))
