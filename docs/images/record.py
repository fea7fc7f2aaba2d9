"""Runs a command in a terminal, and draws what stood there in the end as SVG: record.py COLUMNS FILE COMMAND ..."""

import fcntl
import os
import pty
import re
import struct
import sys
import termios
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text


def recorded(columns: int, command: list[str]) -> str:
    """What the command printed, its escape sequences included."""
    process, terminal = pty.fork()
    if process == 0:
        os.environ["TERM"] = "xterm-256color"
        os.environ.pop("NO_COLOR", None)
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 60, columns, 0, 0))
    output = bytearray()
    try:
        while data := os.read(terminal, 65536):
            output += data
    except OSError:
        pass  # Linux says so when the other end has closed.
    os.waitpid(process, 0)
    return output.decode()


def settled(output: str) -> str:
    """The lines as they stood in the end: a spinner goes up a line and draws over it."""
    lines = [""]
    for part in re.split(r"(\r?\n|\r|\x1b\[1A|\x1b\[2K)", output):
        match part:
            case "\n" | "\r\n":
                lines.append("")
            case "\x1b[1A" if len(lines) > 1:
                lines.pop()
            case "\x1b[2K":
                lines[-1] = ""
            case "\r" | "\x1b[1A":
                pass
            case _:
                lines[-1] += part
    return "\n".join(lines)


def draw(columns: int, command: list[str], text: str) -> str:
    """A terminal window with the command and what it printed; the temporary part of paths is shortened."""
    console = Console(width=columns, record=True, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text(f"$ {' '.join(command)}", "bold green"))
    console.print(Text.from_ansi(text.replace(str(Path.home()), "~")))
    return console.export_svg(title="stepsmith", unique_id="run")


if __name__ == "__main__":
    width, path, *words = sys.argv[1:]
    Path(path).write_text(draw(int(width), words, settled(recorded(int(width), words))))
