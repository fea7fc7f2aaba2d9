"""Terraform as the endpoint's client: everything of this repository deployed to `stepsmith up`, used, changed, broken
and taken away again.

.ci/run runs this in the checkout, after the artifacts are built: it needs them all, Terraform, the AWS provider and
node, none of which belongs into a sandbox of Pants. One endpoint serves the claims in their order.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from itertools import dropwhile, takewhile
from pathlib import Path
from typing import Any

import boto3
import pytest

from stepsmith.cli.terraform import provider
from tests.docs.pages import Page

ROOT = Path(__file__).resolve().parents[2]
AWS = provider.Provider("hashicorp/aws", "5.100.0")
PATIENCE_SECONDS = 900
PLANTED = "sk-planted-into-the-environment-of-a-test"
GROUP = "aws_cloudwatch_log_group.tools_books_logs_"
"""The beginning of an address: cdktf ends it with a hash."""
DATA = "~/.cache/stepsmith/data"
"""The data folder, where nobody names another."""
KEYS = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL", "DATABASE_URL", "NYT_API_KEY", "PPLX_API_KEY")

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed: nothing can be synthesised"),
    pytest.mark.skipif(
        provider.mirror(AWS, os.environ) is None, reason="the AWS provider 5.100.0 lies in no mirror of this machine"
    ),
]


class Repository:
    """A clone with the artifacts of the checkout, its endpoint, and the command line on both."""

    def __init__(self, folder: Path) -> None:
        self.root, self.data = folder / "clone", folder / "data"
        subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{ROOT}", str(self.root)], check=True)
        shutil.copytree(ROOT / "dist", self.root / "dist", copy_function=shutil.copyfile)  # as if just built
        self.environment = self._environment()
        words = [sys.executable, "-m", "stepsmith.cli", "up", "--data", str(self.data), "--port", "0"]
        self.up = subprocess.Popen(words, stdout=subprocess.PIPE, env=self.environment, text=True)
        assert any("stepsmith env" in line for line in self.up.stdout or ())

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in KEYS and not name.startswith("AWS_")}
        sources = (self.root / "src", self.root / "tools/python", self.root)
        return kept | {"PYTHONPATH": os.pathsep.join(map(str, sources)), "NO_COLOR": "1", "COLUMNS": "200"}

    def start(self, *words: str, **variables: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "stepsmith.cli", *words, "--local", "--data", str(self.data)]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self.environment | variables
        )

    def __call__(self, *words: str, **variables: str) -> tuple[int, str]:
        """The exit code, and all that is said."""
        with self.start(*words, **variables) as process:
            said, _ = process.communicate(timeout=PATIENCE_SECONDS)
        return process.returncode, said

    def typed(self, lines: list[str], answer: str) -> str:
        """What the shell says to lines of docs/deploy.md, with this folder, endpoint and mirror in place of theirs."""
        terraform = shutil.which("terraform") or ROOT / "build-support/terraform"
        script = f"""
            set -e
            stepsmith() {{ {sys.executable} -m stepsmith.cli "$@" --data {self.data}; }}
            terraform() {{ {terraform} "$@" <<< {answer}; }}
            """
        for line in lines:
            mirrored = line.replace("MIRROR", str(provider.mirror(AWS, os.environ)))
            script += mirrored.replace("./stepsmith", "stepsmith").replace(DATA, str(self.data)) + "\n"
        environment = self.environment | {"TF_CLI_ARGS": "-no-color"}
        words = ["bash", "-c", script]
        typed = subprocess.run(words, capture_output=True, text=True, env=environment, timeout=PATIENCE_SECONDS)
        assert typed.returncode == 0, typed.stdout + typed.stderr
        return typed.stdout

    def client(self, service: str) -> Any:
        key = json.loads((self.data / "credentials").read_text())
        return boto3.client(
            service,
            region_name="us-east-1",
            endpoint_url=json.loads((self.data / "endpoint.json").read_text())["url"],
            aws_access_key_id=key["access_key"],
            aws_secret_access_key=key["secret_key"],
        )

    def there(self) -> set[str]:
        """The names of all that `dev` has at the endpoint."""
        found = [
            *(each["FunctionName"] for each in self.client("lambda").list_functions()["Functions"]),
            *(each["Name"] for each in self.client("s3").list_buckets()["Buckets"]),
            *(each["RoleName"] for each in self.client("iam").list_roles()["Roles"]),
            *(each["name"] for each in self.client("stepfunctions").list_state_machines()["stateMachines"]),
            *(each["name"] for each in self.client("stepfunctions").list_activities()["activities"]),
            *(each["Name"] for each in self.client("secretsmanager").list_secrets()["SecretList"]),
            *(each["logGroupName"] for each in self.client("logs").describe_log_groups()["logGroups"]),
            *self.client("dynamodb").list_tables()["TableNames"],
        ]
        return {name for name in found if "stepsmith-dev-" in name}

    def forget(self, address: str) -> None:
        """Takes a resource out of Terraform's state; the state of one that was killed may be no JSON."""
        for path in (self.data / "infra/dev/state").glob("stepsmith.*"):
            with contextlib.suppress(ValueError):
                state = json.loads(path.read_text())
                kept = [each for each in state["resources"] if not f"{each['type']}.{each['name']}".startswith(address)]
                path.write_text(json.dumps(state | {"resources": kept, "serial": state["serial"] + 1}))

    def replace_artifact(self, name: str) -> None:
        """One more file in the tool's artifact, as after an edit of its sources."""
        with zipfile.ZipFile(self.root / "dist" / name, "a") as artifact:
            artifact.writestr("edited.txt", "since the last apply")


