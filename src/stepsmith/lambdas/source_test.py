"""Stamps: what counts as an edit, and what is forgotten with it."""

import os
from itertools import pairwise
from pathlib import Path

import pytest

from stepsmith.lambdas.errors import BadCode
from stepsmith.lambdas.function import Function
from stepsmith.lambdas.source import forget_bytecode, stamp


def function(code: Path, *watch: Path) -> Function:
    return Function("fn", code, "app.handler", watch=watch)


def test_an_edit_a_new_file_and_a_removed_one_change_the_stamp(tmp_path: Path) -> None:
    file = tmp_path / "package" / "part.py"
    file.parent.mkdir()
    file.write_text("1")
    stamps = [stamp(function(tmp_path))]
    os.utime(file, ns=(0, 1))  # The same size.
    stamps.append(stamp(function(tmp_path)))
    (tmp_path / "data.json").touch()
    stamps.append(stamp(function(tmp_path)))
    file.unlink()
    stamps.append(stamp(function(tmp_path)))
    assert all(one != other for one, other in pairwise(stamps))
    assert stamp(function(tmp_path)) == stamps[-1]


def test_bytecode_and_hidden_files_are_no_source(tmp_path: Path) -> None:
    before = stamp(function(tmp_path))
    for folder in ("__pycache__", ".git"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "file").touch()
    assert stamp(function(tmp_path)) == before


def test_only_what_is_watched_counts(tmp_path: Path) -> None:
    watched, later = tmp_path / "watched", tmp_path / "later.py"
    watched.mkdir()
    before = stamp(function(tmp_path, watched, later))
    (tmp_path / "other.py").touch()
    assert stamp(function(tmp_path, watched, later)) == before
    later.touch()
    assert stamp(function(tmp_path, watched, later)) != before


def test_a_link_in_a_circle_ends(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    assert set(stamp(function(tmp_path))) == {str(tmp_path / "loop"), str(tmp_path / "dangling")}


@pytest.mark.parametrize("name", ["gone", "gone.zip", "file.txt"])
def test_missing_code_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file.txt").touch()
    with pytest.raises(BadCode, match=f"{name}': build it, or correct its path"):
        stamp(function(tmp_path / name))


def test_bytecode_of_changed_files_alone_is_forgotten(tmp_path: Path) -> None:
    compiled = {name: tmp_path / "cache" / "code" / f"{name}.cpython-312.pyc" for name in ("kept", "edited")}
    compiled["kept"].parent.mkdir(parents=True)
    for file in compiled.values():
        file.touch()
    before = {"/code/kept.py": (1, 1), "/code/edited.py": (1, 1)}
    forget_bytecode(before, {**before, "/code/edited.py": (2, 1)}, tmp_path / "cache")
    assert [name for name, file in compiled.items() if file.exists()] == ["kept"]
