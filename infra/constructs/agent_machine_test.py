"""Claims on the machines of agents, as Terraform is given them."""

import json

from infra.conftest import AWS, REPOSITORY, Files, Json, resources
from stepsmith.agent import Deployment, compile, load
from stepsmith.asl import load as interpret


def test_the_definition_is_the_compilers_for_this_deployment(files: Files) -> None:
    for agent in ("clerk", "desk"):
        assert json.loads(files[f"{agent}.asl.json"]) == compile(load(agent, REPOSITORY), AWS.deployment, ["acme"])


def test_the_definition_names_this_environment_only(files: Files) -> None:
    text = files["clerk.asl.json"]
    assert "stepsmith-dev" in text and "123456789012" in text
    assert f"stepsmith-{Deployment().environment}" not in text and Deployment().account not in text
    interpret(json.loads(text))


def test_instructions_reach_the_machine_as_they_were_written(files: Files) -> None:
    assert r"Amounts look like ${amount} and %{amount}." in files["clerk.asl.json"]


def test_executions_are_logged_and_traced_but_conversations_are_not_in_the_log(terraform: Json) -> None:
    machine = resources(terraform, "aws_sfn_state_machine")["agents/clerk/machine"]
    logging = machine["logging_configuration"]
    assert (logging["level"], logging["include_execution_data"]) == ("ALL", False)
    assert logging["log_destination"].endswith(".arn}:*")
    assert machine["tracing_configuration"] == {"enabled": True}


def test_a_change_is_a_version_and_the_alias_live_moves_to_it(terraform: Json) -> None:
    assert resources(terraform, "aws_sfn_state_machine")["agents/desk/machine"]["publish"] is True
    alias = resources(terraform, "aws_sfn_alias")["agents/desk/live"]
    [route] = alias["routing_configuration"]
    assert (alias["name"], route["weight"]) == ("live", 100)
    assert route["state_machine_version_arn"].endswith(".state_machine_version_arn}")
