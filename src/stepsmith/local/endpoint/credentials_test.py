"""The folder's key: made once, for its user alone."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stepsmith.local.endpoint import credentials


def test_a_key_is_made_once_and_read_by_its_user_alone(tmp_path: Path) -> None:
    made = credentials.read_or_make(tmp_path / "data")
    assert credentials.read_or_make(tmp_path / "data") == made == credentials.read(tmp_path / "data")
    assert stat.S_IMODE((tmp_path / "data" / "credentials").stat().st_mode) == 0o600
    assert made.access_key.startswith("AKIA") and len(made.access_key) == 20 and len(made.secret) == 40


def test_folders_have_keys_of_their_own(tmp_path: Path) -> None:
    assert credentials.read_or_make(tmp_path / "a").secret != credentials.read_or_make(tmp_path / "b").secret


def test_many_who_make_the_key_at_once_get_the_same_one_and_leave_nothing_else(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: credentials.read_or_make(tmp_path).secret, range(32)))
    assert len(made) == 1
    assert os.listdir(tmp_path) == ["credentials"]


def test_a_key_that_others_can_read_is_refused_with_what_to_do(tmp_path: Path) -> None:
    credentials.read_or_make(tmp_path)
    (tmp_path / "credentials").chmod(0o644)
    with pytest.raises(credentials.CredentialsBroken, match=r"others on this machine can read it.*remove the file"):
        credentials.read(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '"key"'])
def test_a_file_that_holds_no_key_is_refused_by_its_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "credentials").write_text(text)
    (tmp_path / "credentials").chmod(0o600)
    with pytest.raises(credentials.CredentialsBroken, match="credentials"):
        credentials.read(tmp_path)
