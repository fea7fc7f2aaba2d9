"""Claims on the built Lambdas: they run an agent on this machine as they would on AWS, and hold nothing needless."""

import asyncio
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from stand_ins.model_vendor.server import Answer, VendorServer
from stepsmith.agent import load
from stepsmith.cli.laptop import LOCAL
from stepsmith.cli.play import play
from stepsmith.cli.project import Project
from stepsmith.cli.settings import read
from stepsmith.cli.wiring import Workshop

ROOT = Path(__file__).resolve().parents[2]
MODEL_CALLS = ROOT / "tests/contracts/model_calls"
NAMES = (
    "llm_callers/anthropic.zip",
    "llm_callers/openai.zip",
    "llm_callers/scripted.zip",
    "tools/python/code_interpreter.zip",
    "tools/python/db_interface.zip",
)
BUILT = ROOT if (ROOT / NAMES[0]).exists() else ROOT / "dist"  # Pants puts them beside the sources.

WHOLE = all((BUILT / name).is_file() for name in NAMES)

pytestmark = pytest.mark.skipif(not WHOLE, reason="nothing is built: `./pants package ::` makes the artifacts")


def test_the_sample_question_runs_from_artifacts_alone(tmp_path):
    run = play("sql", "wins for money", tmp_path, built=BUILT)
    assert run.status == "completed", run.end
    assert [call.is_error for call in run.calls] == [False, False, False]
    assert [block.type for block in run.calls[2].result.content] == ["text", "image"]


@pytest.mark.parametrize("vendor", ["anthropic", "openai"])
def test_a_caller_asks_its_vendor_from_its_artifact(tmp_path, vendor):
    case = next(each for each in json.loads((MODEL_CALLS / f"{vendor}.json").read_text())["cases"] if says_text(each))
    with VendorServer() as server:
        server.will_give(Answer(case["wire"].get("status", 200), case["wire"]["body"]))
        variables = {
            "ANTHROPIC_BASE_URL": server.url,
            "ANTHROPIC_API_KEY": "sk-ant-test",
            "OPENAI_BASE_URL": f"{server.url}/v1",
        }
        settings = replace(read(), data=tmp_path, environment=variables)
        ending = asyncio.run(ended(settings, f"{vendor}:some-model"))
    assert (ending.status, ending.result["status"]) == ("SUCCEEDED", "completed"), ending
    assert len(server.asked) == 1


def says_text(case):
    return case.get("answer", {}).get("stop_reason") == "end_turn" and "request" not in case


async def ended(settings, model):
    workshop = Workshop(Project(settings.root), settings, built=BUILT)
    async with workshop.runtime() as runtime:
        definition = workshop.definition(load("sql", settings.root))
        run = runtime.start(LOCAL.machine_arn("sql"), definition, {"prompt": "How many?", "model": model})
        return await run.wait()


@pytest.mark.parametrize("name", NAMES)
def test_an_artifact_holds_no_test_and_fits_a_lambda(name):
    with zipfile.ZipFile(BUILT / name) as archive:
        entries = archive.infolist()
    assert not [entry.filename for entry in entries if "_test." in entry.filename or "conftest" in entry.filename]
    assert sum(entry.file_size for entry in entries) < 230 * 1024 * 1024
