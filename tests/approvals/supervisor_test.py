"""A supervisor on the command line: two agents at once, one of which asks; its runs are told, and cancelled with it."""

import json

from stepsmith.cli.client import running


def test_two_agents_work_at_once_and_one_asks(shell):
    left = shell("run", "overseer", "--no-wait")
    assert left.returncode == 4, left.stderr
    (request,) = shell.waiting()
    assert request["agent"] == "shop"
    parent = next(run for run in shell_runs(shell) if run["agent"] == "overseer")["run"]
    assert shell("approve", parent).returncode == 0  # found by the run above it
    resumed = shell("resume", parent)
    assert resumed.returncode == 0, resumed.stderr
    assert sorted(shell.ledger) == ["looked at page 1", "refunded 50 euros"]
    child = request["run_id"][:12]
    assert f"run of its own: stepsmith show {child}" in resumed.stderr
    assert f"run of its own: stepsmith show {child}" in shell("show", parent).stdout
    assert f"run {request['run_id']} of agent shop" in shell("show", child).stdout


def test_cancel_marks_the_runs_of_sub_agents_too(shell):
    assert shell("run", "overseer", "--no-wait").returncode == 4
    parent = next(run for run in shell_runs(shell) if run["agent"] == "overseer")["run"]
    assert "and so do 1 run of its sub-agents" in shell("cancel", parent).stdout
    assert shell("approve", parent).returncode == 0
    assert shell("resume", parent).returncode == 3
    by_agent = {run["agent"]: run["status"] for run in shell_runs(shell)}
    assert (by_agent["overseer"], by_agent["shop"]) == ("stopped", "stopped")


def shell_runs(shell):
    return json.loads(shell("runs", "--json").stdout)


def test_an_edited_sub_agent_is_live_at_the_next_run_over_an_endpoint(shell, repository):
    instructions = repository / "agents" / "scout" / "instructions.md"
    before = instructions.read_text("utf-8")
    up = shell.start("up", "--port", "0")
    assert any("stepsmith env" in line for line in up.stdout)
    try:
        instructions.write_text("You look at every page twice.\n", "utf-8")
        assert shell("run", "overseer", "--no-wait").returncode == 4
        machine = "arn:aws:states:us-east-1:000000000000:stateMachine:stepsmith-local-scout"
        scout = running(shell.data).call("DescribeStateMachine", stateMachineArn=machine)
    finally:
        instructions.write_text(before, "utf-8")
    assert "You look at every page twice." in scout["definition"]
