"""Claims on bad input: each gives one clear sentence that says what to do, and no traceback unless it is asked for."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest

from stand_ins.model_vendor.server import Answer, VendorServer


def said(done, code):
    """The complaint of a command that ended with this code; there is nothing but it."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def edit(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("agent = Agent(", "agent = Agnet(", "line 5: NameError: name 'Agnet' is not defined"),
        ("tools=[", "tools=[[", "SyntaxError"),
        ("agent = Agent(", "agnet = Agent(", "holds no agent: assign `agent = Agent(...)`"),
        ("python/db_interface", "python/db_interfaec", "agents/sql/agent.py has a toolbox that is not there"),
        ("anthropic:claude-sonnet-5-5", "antropic:claude", "antropic"),
    ],
)
def test_a_broken_agent_is_told_by_file_and_line(stepsmith, copy, old, new, sentence):
    edit(copy / "agents/sql/agent.py", old, new)
    assert sentence in said(stepsmith("run", "sql", "How many?"), 2 if "antropic" in new else 1)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"timeout_seconds": 60', '"timeout_seconds": "60"', "timeout_seconds: an integer is needed, not '60'"),
        ('"memory_mb"', '"memory"', "memory: no such field"),
        ('"network": "vpc"', '"network": "lan"', "network: one of none, vpc, internet is needed, not 'lan'"),
        ('"language"', "language", "is no JSON"),
    ],
)
def test_a_broken_tool_json_is_told_by_its_field(stepsmith, copy, old, new, sentence):
    edit(copy / "tools/python/db_interface/tool.json", old, new)
    assert sentence in said(stepsmith("run", "sql"), 1)
    assert sentence in said(stepsmith("lint"), 2)


def test_a_broken_tool_or_agent_stops_those_alone_that_need_it(stepsmith, copy):
    shutil.copytree(copy / "tools/python/db_interface", copy / "tools/python/broken")
    (copy / "tools/python/broken/tool.json").write_text("{", "utf-8")
    shutil.copytree(copy / "agents/sql", copy / "agents/broken")
    (copy / "agents/broken/agent.py").write_text("agent = None\n", "utf-8")
    done = stepsmith("run", "sql", "--scenario", "two at once")
    assert (done.returncode, "broken/tool.json is no JSON" in done.stderr) == (0, True)
    listed = stepsmith("list")
    assert (listed.returncode, "sql" in listed.stdout) == (1, True)
    assert "agents/broken/agent.py holds no agent" in listed.stderr


def test_a_broken_agent_is_told_before_anything_is_built_for_a_deployment(stepsmith, copy):
    edit(copy / "agents/sql/agent.py", "agent = Agent(", "agnet = Agent(")
    deployment = ("infra", "synth", "--account", "123456789012", "--region", "eu-west-1")
    assert "holds no agent: assign `agent = Agent(...)`" in said(stepsmith(*deployment), 1)
    assert not (copy / "dist").exists()


def test_a_broken_scenario_is_told(stepsmith, copy):
    (copy / "agents/sql/scenario.yaml").write_text("- name: [", "utf-8")
    assert "agents/sql/scenario.yaml:1: " in said(stepsmith("run", "sql"), 2)


def test_a_broken_setting_is_told(stepsmith, copy):
    (copy / "stepsmith.toml").write_text("[models.local]\nmodle = 'x'\n", "utf-8")
    assert "stepsmith.toml cannot be read" in said(stepsmith("run", "sql", "?", "--model", "local"), 2)


@pytest.mark.parametrize("entry", ["model = 5", 'model = "openai:x"\nbase_url = "x"', 'model = "nobody:x"'])
def test_a_model_of_the_settings_that_is_none_is_told(stepsmith, copy, entry):
    (copy / "stepsmith.toml").write_text(f"[models.local]\n{entry}\n", "utf-8")
    assert "defect" not in said(stepsmith("run", "sql", "?", "--model", "local"), 2)


def test_a_dotenv_that_is_no_text_is_told(stepsmith, copy):
    (copy / ".env").write_bytes(b"NAME=\xff\xfe\n")
    assert ".env cannot be read" in said(stepsmith("run", "sql"), 2)


BEHAVIOURS = {
    "raises": ("raise RuntimeError('secret detail')", "get_db_schema failed (RuntimeError)."),
    "dies": ("import os; os._exit(3)", "get_db_schema failed (Runtime.ExitError)."),
    "hangs": ("import time; time.sleep(60)", "get_db_schema failed (Sandbox.Timedout)."),
    "prints garbage": ("print('\\x1b[2J' * 1000); return {'no': 'result'}", "answered in a wrong shape"),
    "answers 10 MB": ("return {'content': 'x' * 10_000_000}", "get_db_schema"),
}


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_whatever_a_tool_does_the_run_goes_on_with_an_error_result(stepsmith, copy, behaviour):
    body, sentence = BEHAVIOURS[behaviour]
    folder = copy / "tools/python/db_interface"
    (folder / "handler.py").write_text(f"def handler(event, context):\n    {body}\n", "utf-8")
    edit(folder / "tool.json", '"timeout_seconds": 60', '"timeout_seconds": 1')
    scenario = "- name: s\n  question: What is there?\n  turns: [{call: {get_db_schema: {}}}, {say: Nothing.}]\n"
    (copy / "agents/sql/scenario.yaml").write_text(scenario, "utf-8")
    document = json.loads(stepsmith("run", "sql", "--json").stdout)
    assert (document["status"], document["output"]) == ("completed", "Nothing.")
    [call] = json.loads(stepsmith("show", document["run_id"], "--json").stdout)["turns_taken"][0]["calls"]
    assert call["result"]["is_error"]
    assert sentence in call["result"]["content"][0]["text"]
    assert "secret detail" not in json.dumps(call["result"])


