"""What is written for AWS, judged by the AWS provider: every resource has the fields that its schema knows and needs.

No account is asked. Like deploy_test.py it needs node, Terraform, the provider and the artifacts; .ci/run runs it.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from stepsmith.cli.terraform import program, provider

ROOT = Path(__file__).resolve().parents[2]
SMALL = ROOT / "infra/testdata/repository"
MIRROR = provider.mirror(provider.Provider("hashicorp/aws", "5.100.0"), os.environ)
OWN_VPC = ("--subnets", "subnet-0a,subnet-0b", "--security-groups", "sg-0c")

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed: nothing can be synthesised"),
    pytest.mark.skipif(MIRROR is None, reason="the AWS provider 5.100.0 lies in no mirror of this machine"),
]


def with_a_secret(repository: Path) -> Path:
    """The small repository, whose tool without a network now lists a secret: all that a network can have is made."""
    shutil.copytree(SMALL, repository)
    path = repository / "tools/go/rates/tool.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | {"secrets": ["RATES_KEY"]}))
    for name in ("tools/go/rates", "tools/python/ledger", "llm_callers/acme"):
        artifact = repository / "dist" / f"{name}.zip"
        artifact.parent.mkdir(parents=True)
        artifact.write_bytes(b"its hash is taken, no more")
    return repository


def faults(folder: Path) -> list[str]:
    """What `terraform validate` says."""
    terraform = program.found(ROOT, os.environ)

    def run(*words: str) -> str:
        command = [*terraform.words, *words, "-no-color"]
        running = subprocess.run(command, cwd=folder, env=terraform.environment, stdout=subprocess.PIPE, text=True)
        return running.stdout

    run("init", "-backend=false", "-input=false", f"-plugin-dir={MIRROR}")
    told = json.loads(run("validate", "-json"))["diagnostics"]
    return [f"{each['summary']}: {each['detail']}" for each in told]


def synthesised(root: Path, out: Path, words: Sequence[str]) -> Path:
    command = [str(ROOT / "build-support/infra"), "synth", "--account", "123456789012", "--root", str(root)]
    subprocess.run([*command, "--out", str(out), *words], check=True, capture_output=True)
    return out / "stepsmith"


def test_this_repository_is_valid_for_aws(tmp_path: Path) -> None:
    assert faults(synthesised(ROOT, tmp_path, ())) == []


def test_every_kind_of_resource_is_valid_for_aws(tmp_path: Path) -> None:
    state = ("--state", "s3://states/team")
    folder = synthesised(with_a_secret(tmp_path / "repository"), tmp_path / "out", (*OWN_VPC, *state))
    assert "secretsmanager-service" in (folder / "cdk.tf.json").read_text()
    assert faults(folder) == []
