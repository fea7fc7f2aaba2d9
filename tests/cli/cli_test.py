"""Claims on the command line, run as a person would: a process of its own, in a data folder of its own."""

import json
import signal
import subprocess
import sys

import pytest


def runs(stepsmith):
    return json.loads(stepsmith("runs", "--json").stdout)


def test_a_question_without_a_key_is_not_answered_by_pretending(stepsmith):
    asked = stepsmith("run", "sql", "Who won in 2010?")
    assert asked.returncode == 2
    assert asked.stdout == ""
    assert "ANTHROPIC_API_KEY is not set" in asked.stderr
    assert "Ollama" in asked.stderr


def test_an_unknown_agent_is_named_with_what_is_near(stepsmith):
    asked = stepsmith("run", "sqll")
    assert asked.returncode == 2
    assert asked.stderr == "There is no agent 'sqll' (did you mean 'sql'?). `stepsmith list` shows them all.\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--model", "gpt"), "'gpt' is no model: write vendor:model-id."),
        (("--model", "antropic:x"), "There is no vendor 'antropic' (did you mean 'anthropic'?)"),
        (("--model", "anthropic:x", "--base-url", "http://x"), "--base-url goes with openai:NAME"),
        (("--base-url", "http://x"), "--base-url goes with openai:NAME"),
        (("--model", "openai:x", "--base-url", "http://[::1"), "'http://[::1' is no base URL"),
        (("--model", "openai:x", "--base-url", "localhost:11434/v1"), "is no base URL: write it like http://127.0.0.1"),
        (("--scenario", "failed query", "--model", "anthropic:x"), "leave out --model and --base-url"),
        (("--max-turns", "-1"), "argument --max-turns: a whole number from 1 on is needed, not '-1'"),
        (("--max-turns", "many"), "argument --max-turns: a whole number from 1 on is needed, not 'many'"),
        (("--max-cost", "nan"), "argument --max-cost: a number from 0 on is needed, not 'nan'"),
        (("", "--scenario", "failed query"), "The question is empty"),
        (("--scenario", "nothing"), "Agent 'sql' has no scenario 'nothing'; there are 'wins for money'"),
    ],
)
def test_what_is_asked_wrongly_is_a_usage_error(stepsmith, words, sentence):
    asked = stepsmith("run", "sql", *words)
    assert asked.returncode == 2
    assert sentence in asked.stderr
    assert "Traceback" not in asked.stderr


def test_a_script_is_not_asked_a_question_of_ones_own(stepsmith):
    asked = stepsmith("run", "sql", "Who won in 2010?", "--model", "scripted")
    assert (asked.returncode, asked.stdout) == (2, "")
    assert "'scripted:sql/wins for money' is a script, which no question changes" in asked.stderr


def test_a_script_that_is_named_as_the_model_is_asked_its_own_question(stepsmith):
    shown = json.loads(stepsmith("run", "sql", "--model", "scripted:sql/two at once", "--json").stdout)
    assert json.loads(stepsmith("show", shown["run_id"], "--json").stdout)["question"].startswith("Who hit the most")


def test_a_run_as_json_is_one_document_and_nothing_else(stepsmith):
    asked = stepsmith("run", "sql", "--scenario", "two at once", "--json")
    document = json.loads(asked.stdout)
    assert (asked.returncode, document["status"], document["turns"]) == (0, "completed", 2)
    shown = json.loads(stepsmith("show", document["run_id"], "--json").stdout)
    assert shown["output"] == document["output"]
    assert [call["name"] for turn in shown["turns_taken"] for call in turn["calls"]] == ["execute_sql_query"] * 2


def test_a_run_is_listed_and_found_by_the_beginning_of_its_id(stepsmith):
    stepsmith("run", "sql", "--scenario", "two at once")
    [run] = runs(stepsmith)
    assert (run["agent"], run["status"]) == ("sql", "completed")
    assert run["question"].startswith("Who hit the most home runs")
    assert run["run"] in stepsmith("show", run["run"][:6]).stdout


def test_a_limit_stops_a_run_in_order(stepsmith):
    asked = stepsmith("run", "sql", "--scenario", "failed query", "--max-turns", "2", "--json")
    document = json.loads(asked.stdout)
    assert (asked.returncode, document["status"], document["stop_reason"]) == (3, "stopped", "max_turns")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_is_finished_by_resume(stepsmith, start, number):
    run = start("run", "sql", sign="get_db_schema")
    run.send_signal(number)
    rest = run.communicate()[1]
    assert run.returncode == 130
    [listed] = runs(stepsmith)
    assert listed["status"] == "interrupted"
    assert f"stepsmith resume {listed['run']}" in rest
    resumed = stepsmith("resume", listed["run"], "--json")
    assert (resumed.returncode, json.loads(resumed.stdout)["status"]) == (0, "completed")


