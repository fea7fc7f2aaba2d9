"""`stepsmith up` and `stepsmith env` as a person uses them: start, look, stop, kill, start again."""

from __future__ import annotations

import base64
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.endpoint.conftest import ROOT, Start, Up, create

Stepsmith = Callable[..., subprocess.CompletedProcess[str]]

MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:"
DAY = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 86_400, "End": True}}}
CALLBACK = {
    "QueryLanguage": "JSONata",
    "StartAt": "Ask",
    "States": {
        "Ask": {"Type": "Task", "Resource": "ACTIVITY", "End": True},
    },
}


AGENTS = [path.parent.name for path in ROOT.glob("agents/*/agent.py")]


def test_the_first_screen_says_what_is_served_and_what_to_type(up: Up) -> None:
    said = "".join(up.said)
    assert f"Step Functions, Lambda, S3 and the AWS around them at {up.url}" in said
    assert "arn:aws:states:us-east-1:000000000000:stateMachine:stepsmith-local-sql" in said
    assert "stepsmith-local-db_interface" in said
    assert str(up.data) in said
    assert len(said.splitlines()) < 24, "one screen"


def test_the_agents_are_state_machines_of_aws_sdks(up: Up) -> None:
    listed = {each["name"]: each["stateMachineArn"] for each in up.client().list_state_machines()["stateMachines"]}
    assert listed.keys() == {f"stepsmith-local-{name}" for name in AGENTS}
    described = up.client().describe_state_machine(stateMachineArn=listed["stepsmith-local-sql"])
    assert json.loads(described["definition"])["QueryLanguage"] == "JSONata"


def test_the_first_command_that_it_prints_succeeds_without_anybodys_key(up: Up) -> None:
    words = shlex.split(up.until("start-execution"))
    arn, given = (words[words.index(name) + 1] for name in ("--state-machine-arn", "--input"))
    execution = up.client().start_execution(stateMachineArn=arn, input=given)["executionArn"]
    ended = until_ended(up, execution)
    assert ended["status"] == "SUCCEEDED", ended
    assert json.loads(ended["output"])["status"] == "completed"


def until_ended(up: Up, execution: str) -> Any:
    until = time.monotonic() + 60
    while (found := up.client().describe_execution(executionArn=execution))["status"] == "RUNNING":
        assert time.monotonic() < until, found
        time.sleep(0.2)
    return found


def test_workers_find_the_activity_of_approvals(up: Up) -> None:
    (found,) = up.client().list_activities()["activities"]
    assert found["activityArn"] == "arn:aws:states:us-east-1:000000000000:activity:stepsmith-local-approvals"


def test_a_machine_that_was_created_is_there_after_a_kill(start: Start) -> None:
    up = start()
    arn = create(up.client(), "mine", DAY)
    up.end(signal.SIGKILL)
    again = start()
    assert again.client().describe_state_machine(stateMachineArn=arn)["name"] == "mine"


def test_an_execution_goes_on_after_a_kill(start: Start) -> None:
    up = start()
    states = up.client()
    activity = states.create_activity(name="ask")["activityArn"]
    arn = create(states, "asks", json.loads(json.dumps(CALLBACK).replace("ACTIVITY", activity)))
    execution = states.start_execution(stateMachineArn=arn, input='{"n": 1}')["executionArn"]
    up.end(signal.SIGKILL)
    states = start().client()
    assert states.describe_execution(executionArn=execution)["status"] == "RUNNING"
    task = states.get_activity_task(activityArn=activity)
    states.send_task_success(taskToken=task["taskToken"], output='"answered"')
    described = states.describe_execution(executionArn=execution)
    assert (described["status"], described["output"]) == ("SUCCEEDED", '"answered"')


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_in_order_when_it_is_asked_to(start: Start, number: int) -> None:
    up = start()
    assert up.end(number) == 0
    assert "Stopped." in up.rest()
    assert not (up.data / "endpoint.json").exists()


def test_it_says_how_many_executions_go_on_next_time(start: Start) -> None:
    up = start()
    arn = create(up.client(), "waits", DAY)
    up.client().start_execution(stateMachineArn=arn)
    up.end()
    assert "1 execution will go on with the next `stepsmith up`." in up.rest()


@contextmanager
def long_poll(up: Up) -> Iterator[None]:
    """A client of its own process that waits for an activity's task."""
    activity = up.client().create_activity(name="idle")["activityArn"]
    poll = "import sys, boto3; boto3.client('stepfunctions').get_activity_task(activityArn=sys.argv[1])"
    process = subprocess.Popen([sys.executable, "-c", poll, activity], env=_as_env_says(up), stderr=subprocess.DEVNULL)
    _until_connected(up, process)
    yield
    process.kill()
    process.wait()


