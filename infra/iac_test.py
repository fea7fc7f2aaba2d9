"""Claims on the door to cdktf: what a text means to Terraform, by its own word, and what of the provider is loaded."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

TEXTS = (
    "${x}",
    "$${x}",
    "$$${x}",
    "%{if x}",
    "%%{a}",
    "$%{b",
    "%$${a}",
    "{% $states.input %}",
    "${",
    "$",
    'a "quoted" \\ back\n\tslash',
    "\u2028 é 😀",
)


@pytest.mark.usefixtures("synthesise")
def test_a_literal_means_just_its_text(tmp_path: Path) -> None:
    from infra.iac import literal

    if not shutil.which("terraform"):
        pytest.skip("terraform is not installed: it alone says what a text means to it.")
    output = {f"text_{number}": {"value": literal(text)} for number, text in enumerate(TEXTS)}
    (tmp_path / "main.tf.json").write_text(json.dumps({"output": output}))
    for words in (["init"], ["apply", "-auto-approve"]):
        subprocess.run(["terraform", *words, "-input=false"], cwd=tmp_path, check=True, capture_output=True)
    answered = subprocess.run(["terraform", "output", "-json"], cwd=tmp_path, check=True, capture_output=True).stdout
    assert [json.loads(answered)[name]["value"] for name in output] == list(TEXTS)


@pytest.mark.usefixtures("synthesise")
def test_what_the_providers_index_requires_is_loaded_when_it_is_used(tmp_path: Path) -> None:
    lib = tmp_path / "provider-aws" / "lib"
    lib.mkdir(parents=True)
    (lib / "index.js").write_text('exports.used = require("./used"); exports.unused = require("./unused");')
    (lib / "used.js").write_text('exports.Name = "loaded";')
    (lib / "unused.js").write_text('throw new Error("nobody has asked for this module");')
    script = "console.log(require(process.argv[1]).used.Name)"
    said = subprocess.run(["node", "-e", script, str(lib)], check=True, capture_output=True, text=True).stdout
    assert said == "loaded\n"
