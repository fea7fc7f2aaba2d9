"""The zips that are kept: what is refused before a byte of it is unpacked, and what a killed process leaves."""

import io
import os
import stat
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from stepsmith.lambdas import MAX_UNPACKED_BYTES
from stepsmith.local.functions import CodeStore, LambdaError
from stepsmith.local.functions.values import Code

Write = Callable[[zipfile.ZipFile], None]


@pytest.fixture
def store(tmp_path: Path) -> CodeStore:
    return CodeStore(tmp_path / "functions")


def made(write: Write) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        write(archive)
    return io.BytesIO(file.getvalue())


def of_kind(name: str, kind: int, content: bytes = b"/etc/passwd") -> Write:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (kind | 0o777) << 16
    return lambda archive: archive.writestr(entry, content)


def declaring(size: int) -> io.BytesIO:
    """10 MB in one entry, whose headers say another size."""
    content = made(lambda archive: archive.writestr("zeros", bytes(10_000_000))).getvalue()
    true = struct.pack("<I", 10_000_000)
    assert content.count(true) == 2  # beside the entry, and in the directory at the end
    return io.BytesIO(content.replace(true, struct.pack("<I", size)))


@pytest.mark.parametrize(
    ("zipped", "words"),
    [
        (declaring(MAX_UNPACKED_BYTES + 1), "Unzipped size must be smaller than 262144000 bytes"),
        (declaring(10), "Could not unzip uploaded file."),
        (made(lambda archive: archive.writestr("../escape.py", "")), "leads out of the folder"),
        (made(lambda archive: archive.writestr("/etc/cron.d/x", "")), "leads out of the folder"),
        (made(of_kind("link", stat.S_IFLNK)), "is a link or a special file"),
        (made(of_kind("device", stat.S_IFCHR)), "is a link or a special file"),
        (io.BytesIO(b"no zip at all"), "Could not unzip uploaded file."),
        (io.BytesIO(made(lambda archive: archive.writestr("a", os.urandom(99))).getvalue()[:-30]), "Could not unzip"),
    ],
    ids=["bomb", "lying bomb", "traversal", "absolute", "link", "device", "text", "cut"],
)
def test_what_no_lambda_has_is_refused_and_not_kept(store: CodeStore, zipped: io.BytesIO, words: str) -> None:
    zipped.seek(0)
    with pytest.raises(LambdaError, match=words) as refused:
        store.put(zipped)
    assert refused.value.code == "InvalidParameterValueException"
    assert words in refused.value.message
    assert not list(store.path(Code("", 0)).parent.glob("*"))


def test_the_same_content_is_one_file(store: CodeStore) -> None:
    first, second = (store.put(made(lambda archive: archive.writestr(zipfile.ZipInfo("a"), b"1"))) for _ in range(2))
    assert first == second
    assert list(store.path(first).parent.iterdir()) == [store.path(first)]


def test_a_sweep_leaves_what_is_used(store: CodeStore) -> None:
    kept = store.put(made(lambda archive: archive.writestr("a", "kept")))
    orphan = store.put(made(lambda archive: archive.writestr("a", "orphan")))
    (store.path(kept).parent / "writing-cut.zip").write_bytes(b"half")
    store.sweep([kept.sha256])
    assert list(store.path(kept).parent.iterdir()) == [store.path(kept)]
    assert not store.path(orphan).exists()


KILLED = """
import io, os, sys, zipfile
from pathlib import Path
from stepsmith.local.functions import CodeStore
file = io.BytesIO()
with zipfile.ZipFile(file, "w") as archive:
    archive.writestr("a", "1")
CodeStore(Path(sys.argv[1])).put(io.BytesIO(file.getvalue()))
os.kill(os.getpid(), 9)
"""


def test_a_process_that_is_killed_before_its_row_leaves_a_file_that_the_next_one_sweeps(store: CodeStore) -> None:
    folder = store.path(Code("", 0)).parent
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", KILLED, str(folder)], env=environment, check=False)
    assert len(list(folder.iterdir())) == 1
    store.sweep([])
    assert not list(folder.iterdir())
