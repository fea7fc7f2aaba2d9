from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from .bounded import Bound, Bounds, Ended, Stopped
from .cell.frames import Frame, pack
from .outcome import Outcome, outcome

BOUNDS = Bounds(90, 1 << 30, 1 << 20, 1 << 20, 64)
ROOM = 4000
HEADER: dict[str, Any] = {
    "value": None,
    "error": None,
    "charts": [],
    "unchanged": [],
    "dropped": {},
    "dropped_files": {},
    "lost": None,
}


def png(width: int = 10, height: int = 10, size: int = 0) -> bytes:
    start = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height)
    return start + b"\0" * size + b"\0\0\0\0IEND\xaeB`\x82"


def read(blobs: dict[str, bytes] | None = None, output: bytes = b"", **header: Any) -> Outcome:
    frame = Frame({**HEADER, **header}, {"variables": b"state", **(blobs or {})})
    return outcome(Ended(output, pack(frame), 0), BOUNDS, ROOM)


def test_a_quiet_cell_answers_its_empty_output() -> None:
    assert read().document == {"output": ""}
    assert (read().is_error, read().variables) == (False, b"state")


def test_an_error_is_one_and_state_is_kept() -> None:
    failed = read(error="NameError")
    assert (failed.is_error, failed.variables, failed.document["error"]) == (True, b"state", "NameError")


@pytest.mark.parametrize("bound", ["time", "memory", "output", "processes", "answer"])
def test_a_bound_is_said_in_a_sentence_and_nothing_is_kept(bound: Bound) -> None:
    stopped = outcome(Stopped(b"half", bound), BOUNDS, ROOM)
    assert stopped.document["output"] == "half"
    assert stopped.document["error"].startswith("The cell was stopped: it ")
    assert stopped.document["state"] == "Variables and files are as before this cell."
    assert (stopped.is_error, stopped.variables, stopped.changed) == (True, None, None)


@pytest.mark.parametrize(("status", "word"), [(3, "exit status 3"), (-9, "Killed"), (139, "Segmentation fault")])
def test_a_death_says_how(status: int, word: str) -> None:
    assert word in outcome(Ended(b"", b"", status), BOUNDS, ROOM).document["error"]


@given(some.binary())
def test_no_answer_of_a_cell_is_an_error_of_ours(answer: bytes) -> None:
    assert outcome(Ended(b"", answer, 0), BOUNDS, ROOM).is_error


JSON = some.recursive(
    some.none() | some.booleans() | some.floats() | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=6,
)


@given(some.sampled_from(sorted(HEADER)), JSON)
def test_no_header_of_a_cell_is_an_error_of_ours(name: str, value: Any) -> None:
    json.dumps(read(**{name: value}).document)


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "a//b", "", ".", "a\nb", "x" * 200, "a/./b"])
def test_a_file_of_an_unplain_name_makes_the_answer_void(name: str) -> None:
    assert read({f"files/{name}": b"x"}).variables is None


def test_charts_and_pictures_are_pictures_and_other_files_are_files() -> None:
    came = read({"charts/wins.png": png(), "files/own.png": png(), "files/a.csv": b"1", "files/.hidden": b""})
    assert [each.name for each in came.pictures] == ["wins.png", "own.png"]
    assert [(each.name, each.media_type) for each in came.attachments] == [("a.csv", "text/csv")]
    assert set(came.changed or ()) == {"own.png", "a.csv", ".hidden"}


@pytest.mark.parametrize("data", [b"", b"<svg>", png(0), png(9000), png(size=4 << 20), png()[:-5]])
def test_what_a_vendor_would_refuse_is_no_picture(data: bytes) -> None:
    came = read({"files/a.png": data})
    assert [each.media_type for each in came.attachments] == ["application/octet-stream"]
    assert not came.pictures


def test_names_are_used_once() -> None:
    came = read({"charts/a.png": png(), "files/a.png": png(), "files/b/a.png": png(), "files/b_a.png": png()})
    assert [each.name for each in came.pictures] == ["a.png", "a_2.png", "b_a.png", "b_a_2.png"]


def test_at_most_twenty_files_are_handed_over() -> None:
    came = read({f"files/{n}.txt": b"" for n in range(50)})
    assert len(came.attachments) == 20
    assert len(came.changed or ()) == 50


def test_long_texts_share_the_room_and_keep_both_ends() -> None:
    came = read(output=b"begin" + b"x" * 100_000 + b"end", value="v" * 100_000)
    assert len(json.dumps(came.document)) < ROOM * 1.1
    assert came.document["output"].startswith("begin")
    assert came.document["output"].endswith("end")
    assert "characters left out" in came.document["value"]


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert read(output=b"a\xff\x1b[31m").document["output"] == "a\ufffd\x1b[31m"