def test_a_corrupt_database_of_runs_is_told_and_left_alone(stepsmith, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/runs.db").write_bytes(b"this is no database" * 100)
    assert "move it away to begin a new one" in said(stepsmith("run", "sql"), 1)
    assert (tmp_path / "data/runs.db").read_bytes() == b"this is no database" * 100


def test_a_locked_database_of_runs_is_told(stepsmith, tmp_path):
    stepsmith("runs")
    with closing(sqlite3.connect(tmp_path / "data/runs.db", isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        assert "locked by another program" in said(stepsmith("run", "sql"), 1)


def test_a_data_folder_that_is_none_is_told(stepsmith, tmp_path):
    (tmp_path / "data").write_text("a file")
    complaint = said(stepsmith("run", "sql"), 2)
    assert complaint.startswith(f"--data: {str(tmp_path / 'data')!r} is no folder: name one")


def test_a_home_of_nobody_is_told(stepsmith):
    complaint = said(stepsmith("runs", STEPSMITH_CACHE="~nobody-here/x"), 2)
    assert complaint.startswith("STEPSMITH_CACHE: '~nobody-here/x' names the home of a user who is not here")


def test_a_cache_that_cannot_be_written_is_told(stepsmith, tmp_path):
    (tmp_path / "cache").write_text("a file")
    complaint = said(stepsmith("run", "sql", STEPSMITH_CACHE=str(tmp_path / "cache")), 1)
    assert "let STEPSMITH_CACHE name another folder" in complaint


def test_the_traceback_is_there_for_those_who_ask(stepsmith, copy):
    edit(copy / "agents/sql/agent.py", "agent = Agent(", "agent = Agnet(")
    assert "Traceback" in stepsmith("run", "sql", "--debug").stderr


@pytest.fixture
def vendor():
    with VendorServer() as server:
        yield server


def completion(text):
    """Chat Completions, "The chat completion object" (OpenAI API reference)."""
    return Answer(
        200,
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": text},
                    "finish_reason": "stop",
                    "logprobs": None,
                }
            ],
            "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12},
        },
    )


def ask(stepsmith, vendor, *words, **variables):
    return stepsmith(
        "run", "sql", "How many?", "--model", "openai:m", "--base-url", f"{vendor.url}/v1", *words, **variables
    )


def test_a_model_cannot_write_to_the_terminal(stepsmith, vendor):
    vendor.will_give(completion("Three.\x1b]52;c;c2VjcmV0\x07\x1b[2J\x1b[31m Red."))
    done = ask(stepsmith, vendor)
    assert done.returncode == 0, done.stderr
    assert "Three. Red." in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize(("words", "sentence"), [((), "The model said nothing."), (("--json",), "")])
def test_an_empty_answer_is_said_so(stepsmith, vendor, words, sentence):
    vendor.will_give(completion(""))
    done = ask(stepsmith, vendor, *words)
    assert done.returncode == 0
    assert sentence in done.stderr


def test_a_server_of_the_environment_that_is_no_url_is_told(stepsmith):
    words = ("run", "sql", "How many?", "--model", "openai:m")
    assert "OPENAI_BASE_URL='http://[::1' is no URL" in said(stepsmith(*words, OPENAI_BASE_URL="http://[::1"), 1)


def test_a_local_server_needs_no_key_and_costs_nothing(stepsmith, vendor):
    vendor.will_give(completion("Three."))
    document = json.loads(ask(stepsmith, vendor, "--json").stdout)
    assert (document["output"], document["cost_usd"], document["usage"]["input_tokens"]) == ("Three.", 0, 9)


def test_a_named_model_of_the_settings_is_asked_and_resumed_there(stepsmith, vendor, copy):
    (copy / "stepsmith.toml").write_text(f'[models.local]\nmodel = "openai:m"\nbase_url = "{vendor.url}/v1"\n', "utf-8")
    vendor.will_give(completion("Three."))
    assert "Three." in stepsmith("run", "sql", "How many?", "--model", "local").stdout


def test_a_wrong_key_is_told_without_the_key(stepsmith, vendor):
    error = {
        "error": {
            "message": "Incorrect API key provided: sk-secret",
            "type": "invalid_request_error",
            "code": "invalid_api_key",
        }
    }
    vendor.will_give(Answer(401, error))
    complaint = said(ask(stepsmith, vendor, OPENAI_API_KEY="sk-secret"), 1)
    assert "LlmAuthentication" in complaint
    assert "sk-secret" not in complaint


def test_no_key_and_no_prompt_is_in_the_logs(stepsmith, vendor):
    vendor.will_give(completion("The answer is confidential."))
    done = ask(stepsmith, vendor, "--logs", OPENAI_API_KEY="sk-secret")
    [logs] = [line for line in done.stderr.splitlines() if "caller-openai" in line][:1]
    for private in ("sk-secret", "confidential", "How many?"):
        assert not any(private in line for line in done.stderr.splitlines() if line.startswith("stepsmith-local-"))
    assert logs


def test_a_file_that_cannot_be_used_is_told_with_what_to_do(stepsmith, tmp_path):
    lock = tmp_path / "data" / "endpoint.lock"
    lock.mkdir(parents=True)
    complaint = said(stepsmith("up", "--port", "0"), 1)
    assert complaint.startswith(f"{str(lock)!r} cannot be used: Is a directory.")
