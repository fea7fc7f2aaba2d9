"""The pages about the endpoint do what they say: their Python runs with what `stepsmith env` gives; options exist."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from stepsmith.local.aws_lambda.actions import ACTIONS
from stepsmith.local.moto.gaps import LACKING
from tests.endpoint.conftest import ROOT, Up

PAGE = (ROOT / "docs" / "step-functions.md").read_text("utf-8")


@pytest.mark.parametrize("page", ["step-functions.md", "integrations.md", "maps.md", "s3.md", "lambda.md", "aws.md"])
def test_the_example_in_python_prints_what_it_says(
    up: Up, stepsmith: Callable[..., subprocess.CompletedProcess[str]], page: str
) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    (example,) = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    expected = re.search(r"print\(.*\)  # (.*)$", example, re.MULTILINE)
    assert expected
    variables = json.loads(stepsmith("env", "--json").stdout)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **variables}
    ran = subprocess.run(
        [sys.executable, "-c", example], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.stdout.strip() == expected[1], ran.stderr


def test_the_options_of_the_page_are_those_of_the_command(
    stepsmith: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    told = set(re.findall(r"--[a-z-]+", " ".join(re.findall(r"^\| `(--.*?)` \|", PAGE, re.MULTILINE))))
    known = set(re.findall(r"--[a-z-]+", stepsmith("up", "--help").stdout))
    assert told == known - {"--debug", "--help"}


def test_the_page_about_lambda_lists_the_actions_that_are_there() -> None:
    text = (ROOT / "docs" / "lambda.md").read_text("utf-8")
    rows = re.findall(r"^\| [a-z ]+ \| (`[A-Z].*) \|$", text, re.MULTILINE)
    assert set(re.findall(r"`([A-Za-z]+)`", " ".join(rows))) == set(ACTIONS)


def test_the_page_about_the_rest_of_aws_lists_the_gaps_that_are_filled() -> None:
    text = (ROOT / "docs" / "aws.md").read_text("utf-8")
    table = text.partition("## Filled gaps")[2].partition("\n## ")[0]
    told = set(re.findall(r"`([A-Za-z]+)`", table))
    assert told == {operation for operations in LACKING.values() for operation in operations}