def child_of(pid: int) -> int:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=True)
    return int(found.stdout.split()[0])


@pytest.fixture(scope="module")
def stepsmith(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    repository = Repository(tmp_path_factory.mktemp("deploy"))
    yield repository
    repository.up.send_signal(signal.SIGINT)
    repository.up.wait()


def test_an_apply_cut_in_the_middle_is_completed_by_the_next_one(stepsmith: Repository) -> None:
    process = stepsmith.start("infra", "apply", "--auto-approve")
    assert process.stdout is not None
    assert any("Terraform 1." in line for line in process.stdout)
    code, said = stepsmith("infra", "plan")
    assert code == 1 and "Another `stepsmith infra`" in said  # two at once
    said = "".join(takewhile(lambda line: "created   aws_lambda_function." not in line, process.stdout))
    assert f"created   {GROUP}" in said
    os.kill(child_of(child_of(process.pid)), signal.SIGKILL)  # the command's shell's Terraform
    said, _ = process.communicate()
    assert process.returncode == 1 and "Terraform was killed" in said
    stepsmith.forget(GROUP)  # as if it had been killed before it could write these down
    stepsmith.forget("aws_lambda_function.")
    code, said = stepsmith("infra", "apply", "--auto-approve")
    assert code == 0 and f"= {GROUP}" in said and "= aws_lambda_function." in said and "taken over" in said, said


def test_a_deployed_agent_runs_with_its_deployed_functions(stepsmith: Repository) -> None:
    code, said = stepsmith("run", "sql", "--deployed")
    assert code == 0 and "completed" in said and "s3/stepsmith-dev-" in said, said


def test_a_secret_goes_to_secrets_manager_and_nowhere_else(stepsmith: Repository) -> None:
    code, said = stepsmith("secrets", "push", "OPENAI_API_KEY", OPENAI_API_KEY=PLANTED)
    assert code == 0 and PLANTED not in said, said
    code, listed = stepsmith("secrets", "list")
    assert [line.split()[1] for line in listed.splitlines() if "_API_KEY" in line] == ["empty", "empty", "set", "empty"]
    manager = stepsmith.client("secretsmanager")
    assert manager.get_secret_value(SecretId="stepsmith-dev-OPENAI_API_KEY")["SecretString"] == PLANTED
    code, said = stepsmith("infra", "plan", "--full", OPENAI_API_KEY=PLANTED)
    assert code == 0 and "No changes" in said and PLANTED not in said, said  # a second plan is empty
    holding = {path.name for path in stepsmith.data.rglob("*") if path.is_file() and PLANTED in _text(path)}
    assert holding <= {"aws.db", "aws.db-wal"}, "the store of Secrets Manager itself holds it, and nothing else"


def test_of_one_changed_tool_only_the_function_is_applied_by_plain_terraform_too(stepsmith: Repository) -> None:
    stepsmith.replace_artifact("tools/typescript/books.zip")
    said = stepsmith.typed([*dropwhile(lambda line: "infra synth" not in line, Page("deploy.md").commands)], "yes")
    assert "Plan: 1 to add, 1 to change, 1 to destroy." in said, said
    assert "Apply complete! Resources: 1 added, 1 changed, 1 destroyed." in said, said


def test_destroy_leaves_nothing_behind(stepsmith: Repository) -> None:
    assert len(stepsmith.there()) > 30
    code, said = stepsmith("infra", "destroy", "--auto-approve")
    assert code == 0, said
    assert stepsmith.there() == set()


def test_what_is_missing_is_one_sentence(stepsmith: Repository) -> None:
    code, said = stepsmith("run", "sql", "--deployed")
    assert code == 1 and "Agent 'sql' is not deployed" in said
    key = stepsmith.data / "credentials"
    kept = key.read_text()
    key.write_text(json.dumps(json.loads(kept) | {"secret_key": "another"}))
    code, said = stepsmith("infra", "plan")
    assert code == 1 and "The endpoint does not take the key in" in said and "InvalidSignatureException" in said
    key.write_text(kept)
    code, said = stepsmith("infra", "plan", TF_PLUGIN_MIRROR="/nowhere")
    assert code == 2 and "TF_PLUGIN_MIRROR: '/nowhere' does not hold hashicorp/aws 5.100.0" in said
    (stepsmith.root / "agents/sql/agent.py").write_text(AGENT_WITHOUT_A_TOOL)
    code, said = stepsmith("infra", "plan")
    assert code == 1 and "python/nothing" in said and "Traceback" not in said, said


def _text(path: Path) -> str:
    return path.read_bytes().decode("latin-1")


AGENT_WITHOUT_A_TOOL = """
from stepsmith.agent import Agent, toolbox

agent = Agent(description="Asks for what is not there", model="openai:x", tools=[toolbox("python/nothing")])
"""
