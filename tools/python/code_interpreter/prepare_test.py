from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from . import prepare
from .sandbox import Bubblewrap, Program, Refused


def test_the_program_shows_packages_and_no_sources_of_ours() -> None:
    folders = prepare.program().packages
    assert all((folder / name).exists() for folder in folders[:1] for name in ("pandas", "matplotlib"))
    assert not any((folder / "stepsmith").is_dir() and (folder / ".git").exists() for folder in folders)
    assert not any(Path(__file__).is_relative_to(folder) for folder in folders)


def test_variables_of_lambda_alone_do_not_make_a_lambda(monkeypatch: pytest.MonkeyPatch) -> None:
    """The local runtime sets them too: a laptop without bubblewrap must refuse."""
    monkeypatch.setenv("AWS_EXECUTION_ENV", "AWS_Lambda_python3.12")
    monkeypatch.setenv("LAMBDA_TASK_ROOT", "/var/task")
    assert not prepare.inside_lambda()


@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is Linux's")
def test_a_bwrap_that_fails_is_quoted(tmp_path: Path) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    assert prepare.try_out(broken) == "bwrap: No permissions to create new namespace"


def test_a_bwrap_that_is_not_there_is_said() -> None:
    assert "No such file" in prepare.try_out(Path("/no/bwrap"))


@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is Linux's")
def test_where_bubblewrap_works_at_all_ours_works_too() -> None:
    """The other tests skip where there is no sandbox: a mistake in our command must not pass for that."""
    bwrap = prepare.find_bwrap()
    if bwrap is None or subprocess.run([bwrap, "--unshare-all", "--ro-bind", "/", "/", "true"], check=False).returncode:
        assert isinstance(prepare.where(), Refused)
    else:
        assert prepare.where() == Bubblewrap(bwrap)


def test_the_list_of_fonts_is_made_where_there_is_none(tmp_path: Path) -> None:
    prepare.warm_up(prepare.program(), tmp_path)
    [path] = tmp_path.glob("fontlist-*.json")
    assert json.loads(path.read_text())["ttflist"]


def test_code_that_draws_nothing_waits_for_no_fonts() -> None:
    assert prepare.fonts_for("x = 1\nnp_like = 2") == {}
    assert prepare.fonts_for("import pandas as pd") == prepare.fonts()


def test_packages_that_are_read_only_leave_the_list_to_this_process(tmp_path: Path) -> None:
    file = tmp_path / "packages"
    file.write_text("no folder")
    folder = prepare._lasting_folder(
        Program(Path(sys.executable), Path(sys.base_prefix), (file,), Path(__file__).parent)
    )
    assert folder.is_dir()
    assert not folder.is_relative_to(tmp_path)
    os.rmdir(folder)
