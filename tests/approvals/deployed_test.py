"""Requests of a deployed environment are listed and decided by AWS's APIs alone: machines and a table of `dev`, which
nobody but boto3 has made, at the endpoint of `stepsmith up`."""

import getpass
import json
import os
import signal
import time

import boto3
import pytest
from botocore.config import Config

from stepsmith.local.approvals.table import seeds

TABLE = "stepsmith-dev-approvals"
HOUR = 3_600_000
REQUEST = {
    "agent": "shop",
    "call_id": "call_1_0",
    "tool": "refund",
    "input": {"euros": 50},
    "input_hash": "abc",
    "reason": "every call of refund asks",
}
ITEM = {
    "run_id": {"S": "{% $states.context.Execution.Name %}"},
    "effect_id": {"S": "e1"},
    "request": {"S": "{% $string($merge([$request, $times])) %}"},
    "task_token": {"S": "{% $states.context.Task.Token %}"},
    "waiting": {"S": "approval"},
    "expires_at": {"S": "{% $times.expires_at %}"},
}
TIMES = (
    "{% {'run_id': $states.context.Execution.Name, 'requested_at': $states.context.State.EnteredTime,"
    f" 'expires_at': $fromMillis($toMillis($states.context.State.EnteredTime) + {HOUR})}} %}}"
)
ASKS = {
    "QueryLanguage": "JSONata",
    "StartAt": "Prepare",
    "States": {
        "Prepare": {"Type": "Pass", "Assign": {"request": REQUEST, "times": TIMES}, "Next": "Ask"},
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:dynamodb:putItem.waitForTaskToken",
            "Arguments": {"TableName": TABLE, "Item": ITEM},
            "End": True,
        },
    },
}
THERE = ("--deployed", "--env", "dev", "--local")
ROLE = "arn:aws:iam::000000000000:role/any"
MACHINES = "arn:aws:states:us-east-1:000000000000:stateMachine:stepsmith-"


@pytest.fixture
def client(shell):
    """boto3's clients of an endpoint that serves the shell's folder."""
    up = shell.start("up", "--port", "0")
    assert any("Step Functions" in line for line in up.stdout)
    variables = json.loads(shell("env", "--json").stdout)

    def made(service):
        return boto3.client(
            service,
            endpoint_url=variables["AWS_ENDPOINT_URL"],
            region_name="us-east-1",
            aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
            config=Config(inject_host_prefix=False),
        )

    return made


@pytest.fixture
def table(client):
    ((_, table),) = seeds(TABLE)["dynamodb"]
    client("dynamodb").create_table(**table)


@pytest.fixture
def asked(client, table):
    """The ARN of an execution that asks."""
    states = client("stepfunctions")
    machine = states.create_state_machine(name="stepsmith-dev-shop", roleArn=ROLE, definition=json.dumps(ASKS))
    return states.start_execution(stateMachineArn=machine["stateMachineArn"], name="r1")["executionArn"]


@pytest.fixture
def agents(client, table):
    """The agents of the repository, deployed: their machines and their table are those of `dev`."""
    states = client("stepfunctions")
    for name in ("scout", "shop", "overseer"):
        definition = states.describe_state_machine(stateMachineArn=f"{MACHINES}local-{name}")["definition"]
        for local in ("stateMachine:stepsmith-local-", "stepsmith-local-approvals"):
            definition = definition.replace(local, local.replace("-local-", "-dev-"))
        made = states.create_state_machine(
            name=f"stepsmith-dev-{name}", roleArn=ROLE, definition=definition, publish=True
        )
        live = {"stateMachineVersionArn": made["stateMachineVersionArn"], "weight": 100}
        states.create_state_machine_alias(name="live", routingConfiguration=[live])


def waiting(shell):
    until = time.monotonic() + 60
    while not (found := json.loads(shell("approvals", "--json", *THERE).stdout or "[]")):
        assert time.monotonic() < until
        time.sleep(0.1)
    return found


def test_a_request_is_listed_and_approved_and_its_run_goes_on(shell, client, asked):
    (request,) = waiting(shell)
    assert (request["run_id"], request["execution"], request["input"]) == ("r1", asked, {"euros": 50})
    assert shell("approvals").stdout == "Nothing waits for a decision.\n"  # of the folder's own environment
    approved = shell("approve", "r1", "--reason", "fine", *THERE)
    assert (approved.returncode, approved.stdout) == (0, "Approved: refund of run r1 goes on.\n")
    described = client("stepfunctions").describe_execution(executionArn=asked)
    decision = json.loads(described["output"])
    assert (described["status"], decision["decision"], decision["reason"]) == ("SUCCEEDED", "approve", "fine")
    assert shell("approvals", *THERE).stdout == "Nothing waits for a decision.\n"
    again = shell("reject", "r1", *THERE)
    assert again.returncode == 1 and "waits for nothing to be decided" in again.stderr


def test_an_environment_that_is_not_there_is_named_in_a_sentence(shell, client):
    missing = shell("approvals", "--deployed", "--env", "prod", "--local")
    assert missing.returncode == 1
    assert "The table 'stepsmith-prod-approvals' of prod at http://" in missing.stderr
    assert "is not there: is the environment deployed?" in missing.stderr


def test_the_terminal_asks_what_a_deployed_run_waits_for(shell, agents):
    terminal = shell.terminal("run", "shop", "--scenario", "refund", *THERE)
    shown = terminal.until("approve (a), edit (e), reject (r) or answer (w)? ")
    assert "shop asks to call refund" in shown and '"euros": 50' in shown and "min left" in shown
    assert "beware: the run has read untrusted content (look)" in shown
    terminal.type("a")
    terminal.until("reason (or nothing): ")
    terminal.type("why not")
    assert terminal.end() == 0, terminal.seen
    assert f"approved by {getpass.getuser()}" in terminal.seen and "why not" in terminal.seen
    assert shell.ledger == ["looked at order 7", "refunded 50 euros"]


def test_what_is_decided_elsewhere_withdraws_the_question_of_a_deployed_run(shell, agents):
    terminal = shell.terminal("run", "shop", "--scenario", "refund", *THERE)
    terminal.until("answer (w)? ")
    (request,) = waiting(shell)
    assert shell("reject", request["run_id"], "--reason", "elsewhere", *THERE).returncode == 0
    terminal.until("It was rejected by")
    assert terminal.end() == 0, terminal.seen
    assert shell.ledger == ["looked at order 7"]


def test_ctrl_c_leaves_a_deployed_run_to_go_on(shell, client, agents):
    terminal = shell.terminal("run", "shop", "--scenario", "refund", *THERE)
    terminal.until("answer (w)? ")
    os.kill(terminal.pid, signal.SIGINT)
    assert terminal.end() == 130, terminal.seen
    (request,) = waiting(shell)
    assert f"It goes on: {request['execution']}" in terminal.seen
    assert client("stepfunctions").describe_execution(executionArn=request["execution"])["status"] == "RUNNING"


def test_without_a_terminal_a_deployed_run_names_the_command_that_decides(shell, agents):
    left = shell("run", "overseer", "--no-wait", *THERE)
    assert left.returncode == 4, left.stderr
    (request,) = waiting(shell)
    assert f"answer {request['run_id'][:12]} {request['call_id']} --deployed --env dev --local\n" in left.stderr
    advice = next(line for line in left.stderr.splitlines() if line.startswith("It waits for a person"))
    words = advice.split("`")[1].split()[1:]
    assert request["run_id"] not in words  # the run above it is named, and finds it
    approved = shell(*words)
    assert approved.returncode == 0 and approved.stdout.startswith("Approved: refund"), approved.stderr