def test_a_cancelled_run_ends_as_stopped_when_it_goes_on(stepsmith, start):
    start("run", "sql", sign="get_db_schema").kill()
    [listed] = runs(stepsmith)
    assert stepsmith("cancel", listed["run"]).returncode == 0
    resumed = stepsmith("resume", listed["run"], "--json")
    document = json.loads(resumed.stdout)
    assert (resumed.returncode, document["status"], document["stop_reason"]) == (3, "stopped", "cancelled")


def test_a_run_at_work_is_not_resumed_by_another(stepsmith, start):
    at_work = start("run", "sql", "--json", sign="get_db_schema")
    at_work.send_signal(signal.SIGSTOP)  # It lives, and takes its time.
    [run] = runs(stepsmith)
    assert run["status"] == "running"
    assert "Another process works on run" in stepsmith("resume", run["run"]).stderr
    at_work.send_signal(signal.SIGCONT)
    assert json.loads(at_work.communicate()[0])["status"] == "completed"


def test_two_runs_at_once_work_side_by_side(stepsmith, start):
    first = start("run", "sql", "--json", sign="get_db_schema")
    second = start("run", "sql", "--json", sign="get_db_schema")
    outputs = [json.loads(process.communicate()[0])["output"] for process in (first, second)]
    assert outputs[0] == outputs[1]
    assert [run["status"] for run in runs(stepsmith)] == ["completed", "completed"]


def test_what_has_ended_is_neither_resumed_nor_cancelled(stepsmith):
    stepsmith("run", "sql", "--scenario", "two at once")
    [run] = runs(stepsmith)
    assert "has ended" in stepsmith("resume", run["run"]).stderr
    assert "nothing to cancel" in stepsmith("cancel", run["run"]).stdout


def test_an_unknown_run_is_said_so(stepsmith):
    shown = stepsmith("show", "nothing")
    assert (shown.returncode, shown.stderr) == (1, "No run has the id 'nothing'; see `stepsmith runs`.\n")


@pytest.mark.parametrize("name", ["list", "models", "compile", "runs", "show", "cancel", "resume", "run", "lint"])
def test_every_command_teaches_with_an_example(stepsmith, name):
    said = stepsmith(name, "--help").stdout
    assert f"example:\n  stepsmith {name}" in said


def test_compile_prints_the_definition(stepsmith):
    definition = json.loads(stepsmith("compile", "sql", "--account", "123456789012").stdout)
    assert definition["QueryLanguage"] == "JSONata"
    assert "arn:aws:lambda:us-east-1:123456789012:function:stepsmith-local-db_interface" in json.dumps(definition)


def test_lint_finds_nothing_in_this_repository(stepsmith):
    found = stepsmith("lint")
    assert found.returncode == 0, found.stdout


def test_doctor_says_what_is_there(stepsmith):
    findings = {each["what"]: each["state"] for each in json.loads(stepsmith("doctor", "--json").stdout)}
    assert findings["python"] == findings["data"] == "ok"
    assert findings["models: anthropic"] == "optional"
    assert {findings["terraform"], findings["terraform: aws"]} <= {"ok", "optional"}


def test_doctor_says_what_to_do_about_a_mirror_without_the_provider(stepsmith, tmp_path):
    said = stepsmith("doctor", "--json", TF_PLUGIN_MIRROR=str(tmp_path)).stdout
    (found,) = (each for each in json.loads(said) if each["what"] == "terraform: aws")
    assert found["state"] == "missing"
    assert "does not hold hashicorp/aws 5.100.0" in found["detail"]


@pytest.mark.parametrize("given", [b"", b" \n", b"\xff\xfe"])
def test_a_question_from_stdin_that_is_none_is_a_usage_error(command, environment, given):
    done = subprocess.run(command("run", "sql", "-"), input=given, capture_output=True, env=environment, timeout=60)
    assert done.returncode == 2
    assert b"The question is" in done.stderr


def test_without_a_command_the_help_teaches(environment):
    done = subprocess.run([sys.executable, "-m", "stepsmith.cli"], capture_output=True, text=True, env=environment)
    assert "watch an agent answer the sample question" in done.stdout


def test_ctrl_c_while_a_command_is_loaded_leaves_no_traceback(environment, tmp_path):
    slow = tmp_path / "late" / "dotenv"
    slow.mkdir(parents=True)
    (slow / "__init__.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGINT)\nwhile True: pass\n")
    path = f"{tmp_path / 'late'}:{environment['PYTHONPATH']}"
    words = [sys.executable, "-m", "stepsmith.cli", "runs"]
    done = subprocess.run(words, capture_output=True, text=True, env=environment | {"PYTHONPATH": path}, timeout=60)
    assert (done.returncode, done.stderr) == (130, "")


def test_options_may_stand_before_and_after_what_is_named(stepsmith):
    for words in (("--debug", "sql"), ("sql", "--debug"), ("sql", "--debug", "books")):
        done = stepsmith("lint", *words)
        assert done.returncode == 0, done.stderr
