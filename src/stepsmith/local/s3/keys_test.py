"""Every key has a place of its own under the bucket, and the place gives the key back."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.local.s3.faults import Fault
from stepsmith.local.s3.keys import HERE, MAX_KEY_BYTES, from_parts, to_parts

SEGMENT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["", ".", "..", "%", "a" * 260, "é" * 130, "a" * 200 + "..", "é" * 100 + "."]
)
KEYS = (
    st.lists(SEGMENT, min_size=1, max_size=5).map("/".join).filter(lambda key: 0 < len(key.encode()) <= MAX_KEY_BYTES)
)


@given(KEYS)
def test_a_key_comes_back_from_its_path(key: str) -> None:
    assert from_parts(to_parts(key)) == key
    assert from_parts((*to_parts(key), HERE)) == key


@given(KEYS)
def test_no_part_leaves_its_folder_or_is_too_long_for_a_file_system(key: str) -> None:
    for part in to_parts(key):
        assert part not in ("", ".", "..", HERE) and "/" not in part and "\0" not in part
        assert len(os.fsencode(part)) <= 255


@given(KEYS, KEYS)
def test_two_keys_never_share_a_path(one: str, other: str) -> None:
    assert one == other or to_parts(one) != to_parts(other)


def test_plain_keys_are_plain_paths() -> None:
    key = "artifacts/sql/7f3k/Löhne pro Sieg (2010).png"
    assert "/".join(to_parts(key)) == key


@pytest.mark.parametrize("key", ["../../etc/passwd", "/etc/passwd", "a/../../b", "./x", "a\\..\\b"])
def test_no_key_escapes(key: str, tmp_path: Path) -> None:
    base = tmp_path / "bucket"
    assert base.joinpath(*to_parts(key)).resolve().is_relative_to(base)


@pytest.mark.parametrize("key", ["", "é" * 513])
def test_a_key_that_s3_does_not_take_is_refused(key: str) -> None:
    with pytest.raises(Fault, match="key is too long"):
        to_parts(key)