def test_a_client_in_a_long_poll_does_not_hold_up_the_end(up: Up) -> None:
    with long_poll(up):
        assert up.end() == 0


def test_a_second_ctrl_c_ends_at_once(up: Up) -> None:
    with long_poll(up):
        up.process.send_signal(signal.SIGINT)
        up.until("Ctrl-C again ends at once")
        assert up.end() == 130


def test_a_broken_agent_is_told_and_left_out(tmp_path: Path, start: Start) -> None:
    copy = tmp_path / "copy"
    for name in ("src", "tools/python", "agents", "llm_callers"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*_test.py"))
    shutil.copytree(copy / "agents" / "sql", copy / "agents" / "broken")
    (copy / "agents" / "broken" / "agent.py").write_text("agent = no_such_name")
    paths = [*(str(copy / each) for each in ("src", "tools/python", ".")), *sys.path]
    up = start(PYTHONPATH=os.pathsep.join(paths))
    said = "".join(up.said)
    assert "Agent 'broken' is left out: " in said
    listed = {each["name"] for each in up.client().list_state_machines()["stateMachines"]}
    assert "stepsmith-local-sql" in listed
    assert "stepsmith-local-broken" not in listed


def test_two_on_one_folder_are_told_apart(up: Up, start: Start) -> None:
    second = start(ready=False)
    assert second.process.wait(60) == 1
    said = second.rest()
    assert f"runs already at {up.url}" in said and "--data" in said
    assert up.client().list_state_machines()["stateMachines"] != []


def test_a_port_that_is_taken_is_said_with_what_to_do(start: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        up = start("--port", str(port), ready=False)
        assert up.process.wait(60) == 1
        assert (
            up.rest()
            == f"Port {port} is taken by another program: end that, or choose another port (--port N, 0 is any).\n"
        )


def test_it_listens_beyond_this_machine_only_when_told_by_which_name(start: Start) -> None:
    up = start("--host", "0.0.0.0", ready=False)
    assert up.process.wait(60) == 2
    assert "--allow-host" in up.rest()


def test_env_gives_a_shell_all_that_an_sdk_needs(up: Up, stepsmith: Stepsmith) -> None:
    asked = stepsmith("env")
    assert asked.returncode == 0
    shell = 'eval "$1"; env | grep ^AWS_'
    variables = subprocess.run(
        ["sh", "-c", shell, "sh", asked.stdout],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "/usr/bin:/bin", "AWS_SESSION_TOKEN": "stale", "AWS_PROFILE": "mine"},
    ).stdout
    found = dict(line.split("=", 1) for line in variables.splitlines())
    assert found == json.loads(stepsmith("env", "--json").stdout)
    assert found["AWS_ENDPOINT_URL"] == up.url
    assert found["AWS_DISABLE_HOST_PREFIX_INJECTION"] == "true"


def test_env_without_an_endpoint_says_what_to_start(stepsmith: Stepsmith, tmp_path: Path) -> None:
    asked = stepsmith("env")
    assert (asked.returncode, asked.stdout) == (1, "")
    assert asked.stderr == (
        f"No endpoint serves {str(tmp_path / 'data')!r}: "
        f"start it with `stepsmith up --data {shlex.quote(str(tmp_path / 'data'))}`.\n"
    )


def test_env_does_not_believe_the_file_of_a_killed_endpoint(up: Up, stepsmith: Stepsmith) -> None:
    up.end(signal.SIGKILL)
    assert (up.data / "endpoint.json").exists()
    assert stepsmith("env").returncode == 1


def test_verbose_prints_one_line_a_request_without_payloads(start: Start) -> None:
    up = start("--verbose")
    states = up.client()
    create(states, "quiet", {**DAY, "Comment": "a secret comment"})
    line = up.until("CreateStateMachine")
    assert " 200 " in line and "states" in line and "quiet" in line and "secret" not in line
    with pytest.raises(states.exceptions.StateMachineDoesNotExist):
        states.describe_state_machine(stateMachineArn=MACHINE + "none")
    assert " 400 " in up.until("DescribeStateMachine")


def test_the_secret_is_in_no_process_argument_and_in_nothing_that_is_printed(start: Start) -> None:
    up = start("--verbose")
    up.client().list_activities()
    up.until("ListActivities")
    up.end()
    secret = json.loads((up.data / "credentials").read_text())["secret_key"]
    assert secret not in up.rest()
    assert all(secret not in word for word in up.words)


def test_health_needs_no_key(up: Up) -> None:
    with urllib.request.urlopen(f"{up.url}/_stepsmith/health") as answer:
        health = json.load(answer)
    assert health["pid"] == up.process.pid and health["uptime_seconds"] > 0


def test_run_uses_the_running_endpoint_and_tells_the_same(up: Up, stepsmith: Stepsmith) -> None:
    asked = stepsmith("run", "sql", "--json")
    assert asked.returncode == 0, asked.stderr
    told = json.loads(asked.stdout)
    assert told["status"] == "completed" and told["artifacts"]
    listed = up.client().list_executions(stateMachineArn=MACHINE + "stepsmith-local-sql")["executions"]
    assert [each["name"] for each in listed] == [told["run_id"]]
    assert len(told["run_id"]) == 10, "short, for people to type"
    shown = json.loads(stepsmith("show", told["run_id"], "--json").stdout)
    assert shown["status"] == "completed" and len(shown["turns_taken"]) == 4


def test_who_stops_watching_a_run_does_not_stop_it(up: Up, stepsmith: Stepsmith, environment: dict[str, str]) -> None:
    words = [sys.executable, "-m", "stepsmith.cli", "run", "sql", "--data", str(up.data)]
    watching = subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert watching.stderr is not None
    assert any("Which teams" in line for line in watching.stderr), "the question is shown when the run has begun"
    watching.send_signal(signal.SIGINT)
    said = watching.communicate(timeout=60)[1]
    assert watching.returncode == 130, said
    (execution,) = up.client().list_executions(stateMachineArn=MACHINE + "stepsmith-local-sql")["executions"]
    assert f"`stepsmith resume {execution['name']}` watches it" in said
    resumed = stepsmith("resume", execution["name"], "--json")
    assert json.loads(resumed.stdout)["status"] == "completed", resumed.stderr


FUNCTION = "stepsmith-local-db_interface"
BUCKET = "stepsmith-local-000000000000-us-east-1"
TOOL_CALL = {
    "name": "get_db_schema",
    "id": "c1",
    "input": {},
    "context": {
        "run_id": "r1",
        "agent": "sql",
        "turn": 1,
        "effect_id": "e1",
        "artifacts": f"s3://{BUCKET}/artifacts/sql/r1/",
        "max_result_bytes": 24_000,
        "deadline": "2100-01-01T00:00:00Z",
    },
}


def test_a_function_of_the_repository_is_invoked_over_the_api(up: Up) -> None:
    functions = up.client("lambda")
    answered = functions.invoke(FunctionName=FUNCTION, Payload=json.dumps(TOOL_CALL))
    assert (answered["StatusCode"], answered["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in answered and "LogResult" not in answered
    assert json.load(answered["Payload"])["tool_use_id"] == "c1"

    failed = functions.invoke(FunctionName=FUNCTION, Payload=b"{}", LogType="Tail")
    assert (failed["StatusCode"], failed["FunctionError"]) == (200, "Unhandled")
    assert json.load(failed["Payload"])["errorType"]
    assert base64.b64decode(failed["LogResult"])

    assert functions.invoke(FunctionName=FUNCTION, InvocationType="DryRun")["StatusCode"] == 204
    assert functions.invoke(FunctionName=FUNCTION, InvocationType="Event", Payload=b"{}")["StatusCode"] == 202


def test_what_lambda_refuses_is_refused_by_its_codes(up: Up) -> None:
    functions = up.client("lambda")
    with pytest.raises(functions.exceptions.ResourceNotFoundException, match="function:nobody"):
        functions.invoke(FunctionName="nobody")
    with pytest.raises(functions.exceptions.ResourceNotFoundException, match=":7"):
        functions.invoke(FunctionName=FUNCTION, Qualifier="7")
    with pytest.raises(functions.exceptions.InvalidRequestContentException, match="Could not parse request body"):
        functions.invoke(FunctionName=FUNCTION, Payload=b"{")
    with pytest.raises(ClientError) as refused:
        functions.invoke(FunctionName=FUNCTION, Payload=b'"' + b"x" * 6 * 1024**2 + b'"')
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413
    with pytest.raises(ClientError, match="ListEventSourceMappings is not part of this endpoint"):
        functions.list_event_source_mappings()


def test_s3_is_behind_the_same_url(up: Up) -> None:
    s3 = up.client("s3")
    s3.put_object(Bucket=BUCKET, Key="artifacts/a", Body=b"data")
    assert s3.get_object(Bucket=BUCKET, Key="artifacts/a")["Body"].read() == b"data"


def _as_env_says(up: Up) -> dict[str, str]:
    key = json.loads((up.data / "credentials").read_text())
    return {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": ":".join(sys.path),
        "AWS_ENDPOINT_URL": up.url,
        "AWS_ACCESS_KEY_ID": key["access_key"],
        "AWS_SECRET_ACCESS_KEY": key["secret_key"],
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


def _until_connected(up: Up, process: subprocess.Popen[Any]) -> None:
    import psutil  # type: ignore[import-untyped]  # it has no stubs

    port = int(up.url.rpartition(":")[2])
    while not any(c.raddr and c.raddr.port == port for c in psutil.Process(process.pid).net_connections("tcp")):
        assert process.poll() is None
