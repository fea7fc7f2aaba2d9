"""Claims on which Terraform runs, and in which environment."""

from pathlib import Path

import pytest

from stepsmith.cli.errors import CommandError

from .program import found


@pytest.fixture
def on_path(tmp_path: Path) -> dict[str, str]:
    program = tmp_path / "bin/terraform"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho Terraform v1.99.0\necho on linux_amd64\n")
    program.chmod(0o755)
    return {"PATH": f"{program.parent}:/bin"}


def test_the_one_on_path_comes_first(tmp_path: Path, on_path: dict[str, str]) -> None:
    program = found(tmp_path, on_path)
    assert program.words == (str(tmp_path / "bin/terraform"),) and program.version == "1.99.0"


def test_without_one_the_repository_brings_its_own_or_says_so(tmp_path: Path, on_path: dict[str, str]) -> None:
    nowhere = {"PATH": "/nowhere"}
    with pytest.raises(CommandError, match=r"There is no `terraform` on PATH.*install Terraform 1\.10"):
        found(tmp_path, nowhere)
    (tmp_path / "build-support").mkdir()
    (tmp_path / "bin/terraform").rename(tmp_path / "build-support/terraform")
    assert found(tmp_path, nowhere).words == (str(tmp_path / "build-support/terraform"),)


def test_it_collects_garbage_seldom_unless_the_person_says_how_often(tmp_path: Path, on_path: dict[str, str]) -> None:
    assert found(tmp_path, on_path).environment["GOGC"] == "400"
    assert found(tmp_path, {**on_path, "GOGC": "100"}).environment["GOGC"] == "100"


def test_a_file_of_settings_that_is_not_there_is_not_named(tmp_path: Path, on_path: dict[str, str]) -> None:
    settings = tmp_path / "terraformrc"
    named = {**on_path, "TF_CLI_CONFIG_FILE": str(settings)}
    assert "TF_CLI_CONFIG_FILE" not in found(tmp_path, named).environment
    settings.touch()
    assert found(tmp_path, named).environment["TF_CLI_CONFIG_FILE"] == str(settings)
