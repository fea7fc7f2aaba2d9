"""How text, tables and Markdown reach a person.

What models and tools say is data: it is printed without its terminal control sequences (a result could otherwise move
the cursor, change the title or write to the clipboard) and never read as markup.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from stepsmith.lambdas import LogLine

    out: Console
    err: Console


_SEQUENCES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS and their kin, up to their end
    r"|\x1b[ -/]*[0-~]?"  # the other escapes
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # Bidirectional overrides hide text.
_UNSEEN = re.compile(r"[\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")  # What json.dumps leaves as it is.


@cache
def _console(is_beside: bool) -> Console:
    from rich.console import Console  # 40 ms of a command's start that only its first line needs

    return Console(stderr=is_beside, highlight=False, soft_wrap=False)


def __getattr__(name: str) -> Console:
    """`out` and `err`, made when somebody wants them."""
    if name not in ("out", "err"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _console(name == "err")


def _print(text: str, style: str, is_beside: bool) -> None:
    from rich.text import Text

    _console(is_beside).print(Text(plain(text), style), soft_wrap=True)


def plain(text: str) -> str:
    """`text` without control sequences; line breaks and tabs stay."""
    return _CONTROLS.sub("", _SEQUENCES.sub("", text.replace("\r\n", "\n")))


def one_line(text: str, width: int) -> str:
    """`text` on one line of at most `width` characters."""
    line = " ".join(plain(text).split())
    return line if len(line) <= width else f"{line[: max(0, width - 1)]}…"


def say(text: str, style: str = "") -> None:
    """A sentence of ours or of a tool, on stdout."""
    _print(text, style, is_beside=False)


def note(text: str, style: str = "") -> None:
    """A sentence beside the answer, on stderr."""
    _print(text, style, is_beside=True)


def log_line(line: LogLine) -> None:
    """What a Lambda printed, under its name."""
    note(f"{line.function}: {line.text}", "dim")


def no_log(line: LogLine) -> None:
    """Nobody asked for logs; a run's history says what happened."""


def answer(text: str) -> None:
    """An answer, as rendered Markdown."""
    from rich.markdown import Markdown  # 50 ms that only answers need.
    from rich.padding import Padding

    _console(is_beside=False).print(Padding(Markdown(plain(text), hyperlinks=False), (0, 2)))


def document(value: Any) -> None:
    """One JSON document, and nothing else, on stdout; a terminal finds no control sequence in it."""
    sys.stdout.write(json_text(value) + "\n")


def json_text(value: Any) -> str:
    """JSON that loses nothing: control characters, which a terminal would obey, are escaped."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def table(columns: Iterable[str], rows: Iterable[Iterable[str]], *, cut: bool = False) -> None:
    """Rows under their headings; only the last column gives way: it wraps, or is cut to one line."""
    from rich.table import Table
    from rich.text import Text

    cells = [tuple(columns), *(tuple(map(plain, row)) for row in rows)]
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in tuple(zip(*cells, strict=True))[:-1]:
        grid.add_column(column[0], no_wrap=True, min_width=max(map(_width, column)))
    grid.add_column(cells[0][-1], no_wrap=cut, overflow="ellipsis" if cut else "fold")
    for row in cells[1:]:
        grid.add_row(*map(Text, row))
    _console(is_beside=False).print(grid)


def _width(cell: str) -> int:
    from rich.cells import cell_len

    return max(map(cell_len, cell.split("\n")))


def clock(time: str) -> str:
    """An RFC 3339 time on this machine's clock; any other text as it is."""
    try:
        return datetime.fromisoformat(time).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return time


def money(usd: float | None) -> str:
    """``$0.0071``; small sums keep their digits, an unknown price says so."""
    if usd is None:
        return "price unknown"
    return f"${usd:.2f}" if usd == 0 or usd >= 0.1 else f"${usd:.4f}"


def seconds(duration: float | None) -> str:
    if duration is None:
        return ""
    return f"{duration:.2f} s" if duration < 10 else f"{duration:.0f} s"


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def short_input(input: Mapping[str, Any], width: int) -> str:
    """A call's input in one line: its values, the way a person would say them."""
    values = [value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in input.values()]
    return one_line("  ".join(values), width)
