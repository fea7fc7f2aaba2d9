"""Claims on the comparison of artifacts that are built twice (build-support/reproduce)."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "build-support/same_bytes.py"
EPOCH = (1980, 1, 1, 0, 0, 0)
ENTRIES = [("bootstrap", b"\x7fELF", EPOCH, 0o755), ("tool.json", b"{}", EPOCH, 0o644)]


def write(path, entries):
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content, when, mode in entries:
            info = zipfile.ZipInfo(name, when)
            info.external_attr = (0o100000 | mode) << 16
            archive.writestr(info, content)


@pytest.fixture
def compare(tmp_path):
    """Compares ENTRIES with the given ones."""

    def run(*entries):
        write(tmp_path / "one/a.zip", ENTRIES)
        write(tmp_path / "other/a.zip", entries)
        command = [sys.executable, str(SCRIPT), str(tmp_path / "one"), str(tmp_path / "other"), "a.zip"]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return run


def test_the_same_bytes_are_equal(compare):
    done = compare(*ENTRIES)
    assert (done.returncode, done.stdout.splitlines()[-1].rsplit(maxsplit=1)[-1]) == (0, "equal"), done.stderr


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ([ENTRIES[0], ("tool.json", b"{}", (2026, 11, 23, 2, 0, 0), 0o644)], "tool.json: date_time"),
        ([ENTRIES[0], ("tool.json", b"{}", EPOCH, 0o600)], "tool.json: external_attr"),
        (
            [("bootstrap", b"\x7fELf", EPOCH, 0o755), ENTRIES[1]],
            "bootstrap: 4 and 4 bytes, the first that differs is at 3",
        ),
        ([ENTRIES[0], ("tool.json", b"{} ", EPOCH, 0o644)], "tool.json: 2 and 3 bytes, the first that differs is at 2"),
        ([ENTRIES[1], ENTRIES[0]], "bootstrap stands where the second has tool.json"),
        ([ENTRIES[0]], "tool.json: only in the first"),
        ([*ENTRIES, ("stamp", b"", EPOCH, 0o644)], "stamp: only in the second"),
    ],
)
def test_what_differs_first_is_told_and_fails(compare, entries, told):
    done = compare(*entries)
    assert done.returncode == 1
    assert told in done.stdout


def test_an_artifact_that_was_not_built_fails(tmp_path):
    write(tmp_path / "one/a.zip", ENTRIES)
    command = [sys.executable, str(SCRIPT), str(tmp_path / "one"), str(tmp_path / "two"), "a.zip"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "two/a.zip is missing" in done.stdout
