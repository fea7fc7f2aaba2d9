"""Claims on the copy of the state."""

import json
from pathlib import Path

import pytest

from .kept import keep, restore
from .root import Root


@pytest.fixture
def root(tmp_path: Path) -> Root:
    made = Root(tmp_path / "stepsmith")
    made.folder.mkdir()
    backend = {"local": {"path": "../state/stepsmith.tfstate"}}
    made.configuration.write_text(json.dumps({"terraform": {"backend": backend}}))
    (tmp_path / "state").mkdir()
    return made


def write(root: Root, text: str) -> None:
    assert root.state is not None
    root.state.write_text(text)


def read(root: Root) -> str:
    assert root.state is not None
    return root.state.read_text()


@pytest.mark.parametrize("half", ["", '{"serial": 2, "reso'])
def test_a_state_that_is_not_whole_is_replaced_by_the_last_that_was(root: Root, half: str) -> None:
    write(root, '{"serial": 1}')
    keep(root)
    write(root, half)
    keep(root)
    assert restore(root) and read(root) == '{"serial": 1}'


def test_a_whole_state_stays(root: Root) -> None:
    write(root, '{"serial": 1}')
    keep(root)
    write(root, '{"serial": 2}')
    assert not restore(root) and read(root) == '{"serial": 2}'


def test_half_a_first_state_is_none(root: Root) -> None:
    write(root, "")
    assert restore(root) and root.state and not root.state.exists()


def test_a_state_elsewhere_is_left_alone(root: Root) -> None:
    root.configuration.write_text(json.dumps({"terraform": {"backend": {"s3": {"bucket": "team"}}}}))
    keep(root)
    assert root.state is None and not restore(root)
