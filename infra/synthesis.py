"""Writes an environment as Terraform JSON: whole or not at all.

    OUT/stepsmith/cdk.tf.json   the one Terraform root
    OUT/stacks.json             the roots that there are, and after which others each comes

All is made aside first. Only these files are replaced: what Terraform keeps beside them (state, .terraform, its lock of
providers) stays.
"""

import json
import os
import tempfile
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


def synthesise(site: Site, contents: Contents) -> str:
    """The Terraform JSON of an environment. Raises InfraError."""
    with tempfile.TemporaryDirectory() as aside:
        app = App(outdir=aside)
        root = Root(app, site)
        foundation = Foundation(root, site, contents)
        Tools(root, site, foundation.store, foundation.secrets, contents)
        Models(root, site, foundation.store, foundation.secrets, contents)
        Agents(root, site, contents)
        app.synth()
        return (Path(aside) / "stacks" / NAME / FILE).read_text("utf-8") + "\n"


def write(terraform: str, out: Path) -> None:
    """Puts the root and the list of roots into `out`. Raises OSError."""
    _replace(out / NAME / FILE, terraform)
    _replace(out / "stacks.json", json.dumps({"stacks": [{"name": NAME, "after": []}]}) + "\n")


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".new")
    aside.write_text(text, "utf-8")
    os.replace(aside, path)
