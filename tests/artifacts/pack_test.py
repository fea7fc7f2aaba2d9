"""Claims on how a Lambda's zip is packed (pants-plugins/lambda_zip/pack.py)."""

import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "pants-plugins/lambda_zip/pack.py"
EPOCH = (1980, 1, 1, 0, 0, 0)
LIBRARY = {"requests/api.py": "def get(): ...\n", "requests/tests/api_test.py": "", "six.py": "x = 1\n"}
OWN = {"bootstrap": "#!/bin/sh\n", "books/handler.py": "import six\n", "books/template.py": "{% if name %}\n"}


@pytest.fixture
def pack(tmp_path):
    """Packs a folder or zip into tool.zip."""

    def run(source, *exclude):
        command = [sys.executable, "-I", str(SCRIPT), "tool.zip", str(source), *exclude]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    return run


def folder(path, files):
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
        os.utime(path / name, (1_700_000_000, 1_700_000_000))
    return path


def zipped(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def names(path):
    return zipfile.ZipFile(path).namelist()


def bytecode(*modules):
    return [importlib.util.cache_from_source(module) for module in modules]


def test_entries_are_sorted_and_tell_no_time_and_one_of_two_modes(pack, tmp_path):
    source = folder(tmp_path / "own", OWN)
    (source / "bootstrap").chmod(0o700)
    (source / "books/handler.py").chmod(0o666)
    assert pack(source).returncode == 0
    entries = zipfile.ZipFile(tmp_path / "tool.zip").infolist()
    assert [each.filename for each in entries] == sorted([*OWN, *bytecode("books/handler.py")])
    assert {each.date_time for each in entries} == {EPOCH}
    assert {each.filename: each.external_attr >> 16 for each in entries}["bootstrap"] == 0o100755
    assert {each.external_attr >> 16 for each in entries if each.filename != "bootstrap"} == {0o100644}


def test_bytecode_is_taken_for_the_source_without_a_look_at_its_time(pack, tmp_path):
    pack(folder(tmp_path / "own", OWN))
    header = zipfile.ZipFile(tmp_path / "tool.zip").read(*bytecode("books/handler.py"))[:8]
    assert header == importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little")  # PEP 552: by hash, unchecked


def test_what_is_excluded_is_left_out_of_a_zip_too(pack, tmp_path):
    assert pack(zipped(tmp_path / "libraries.zip", LIBRARY), "*/tests/*").returncode == 0
    kept = [name for name in LIBRARY if "tests" not in name]
    assert names(tmp_path / "tool.zip") == sorted([*kept, *bytecode(*kept)])


def test_sources_follow_what_was_packed_before_which_stays_as_it_is(pack, tmp_path):
    pack(zipped(tmp_path / "libraries.zip", LIBRARY))
    before = (tmp_path / "tool.zip").read_bytes()
    ends = zipfile.ZipFile(tmp_path / "tool.zip").start_dir
    libraries = names(tmp_path / "tool.zip")
    pack(folder(tmp_path / "own", OWN))
    assert (tmp_path / "tool.zip").read_bytes()[:ends] == before[:ends]
    assert names(tmp_path / "tool.zip") == [*libraries, *sorted([*OWN, *bytecode("books/handler.py")])]


def test_a_file_that_is_a_librarys_too_is_refused_by_name(pack, tmp_path):
    pack(zipped(tmp_path / "libraries.zip", LIBRARY))
    done = pack(folder(tmp_path / "own", {"six.py": "x = 2\n"}))
    assert done.returncode == 1
    assert "'six.py' is packed already" in done.stderr


def test_what_lambda_would_refuse_is_refused_with_what_is_largest(pack, tmp_path):
    source = folder(tmp_path / "own", OWN)
    with (source / "model.bin").open("wb") as model:
        model.truncate(230_000_000)
    done = pack(source)
    assert done.returncode == 1
    first, largest, *_ = done.stderr.splitlines()
    assert "over 230,000,000" in first
    assert largest.split() == ["230,000,000", "model.bin"]
