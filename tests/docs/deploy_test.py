"""The commands of the page about deploying are commands that there are. tests/infra carries them out."""

import shlex

import pytest

from stepsmith.cli.__main__ import COMMANDS, command_parser
from tests.docs.pages import ROOT, Page

LINES = [line for line in Page("deploy.md").commands if line.startswith("./stepsmith ")]


@pytest.mark.parametrize("line", LINES)
def test_its_commands_are_understood(line):
    name, *words = shlex.split(line, comments=True)[1:]
    command = next(each for each in COMMANDS if each.name == name)
    options = command_parser(command).parse_args(words)
    assert name != "run" or (ROOT / "agents" / options.agent).is_dir()


def test_there_are_such_lines():
    assert len(LINES) > 5
