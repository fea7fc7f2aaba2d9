"""Unpacking: what is refused, what stays when it fails, two at once."""

import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stepsmith.lambdas.artifact import examine, unpack
from stepsmith.lambdas.errors import BadCode

Entry = tuple[zipfile.ZipInfo, bytes]


def entry(name: str, mode: int = stat.S_IFREG | 0o644, data: bytes = b"data") -> Entry:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info, data


@pytest.fixture
def artifact(tmp_path: Path) -> Callable[..., Path]:
    def artifact(*entries: Entry) -> Path:
        path = tmp_path / "function.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for info, data in entries:
                archive.writestr(info, data)
        return path

    return artifact


def test_files_keep_their_content_and_whether_they_run(tmp_path: Path, artifact: Callable[..., Path]) -> None:
    zipped = artifact(entry("a/b.py"), entry("empty/", stat.S_IFDIR | 0o755, b""), entry("bootstrap", 0o100755))
    folder = unpack(zipped, tmp_path / "cache")
    assert (folder / "a" / "b.py").read_bytes() == b"data"
    assert (folder / "empty").is_dir()
    assert [stat.S_IMODE((folder / name).stat().st_mode) for name in ("a/b.py", "bootstrap")] == [0o444, 0o555]


def test_the_same_content_is_unpacked_once(tmp_path: Path, artifact: Callable[..., Path]) -> None:
    first = unpack(artifact(entry("a.py")), tmp_path / "cache")
    made = first.stat().st_ctime_ns
    assert unpack(artifact(entry("a.py")), tmp_path / "cache") == first
    assert first.stat().st_ctime_ns == made
    assert unpack(artifact(entry("b.py")), tmp_path / "cache") != first


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (entry("../escape.py"), "leads out"),
        (entry("a/../../escape.py"), "leads out"),
        (entry("/etc/cron.d/x"), "leads out"),
        (entry("a\\..\\..\\b"), "leads out"),
        (entry("link", stat.S_IFLNK | 0o777, b"/etc/passwd"), "is a link"),
        (entry("pipe", stat.S_IFIFO | 0o644), "special file"),
    ],
)
def test_entries_that_could_reach_outside_are_refused(
    tmp_path: Path, artifact: Callable[..., Path], bad: Entry, reason: str
) -> None:
    with pytest.raises(BadCode, match=reason):
        unpack(artifact(entry("good.py"), bad), tmp_path / "deep" / "er" / "cache")
    assert not list(tmp_path.rglob("escape.py"))
    assert not list((tmp_path / "deep" / "er" / "cache").iterdir())


@pytest.mark.parametrize("other", [entry("a/b/c.py"), entry("a/b/", stat.S_IFDIR | 0o755, b"")])
def test_a_file_where_others_have_a_folder_is_refused(
    tmp_path: Path, artifact: Callable[..., Path], other: Entry
) -> None:
    zipped = artifact(other, entry("a/b"))
    for refuse in (examine, lambda path: unpack(path, tmp_path / "cache")):
        with pytest.raises(BadCode, match="entry 'a/b' is a file where others have a folder"):
            refuse(zipped)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, artifact: Callable[..., Path]) -> None:
    zipped = artifact(*(entry(f"{number}", data=bytes(30_000_000)) for number in range(9)))
    with pytest.raises(BadCode, match="unzipped size must be smaller than 262144000 bytes, not 270000000"):
        unpack(zipped, tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_an_entry_larger_than_its_header_says_is_refused(tmp_path: Path, artifact: Callable[..., Path]) -> None:
    zipped = artifact(entry("a.py", data=b"x" * 1000))
    zipped.write_bytes(zipped.read_bytes().replace((1000).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    with pytest.raises(BadCode, match="Cannot unpack"):
        unpack(zipped, tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no more", b"not a zip at all"])
def test_what_is_no_zip_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "function.zip").write_bytes(data)
    with pytest.raises(BadCode, match=r"Cannot unpack '.*function\.zip'"):
        unpack(tmp_path / "function.zip", tmp_path / "cache")


def test_many_at_once_agree(tmp_path: Path, artifact: Callable[..., Path]) -> None:
    zipped = artifact(*(entry(f"{number}.py") for number in range(200)))
    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(lambda _: unpack(zipped, tmp_path / "cache"), range(8)))
    assert len(set(folders)) == 1
    assert list((tmp_path / "cache").iterdir()) == [folders[0]]
    assert len(list(folders[0].iterdir())) == 200


LIMITED = """
import resource, sys
from pathlib import Path
from stepsmith.lambdas.artifact import examine, unpack
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
unpack(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def test_a_disk_that_takes_no_more_leaves_nothing_half_written(tmp_path: Path, artifact: Callable[..., Path]) -> None:
    """The kernel refuses the write in the middle of a file, as it does on a full disk."""
    zipped = artifact(entry("small.py"), entry("large.bin", data=bytes(1_000_000)))
    command = [sys.executable, "-c", LIMITED, str(zipped), str(tmp_path / "cache")]
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=paths)
    assert "BadCode: Cannot unpack" in done.stderr
    assert "File too large" in done.stderr
    assert not list((tmp_path / "cache").iterdir())
