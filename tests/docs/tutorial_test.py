"""The tutorial does what it says: its files are written into a copy of the repository, its commands run there."""

import shlex

import pytest

from tests.docs.pages import Copy, Page

PAGE = Page("tutorial.md")


@pytest.fixture(scope="module")
def stepsmith(tmp_path_factory):
    return Copy(tmp_path_factory.mktemp("copy"), PAGE)


@pytest.mark.parametrize("line", PAGE.commands)
def test_its_commands_succeed(stepsmith, line):
    done = stepsmith(*shlex.split(line)[1:])
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_agent_says_what_the_page_says(stepsmith):
    [expected] = PAGE.expected
    assert expected in stepsmith("run", "reader").stdout
