"""Claims on the folder of a deployment: one command at a time, and a killed one leaves a mark."""

import subprocess
from pathlib import Path

import pytest

from stepsmith.cli.errors import CommandError

from .events import Told
from .faults import KILLED, TerraformError
from .workplace import carrying_out, held

FAILED = TerraformError([Told(True, "no", "", "")])


def test_a_folder_is_held_by_one(tmp_path: Path) -> None:
    with held(tmp_path), pytest.raises(CommandError, match="Another `stepsmith infra`"), held(tmp_path):
        pass
    with held(tmp_path):
        pass


def test_a_process_that_was_given_the_lock_keeps_it(tmp_path: Path) -> None:
    with held(tmp_path) as lock:
        outliving = subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=(lock,))
    with pytest.raises(CommandError, match="a Terraform that it started"), held(tmp_path):
        pass
    outliving.communicate()
    with held(tmp_path):
        pass


def test_an_end_leaves_no_mark_a_kill_does(tmp_path: Path) -> None:
    for error, leaves in ((FAILED, False), (TerraformError([KILLED], was_killed=True), True)):
        with pytest.raises(TerraformError), carrying_out(tmp_path) as was_cut:
            raise error
        assert not was_cut
        assert (tmp_path / ".applying").exists() == leaves
    with carrying_out(tmp_path) as was_cut:
        assert was_cut
    with carrying_out(tmp_path) as was_cut:
        assert not was_cut
