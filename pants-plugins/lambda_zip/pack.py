"""Packs a Lambda's zip anew: `python pack.py ZIP FOLDER PATTERN...` adds the folder's files, leaves out what matches.
The zip need not be there: a function in a compiled language is a folder of files alone.

Each module gets its bytecode beside it, of the kind that is never checked against the source (PEP 552): it holds no
time stamp, so the same files give the same bytes, and Python loads it although /var/task cannot be written.
The bound is Lambda's 250 MB of unzipped code, less what its own layers and extensions may need.
"""

import fnmatch
import importlib.util
import io
import py_compile
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold
MOST_BYTES = 230_000_000

type Files = dict[str, tuple[int, bytes]]  # path in the zip: mode and content


def pack(archive: Path, folder: Path, exclude: Sequence[str]) -> str:
    """Replaces the archive; returns its sizes in words. Raises SystemExit when the function is too big for Lambda."""
    gathered = dict(zipped(archive)) | dict(on_disk(folder))
    files = {path: file for path, file in gathered.items() if not any(fnmatch.fnmatchcase(path, p) for p in exclude)}
    files |= dict(compiled(files))
    size = sum(len(content) for _, content in files.values())
    if size > MOST_BYTES:
        sys.exit(
            f"{archive} would be {size:,} bytes unzipped, over {MOST_BYTES:,}: "
            f"use smaller packages, or `exclude`.\n{largest(files)}"
        )
    archive.parent.mkdir(parents=True, exist_ok=True)
    archive.write_bytes(zip_bytes(files))
    return f"{archive.stat().st_size / 1e6:.1f} MB, {size / 1e6:.1f} MB unzipped"


def zipped(archive: Path) -> Iterator[tuple[str, tuple[int, bytes]]]:
    if not archive.exists():
        return
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


def zip_bytes(files: Files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, (mode, content) in sorted(files.items()):
            info = zipfile.ZipInfo(path, EPOCH)
            info.create_system = 3  # Unix, so that Lambda reads the mode below
            info.external_attr = (0o100755 if mode & 0o100 else 0o100644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return buffer.getvalue()


def largest(files: Files) -> str:
    """The ten largest top folders, a line each."""
    sizes: dict[str, int] = {}
    for path, (_, content) in files.items():
        top = path.partition("/")[0]
        sizes[top] = sizes.get(top, 0) + len(content)
    return "\n".join(f"{size:>13,}  {top}" for top, size in sorted(sizes.items(), key=lambda item: -item[1])[:10])


if __name__ == "__main__":
    print(pack(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
