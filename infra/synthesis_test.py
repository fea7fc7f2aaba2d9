"""Claims on what is written: the same each time, whole, and free of what does not belong there."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from infra.__main__ import main
from infra.conftest import REPOSITORY, ROOT, Files, Json, Synthesise
from infra.site import State, Target

EXPECTED = Path(__file__).parent / "testdata" / "expected"
RENEW = "STEPSMITH_UPDATE_SNAPSHOTS"
NETWORK = {
    "aws_default_security_group",
    "aws_flow_log",
    "aws_route_table",
    "aws_route_table_association",
    "aws_security_group",
    "aws_subnet",
    "aws_vpc",
    "aws_vpc_endpoint",
    "aws_vpc_security_group_egress_rule",
}
STACKS = ("foundation", "tools", "models", "agents")


def of_stack(terraform: Json, stack: str) -> Json:
    """A stack's resources as a person reviews them: by path, policies as what they say."""
    found = {}
    for kind, resources in terraform["resource"].items():
        for name, fields in resources.items():
            if name.startswith(f"{stack}_"):
                found[f"{kind}.{name}"] = {field: _read(value) for field, value in fields.items() if field != "//"}
    return dict(sorted(found.items()))


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value.startswith('{"Version"') else value


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_is_as_it_was_reviewed(terraform: Json, stack: str) -> None:
    """Renew by STEPSMITH_UPDATE_SNAPSHOTS=1, and review the difference."""
    path = EXPECTED / f"{stack}.json"
    if os.environ.get(RENEW):
        path.write_text(json.dumps(of_stack(terraform, stack), indent=2) + "\n", "utf-8")
    assert of_stack(terraform, stack) == json.loads(path.read_text("utf-8"))


def test_every_resource_belongs_to_a_stack(terraform: Json) -> None:
    resources = {name for kind in terraform["resource"].values() for name in kind}
    assert {name.partition("_")[0] for name in resources} == set(STACKS)


def test_two_syntheses_are_equal(synthesise: Synthesise, files: Files) -> None:
    assert dict(synthesise()) == dict(files)


def test_each_agent_has_its_machine_beside_the_root(terraform: Json, files: Files) -> None:
    assert set(files) == {"cdk.tf.json", "clerk.asl.json", "desk.asl.json"}
    machines = terraform["resource"]["aws_sfn_state_machine"].values()
    assert {machine["definition"] for machine in machines} == {
        '${file("${path.module}/clerk.asl.json")}',
        '${file("${path.module}/desk.asl.json")}',
    }


def test_the_folders_of_this_repository_are_found(ours: Json) -> None:
    functions = {each["function_name"] for each in ours["resource"]["aws_lambda_function"].values()}
    tools = {json.loads(path.read_bytes())["function"] for path in ROOT.glob("tools/*/*/tool.json")}
    vendors = {path.parent.name for path in ROOT.glob("llm_callers/*/caller.json")}
    agents = {path.parent.name for path in ROOT.glob("agents/*/agent.py")}
    assert functions == {f"stepsmith-dev-{name}" for name in tools | {f"caller-{vendor}" for vendor in vendors}}
    machines = {each["name"] for each in ours["resource"]["aws_sfn_state_machine"].values()}
    assert machines == {f"stepsmith-dev-{agent}" for agent in agents}


def test_no_file_holds_a_path_of_this_machine(files: Files) -> None:
    text = "".join(files.values())
    assert str(ROOT) not in text and str(Path.home()) not in text
    assert re.findall(r'"/(?:home|root|tmp|var|work|usr)/[^"]*"', text) == []


def test_no_file_holds_a_host_but_those_of_tool_json(files: Files) -> None:
    assert set(re.findall(r"https?://([^/\"\\]+)", "".join(files.values()))) == {"ledger.example"}


