"""Writes stacks as Terraform JSON: whole or not at all.

    OUT/<stack>/cdk.tf.json     one Terraform root each
    OUT/stacks.json             their order: {"stacks": [{"name": "tools", "after": ["foundation"]}, ...]}

Everything is made aside first. Only these files are replaced, so what Terraform keeps beside them (state, .terraform,
its lock of providers) stays; stacks that are not asked for stay as they are.
"""

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from infra.contents import Contents
from infra.errors import InfraError
from infra.iac import App
from infra.site import Site
from infra.stacks.stack import Stack
from infra.stacks.table import STACKS

FILE = "cdk.tf.json"


def synthesise(site: Site, contents: Contents, names: Sequence[str] = tuple(STACKS)) -> dict[str, str]:
    """The Terraform JSON of each stack named. Raises InfraError."""
    for unknown in set(names) - set(STACKS):
        raise InfraError(f"There is no stack {unknown!r}. Stacks: {', '.join(STACKS)}.")
    with tempfile.TemporaryDirectory() as aside:
        app = App(outdir=aside)
        for name in names:
            STACKS[name].fill(Stack(app, name, site), site, contents)
        app.synth()
        return {name: (Path(aside) / "stacks" / name / FILE).read_text("utf-8") + "\n" for name in names}


def write(stacks: dict[str, str], out: Path) -> None:
    """Puts the stacks' files and their order into `out`. Raises OSError."""
    for name, text in stacks.items():
        _replace(out / name / FILE, text)
    order = [{"name": name, "after": list(plan.after)} for name, plan in STACKS.items()]
    _replace(out / "stacks.json", json.dumps({"stacks": order}, indent=2) + "\n")


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".new")
    aside.write_text(text, "utf-8")
    os.replace(aside, path)
