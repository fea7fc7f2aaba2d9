"""Packs a Lambda's zip: `python pack.py ZIP SOURCE PATTERN...` puts in the files of a folder, or of another zip, but
those that fit a pattern. A ZIP that is there keeps its entries as they are, and the files follow them: so what seldom
changes is compressed once.

Each module gets its bytecode beside it, of the kind that is never checked against the source (PEP 552): it holds no
time stamp, so the same files give the same bytes, and Python loads it although /var/task cannot be written.
The bound is Lambda's 250 MB of unzipped code, less what its own layers and extensions may need.
"""

import fnmatch
import importlib.util
import py_compile
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold
MOST_BYTES = 230_000_000

type Files = dict[str, tuple[int, bytes]]  # path in the zip: mode and content


def pack(path: Path, source: Path, exclude: Sequence[str]) -> str:
    """Makes the zip or adds to it; returns its sizes in words. Raises SystemExit when it has one of the files already,
    and when it is too big for Lambda."""
    found = dict(zipped(source) if source.is_file() else on_disk(source))
    files = {name: file for name, file in found.items() if not any(fnmatch.fnmatchcase(name, p) for p in exclude)}
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        if twice := sorted(files.keys() & set(archive.namelist())):
            sys.exit(f"{twice[0]!r} is packed already, as a file of a library: call yours otherwise.")
        write(files | dict(compiled(files)), archive)
        entries = archive.infolist()
    size = sum(entry.file_size for entry in entries)
    if size > MOST_BYTES:
        sys.exit(
            f"{path} would be {size:,} bytes unzipped, over {MOST_BYTES:,}: "
            f"use smaller packages, or `exclude`.\n{largest(entries)}"
        )
    return f"{path.stat().st_size / 1e6:.1f} MB, {size / 1e6:.1f} MB unzipped"


def zipped(archive: Path) -> Iterator[tuple[str, tuple[int, bytes]]]:
    with zipfile.ZipFile(archive) as source:
        for info in source.infolist():
            if not info.is_dir():
                yield info.filename, (info.external_attr >> 16, source.read(info))


def on_disk(folder: Path) -> Iterator[tuple[str, tuple[int, bytes]]]:
    for file in folder.rglob("*"):
        if file.is_file():
            yield file.relative_to(folder).as_posix(), (file.stat().st_mode, file.read_bytes())


def compiled(files: Files) -> Iterator[tuple[str, tuple[int, bytes]]]:
    """The bytecode of all modules; a file that this Python cannot compile (a template, say) has none."""
    with tempfile.TemporaryDirectory() as scratch:
        source, target = Path(scratch, "module.py"), str(Path(scratch, "module.pyc"))
        for path in sorted(path for path in files if path.endswith(".py")):
            source.write_bytes(files[path][1])
            mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
            if py_compile.compile(str(source), target, f"/var/task/{path}", quiet=2, invalidation_mode=mode):
                yield importlib.util.cache_from_source(path), (0o644, Path(target).read_bytes())


def write(files: Files, archive: zipfile.ZipFile) -> None:
    """Sorted, with one time and two modes."""
    for name, (mode, content) in sorted(files.items()):
        info = zipfile.ZipInfo(name, EPOCH)
        info.create_system = 3  # Unix, so that Lambda reads the mode below
        info.external_attr = (0o100755 if mode & 0o100 else 0o100644) << 16
        info.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(info, content)


def largest(entries: Iterable[zipfile.ZipInfo]) -> str:
    """The ten largest top folders, a line each."""
    sizes = Counter[str]()
    for entry in entries:
        sizes[entry.filename.partition("/")[0]] += entry.file_size
    return "\n".join(f"{size:>13,}  {top}" for top, size in sizes.most_common(10))


if __name__ == "__main__":
    print(pack(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
