"""Claims on what is found in a repository, and on what is said of what is broken there."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.conftest import REPOSITORY
from infra.contents import Contents
from infra.errors import InfraError

TOOL = json.loads((REPOSITORY / "tools/go/rates/tool.json").read_bytes())


def described(root: Path, folder: str, **changes: Any) -> None:
    path = root / folder / "tool.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({**TOOL, **changes}))


def test_folders_are_found_and_nothing_is_registered() -> None:
    contents = Contents(REPOSITORY)
    assert list(contents.tools) == ["go/rates", "python/ledger"]
    assert list(contents.callers) == ["acme"]
    assert [agent.name for agent in contents.agents] == ["clerk", "desk"]


def test_each_secret_is_known_with_those_who_read_it(tmp_path: Path) -> None:
    described(tmp_path, "tools/go/one", function="one", secrets=["KEY", "OWN?"])
    described(tmp_path, "tools/go/two", function="two", secrets=["KEY?"])
    assert Contents(tmp_path).secrets == {"KEY": ("tool one", "tool two"), "OWN": ("tool one",)}


def test_two_functions_of_one_name_are_refused(tmp_path: Path) -> None:
    described(tmp_path, "tools/go/rates")
    described(tmp_path, "tools/rust/rates")
    with pytest.raises(InfraError, match=r"tools/go/rates/tool\.json: another tool's function is named 'rates', too"):
        _ = Contents(tmp_path).tools


def test_a_broken_agent_does_not_stand_in_the_way_of_tools(tmp_path: Path) -> None:
    described(tmp_path, "tools/go/rates")
    agent = tmp_path / "agents" / "broken" / "agent.py"
    agent.parent.mkdir(parents=True)
    agent.write_text("agent = 1 / 0\n")
    contents = Contents(tmp_path)
    assert list(contents.tools) == ["go/rates"]
    with pytest.raises(InfraError, match=r"agents/broken/agent\.py, line 1: ZeroDivisionError"):
        _ = contents.agents


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", r"llm_callers/acme/caller\.json is no JSON"),
        ("{}", r"llm_callers/acme/caller\.json: .*vendor.* Correct this field"),
    ],
)
def test_a_broken_caller_is_named_by_its_file(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "llm_callers" / "acme" / "caller.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(InfraError, match=sentence):
        _ = Contents(tmp_path).callers
