"""The callers against servers that speak the vendors' documented wire: tests/contracts/model_calls/<vendor>.json.

Each case is one HTTP answer with its source, and what the caller makes of it: an answer of the contract, or an error
by its name. All cases of a vendor run in one warm process, as they would in a Lambda.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stand_ins.model_vendor.server import Answer, VendorServer
from stepsmith.contracts import ModelAnswer
from tests.model_calls.callers import KEYS, PROMPT, ROOT, calling, request

VENDORS = ("anthropic", "openai")
SUITES = {vendor: json.loads((ROOT / f"tests/contracts/model_calls/{vendor}.json").read_text()) for vendor in VENDORS}
CASES = [(vendor, case) for vendor in VENDORS for case in SUITES[vendor]["cases"]]
each_case = pytest.mark.parametrize(
    ("vendor", "case"), CASES, ids=[f"{vendor}: {case['claim']}" for vendor, case in CASES]
)

Outcomes = dict[str, dict[str, Any]]
"""What came of each case, by its claim; of the log under the key ``log``."""


async def _play(vendor: str, folder: Path) -> Outcomes:
    suite, outcomes = SUITES[vendor], {}
    async with calling(vendor, folder) as caller:
        for case in suite["cases"]:
            caller.vendor.will_give(Answer(**case["wire"]))
            outcomes[case["claim"]] = await caller.answer(request(suite["model"], case.get("seconds_left", 300)))
        outcomes["log"] = {"text": "\n".join(line.text for line in caller.log), "asked": len(caller.vendor.asked)}
    return outcomes


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcomes]:
    return {vendor: asyncio.run(_play(vendor, tmp_path_factory.mktemp(vendor))) for vendor in VENDORS}


@each_case
def test_what_the_caller_makes_of_it(outcomes: dict[str, Outcomes], vendor: str, case: dict[str, Any]) -> None:
    outcome = outcomes[vendor][case["claim"]]
    if "error" in case:
        _is_error(outcome, case["error"])
        return
    ModelAnswer.from_json(outcome)
    assert {name: outcome.get(name, "absent") for name in case["answer"]} == case["answer"]
    assert not case.get("priced") or outcome["cost_usd"] > 0


def _is_error(outcome: dict[str, Any], expected: dict[str, Any]) -> None:
    message = outcome.get("errorMessage", "")
    assert outcome.get("errorType") == expected["type"], outcome
    assert all(part in message for part in expected.get("holds", [])), message
    assert message.endswith(expected.get("ends", "")), message
    assert PROMPT not in message
    assert "sk-" not in message


@pytest.mark.parametrize("vendor", VENDORS)
def test_no_key_and_no_word_of_the_conversation_is_logged(outcomes: dict[str, Outcomes], vendor: str) -> None:
    log = outcomes[vendor]["log"]["text"]
    assert "gen_ai.usage.input_tokens" in log
    assert not [word for word in (KEYS[vendor], PROMPT, "baseball", "select 1", "Two looks") if word in log]


@pytest.mark.parametrize("vendor", VENDORS)
def test_nothing_is_asked_twice_because_the_machine_retries(outcomes: dict[str, Outcomes], vendor: str) -> None:
    assert outcomes[vendor]["log"]["asked"] == len(SUITES[vendor]["cases"])


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_key_of_any_form_is_not_shown_though_the_server_repeats_it(vendor: str, tmp_path: Path) -> None:
    async def refused() -> dict[str, Any]:
        async with calling(vendor, tmp_path, **{f"{vendor.upper()}_API_KEY": "correct-horse"}) as caller:
            caller.vendor.will_give(Answer(401, {"error": {"message": "The key correct-horse is wrong."}}))
            return await caller.answer(request(SUITES[vendor]["model"]))

    assert "HTTP 401: The key <key> is wrong." in asyncio.run(refused())["errorMessage"]


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_redirect_takes_no_key_elsewhere(vendor: str, tmp_path: Path) -> None:
    async def redirected() -> tuple[dict[str, Any], int]:
        with VendorServer() as elsewhere:
            async with calling(vendor, tmp_path) as caller:
                caller.vendor.will_give(Answer(307, "", {"location": elsewhere.url}))
                return await caller.answer(request(SUITES[vendor]["model"])), len(elsewhere.asked)

    answer, asked_elsewhere = asyncio.run(redirected())
    assert (answer["errorType"], asked_elsewhere) == ("LlmInvalidRequest", 0)
    assert "correct the base URL" in answer["errorMessage"]


def test_a_password_in_a_base_url_is_not_shown(tmp_path: Path) -> None:
    async def refused() -> dict[str, Any]:
        url = "http://me:correct-horse@127.0.0.1:1/v1"  # Nobody listens on port 1.
        async with calling("openai", tmp_path, OPENAI_BASE_URL=url) as caller:
            return await caller.answer(request(SUITES["openai"]["model"]))

    assert asyncio.run(refused())["errorMessage"].startswith("127.0.0.1:1 cannot be reached")


FRUGAL = """
import sys
import llm_callers.{0}.handler
print(len([name for name in sys.modules if name.startswith("{0}.types")]))
"""


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_sdk_that_is_locked_is_loaded_without_its_models(vendor: str) -> None:
    paths = os.pathsep.join(place for place in sys.path if place)
    command = [sys.executable, "-c", FRUGAL.format(vendor)]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=True)
    assert "imported in full" not in done.stderr
    assert int(done.stdout) < 50


def test_fixtures_of_anthropic_are_what_its_sdk_reads() -> None:
    from anthropic.types import Message

    for _, case in [(vendor, case) for vendor, case in CASES if vendor == "anthropic" and "answer" in case]:
        Message.model_validate(case["wire"]["body"])


def test_fixtures_of_openai_are_what_its_sdk_reads() -> None:
    from openai.types.chat import ChatCompletion

    for _, case in [(vendor, case) for vendor, case in CASES if vendor == "openai" and "answer" in case]:
        ChatCompletion.model_validate(case["wire"]["body"])
