"""The words that the handler and the program inside the sandbox share: names of blobs, limits, what may be left.

request    header {code, number, limits, leavings}
           blobs variables, files/<name>, fonts/<name>
answer     header {value, error, charts, unchanged, dropped, dropped_files, lost}
           blobs variables, charts/<name>, files/<name>
"""

from __future__ import annotations

from dataclasses import dataclass

VARIABLES, CHARTS, FILES, FONTS = "variables", "charts/", "files/", "fonts/"
MAX_NAME = 120
"""Bytes of a file's name, with its folders."""


@dataclass(frozen=True)
class Limits:
    """Kernel limits of a cell's processes, each by itself; the handler watches the sum of them. `processes` is None
    where the kernel would count the user's other processes too (in a namespace before Linux 5.14 as well). `parent` is
    the process that started us, None inside a process namespace of our own."""

    data_bytes: int
    file_bytes: int
    cpu_seconds: int
    open_files: int
    processes: int | None
    parent: int | None


@dataclass(frozen=True)
class Leavings:
    """What a cell may leave behind: bytes of its variables, new or changed files, their bytes together, charts."""

    state_bytes: int
    files: int
    files_bytes: int
    charts: int
