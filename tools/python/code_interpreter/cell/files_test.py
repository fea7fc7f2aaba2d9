import os
from pathlib import Path

import pytest

from .files import collect, lay


def test_new_and_changed_files_come_with_bytes_and_others_by_name(tmp_path: Path) -> None:
    marks = lay(tmp_path, {"same.csv": b"1", "changed.csv": b"1", "gone.csv": b"1", "sub/deep.csv": b"1"})
    (tmp_path / "changed.csv").write_bytes(b"22")
    (tmp_path / "gone.csv").unlink()
    (tmp_path / "sub" / "new.csv").write_bytes(b"3")
    found = collect(tmp_path, marks, 10, 100)
    assert found.changed == {"changed.csv": b"22", "sub/new.csv": b"3"}
    assert found.unchanged == ("same.csv", "sub/deep.csv")
    assert not found.dropped


def test_a_file_replaced_by_one_of_equal_size_counts_as_changed(tmp_path: Path) -> None:
    marks = lay(tmp_path, {"a": b"1"})
    (tmp_path / "b").write_bytes(b"2")
    os.replace(tmp_path / "b", tmp_path / "a")
    assert collect(tmp_path, marks, 10, 100).changed == {"a": b"2"}


@pytest.mark.parametrize("target", ["/etc/passwd", "/etc", "../secret", "a"])
def test_links_are_never_followed(tmp_path: Path, target: str) -> None:
    (tmp_path / "secret").write_text("secret")
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "link").symlink_to(target)
    assert collect(folder, {}, 10, 10_000_000).changed == {}


def test_pipes_and_devices_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert collect(tmp_path, {}, 10, 100).changed == {}


@pytest.mark.parametrize("name", ["a\nb", "\udc80", "x" * 121])
def test_a_file_of_a_name_that_cannot_be_passed_on_is_named_and_the_others_are_kept(tmp_path: Path, name: str) -> None:
    for each in (name, "plain"):
        (tmp_path / each).write_bytes(b"1")
    found = collect(tmp_path, {}, 10, 100)
    assert (list(found.changed), list(found.dropped)) == (["plain"], [ascii(name)])


def test_more_files_than_allowed_are_named(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / f"{number:02}").write_bytes(b"x")
    found = collect(tmp_path, {}, 3, 100)
    assert list(found.changed) == ["00", "01", "02"]
    assert found.dropped == {"more files": "a cell may leave 3 new or changed files"}


def test_a_file_over_the_bound_is_named_and_smaller_ones_are_kept(tmp_path: Path) -> None:
    (tmp_path / "a_large").write_bytes(b"x" * 200)
    (tmp_path / "small").write_bytes(b"x" * 60)
    found = collect(tmp_path, {}, 10, 100)
    assert list(found.changed) == ["small"]
    assert list(found.dropped) == ["a_large"]