def test_no_value_of_a_secret_is_anywhere_even_if_it_is_in_the_environment(
    synthesise: Synthesise, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LEDGER_KEY", "AUDIT_KEY", "ACME_API_KEY", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "planted-value")
    assert dict(synthesise()) == dict(files)
    assert "aws_secretsmanager_secret_version" not in files["cdk.tf.json"]


def test_templates_in_a_tool_json_stay_text(terraform: Json) -> None:
    [ledger] = [each for each in terraform["resource"]["aws_lambda_function"].values() if "ledger" in each["handler"]]
    assert ledger["environment"]["variables"]["LEDGER_URL"] == "https://ledger.example/$${tenant}/%%{page}"


def test_aws_is_asked_for_the_account_that_was_named(terraform: Json) -> None:
    [provider] = terraform["provider"]["aws"]
    tags = [{"tags": {"stepsmith:environment": "dev"}}]
    assert provider == {"region": "eu-west-1", "allowed_account_ids": ["123456789012"], "default_tags": tags}


def test_a_local_endpoint_gets_every_call(synthesise: Synthesise) -> None:
    local = json.loads(synthesise(target=Target("http://127.0.0.1:4599"))["cdk.tf.json"])
    [provider] = local["provider"]["aws"]
    [endpoints] = provider["endpoints"]
    assert set(endpoints.values()) == {"http://127.0.0.1:4599"}
    assert provider["s3_use_path_style"] and provider["max_retries"] == 2


def test_a_laptop_lacks_the_network_and_the_rule_that_forgets_objects(synthesise: Synthesise, terraform: Json) -> None:
    local = json.loads(synthesise(target=Target("http://127.0.0.1:4599"))["cdk.tf.json"])
    lacking = {kind for kind in terraform["resource"] if kind not in local["resource"]}
    assert lacking == NETWORK | {"aws_s3_bucket_lifecycle_configuration"}


def test_a_laptop_has_no_vpc_and_needs_none(synthesise: Synthesise) -> None:
    local = json.loads(synthesise(target=Target("http://127.0.0.1:4599"), vpc=None)["cdk.tf.json"])
    assert not NETWORK & set(local["resource"]) and "data" not in local
    assert "vpc_config" not in json.dumps(local) and '"ec2:' not in json.dumps(local)


def test_what_is_disposable_goes_with_its_contents(synthesise: Synthesise) -> None:
    def keeping(terraform: Json) -> tuple[Any, ...]:
        [bucket] = terraform["resource"]["aws_s3_bucket"].values()
        [table] = terraform["resource"]["aws_dynamodb_table"].values()
        secrets = terraform["resource"]["aws_secretsmanager_secret"].values()
        days = {secret["recovery_window_in_days"] for secret in secrets}
        return bucket["force_destroy"], table["deletion_protection_enabled"], days

    assert keeping(json.loads(synthesise()["cdk.tf.json"])) == (False, True, {7})
    assert keeping(json.loads(synthesise(disposable=True)["cdk.tf.json"])) == (True, False, {0})


def test_state_may_lie_in_a_bucket_and_is_locked_there(synthesise: Synthesise, terraform: Json) -> None:
    assert terraform["terraform"]["backend"] == {"local": {"path": "../state/stepsmith.tfstate"}}
    remote = json.loads(synthesise(state=State("states", "dev"))["cdk.tf.json"])["terraform"]["backend"]
    assert remote == {
        "s3": {
            "bucket": "states",
            "key": "dev/stepsmith.tfstate",
            "region": "eu-west-1",
            "encrypt": True,
            "use_lockfile": True,
        }
    }


@pytest.mark.usefixtures("synthesise")
class TestCommand:
    def synth(self, out: Path, *words: str, root: Path = REPOSITORY) -> int:
        own = ("--subnets", "subnet-0a,subnet-0b", "--security-groups", "sg-0c")
        return main(["synth", "--account", "123456789012", "--out", str(out), "--root", str(root), *own, *words])

    def test_it_leaves_what_terraform_keeps_and_takes_away_machines_that_are_no_more(self, tmp_path: Path) -> None:
        kept = tmp_path / "stepsmith" / ".terraform.lock.hcl"
        kept.parent.mkdir()
        for path in (kept, kept.with_name("gone.asl.json")):
            path.write_text("x")
        assert self.synth(tmp_path) == 0
        names = {path.name for path in kept.parent.iterdir()}
        assert names == {".terraform.lock.hcl", "cdk.tf.json", "clerk.asl.json", "desk.asl.json"}

    def test_artifacts_are_named_as_the_root_sees_them(self, tmp_path: Path) -> None:
        out = tmp_path / "dist" / "infra" / "dev"
        assert self.synth(out, "--dist", str(tmp_path / "dist")) == 0
        text = (out / "stepsmith" / "cdk.tf.json").read_text()
        assert json.dumps("${path.module}/../../../tools/python/ledger.zip") in text

    def test_a_broken_agent_is_one_sentence_and_nothing_is_written(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        agent = tmp_path / "repository" / "agents" / "lost"
        agent.mkdir(parents=True)
        (agent / "agent.py").write_text(
            "from stepsmith.agent import Agent, toolbox\n"
            'agent = Agent(description="d", model="acme:one", tools=[toolbox("python/nowhere")])\n'
        )
        (agent / "instructions.md").write_text("Look.")
        assert self.synth(tmp_path / "out", root=tmp_path / "repository") == 2
        sentence = (
            "agents/lost/agent.py has a toolbox that is not there: tools/python/nowhere/tool.json is missing: "
            "name a folder of tools/ that holds a tool.json.\n"
        )
        assert capsys.readouterr() == ("", sentence)
        assert not (tmp_path / "out").exists()

    def test_a_folder_with_nothing_to_deploy_is_no_repository(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Else its Terraform would take away whatever is deployed."""
        assert self.synth(tmp_path / "out", root=tmp_path) == 2
        assert capsys.readouterr().err.startswith(f"--root: there is no tool, caller or agent in '{tmp_path}'.")
        assert not (tmp_path / "out").exists()

    def test_what_lint_finds_stops_it(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        agent = tmp_path / "repository" / "agents" / "alone"
        agent.mkdir(parents=True)
        (agent / "agent.py").write_text(
            'from stepsmith.agent import Agent\nagent = Agent(description="d", model="acme:one")\n'
        )
        (agent / "instructions.md").write_text("Look.")
        assert self.synth(tmp_path / "out", root=tmp_path / "repository") == 2
        assert "agents/alone: agent.py model: there is no caller for 'acme:one'." in capsys.readouterr().err
