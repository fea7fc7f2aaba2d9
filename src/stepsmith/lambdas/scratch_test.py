"""Scratch folders of engines that live, and of those that do no more."""

import os
from pathlib import Path

from stepsmith.lambdas.scratch import Scratch


def test_what_a_killed_engine_left_is_removed_by_the_next(tmp_path: Path) -> None:
    killed = Scratch(tmp_path / "scratch")
    left = killed.new()
    os.close(killed._lock)  # What the kernel does for a process that ends.
    Scratch(tmp_path / "scratch").close()
    assert not left.exists()


def test_what_a_living_engine_uses_is_left_alone(tmp_path: Path) -> None:
    living = Scratch(tmp_path / "scratch")
    used = living.new()
    Scratch(tmp_path / "scratch").close()
    assert used.exists()
    living.close()
    assert not list((tmp_path / "scratch").iterdir())
