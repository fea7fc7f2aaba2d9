"""Who may enter a data folder."""

import pytest

from stepsmith.local.database import Database
from stepsmith.local.endpoint import credentials
from stepsmith.local.private import make_private


def mode(folder):
    return folder.stat().st_mode & 0o777


@pytest.fixture
def open_folder(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(0o755)
    return folder


def test_a_new_folder_is_its_owners_alone(tmp_path):
    make_private(tmp_path / "a" / "data")
    assert mode(tmp_path / "a" / "data") == 0o700


@pytest.mark.parametrize("name", ["runs.db", "credentials"])
def test_one_of_ours_is_closed_to_others(open_folder, name):
    (open_folder / name).touch()
    make_private(open_folder)
    assert mode(open_folder) == 0o700


def test_a_folder_of_other_things_keeps_its_mode(open_folder):
    (open_folder / "letters.txt").touch()
    make_private(open_folder)
    assert mode(open_folder) == 0o755


def test_the_database_and_the_key_lie_in_a_closed_folder(open_folder, tmp_path):
    Database(open_folder / "runs.db").close()
    credentials.read_or_make(tmp_path / "other")
    assert (mode(open_folder), mode(tmp_path / "other")) == (0o700, 0o700)
