"""Starts the command line from the sources: `python -P start.py BYTECODE_FOLDER ARGUMENT...`.

Our modules' bytecode goes to the cache, so the checkout stays clean and may be read-only. Setting sys.pycache_prefix
for good would hide the bytecode of installed packages, so it is set only while one of our own modules is loaded.
"""

import os
import sys
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, SourceFileLoader
from pathlib import Path
from types import CodeType

PROJECT = str(Path(__file__).resolve().parents[1])
ROOTS = [f"{PROJECT}/src", f"{PROJECT}/tools/python", PROJECT]  # as in pants.toml


class CachedLoader(SourceFileLoader):
    """Loads a module with its bytecode under `bytecode`."""

    bytecode: str

    def get_code(self, fullname: str) -> CodeType | None:
        before = sys.pycache_prefix, sys.dont_write_bytecode
        sys.pycache_prefix, sys.dont_write_bytecode = self.bytecode, False
        try:
            return super().get_code(fullname)
        finally:
            sys.pycache_prefix, sys.dont_write_bytecode = before


def finder(folder: str) -> FileFinder:
    """A path hook for our sources only (the environment may lie in the checkout, too)."""
    if not folder.startswith(PROJECT) or folder.startswith(sys.prefix) or not os.path.isdir(folder):
        raise ImportError(f"{folder!r} is no folder of ours")
    return FileFinder(folder, (CachedLoader, SOURCE_SUFFIXES))


if __name__ == "__main__":
    CachedLoader.bytecode = sys.argv.pop(1)
    sys.path_hooks.insert(0, finder)
    sys.path[:0] = ROOTS
    try:
        from stepsmith.cli.__main__ import main

        code = main()
    except KeyboardInterrupt:  # Before `main` could take care of it.
        code = 130
    sys.exit(code)
