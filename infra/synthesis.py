"""Writes an environment as Terraform JSON: whole or not at all.

    OUT/stepsmith/cdk.tf.json        the one Terraform root
    OUT/stepsmith/<agent>.asl.json   the machines that it holds

All is made aside first, and the root, which names the machines, is written last. What Terraform keeps beside them
(.terraform, its lock of providers, OUT/state) stays.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from infra.contents import Contents
from infra.iac import App
from infra.root import NAME, Root
from infra.site import Site
from infra.stacks.agents import Agents
from infra.stacks.foundation import Foundation
from infra.stacks.models import Models
from infra.stacks.tools import Tools

FILE = "cdk.tf.json"


def synthesise(site: Site, contents: Contents) -> Mapping[str, str]:
    """The files of an environment's root, by name. Raises InfraError."""
    with tempfile.TemporaryDirectory() as aside:
        app = App(outdir=aside)
        root = Root(app, site)
        foundation = Foundation(root, site, contents)
        Tools(root, site, foundation.store, foundation.secrets, foundation.placements, contents)
        Models(root, site, foundation.store, foundation.secrets, contents)
        agents = Agents(root, site, contents)
        app.synth()
        machines = {machine.file: json.dumps(machine.definition, ensure_ascii=False) for machine in agents.machines}
        return {**machines, FILE: (Path(aside) / "stacks" / NAME / FILE).read_text("utf-8")}


def write(files: Mapping[str, str], out: Path) -> None:
    """Puts the root into `out`, and takes away machines that are no more. Raises OSError."""
    folder = out / NAME
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        _replace(folder / name, text + "\n")
    for path in folder.glob("*.asl.json"):
        if path.name not in files:
            path.unlink()


def _replace(path: Path, text: str) -> None:
    aside = path.with_suffix(".new")
    aside.write_text(text, "utf-8")
    os.replace(aside, path)
