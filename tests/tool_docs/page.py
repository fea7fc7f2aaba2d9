"""The whole tools of docs/tools.md, to be written into a copy of the repository as a reader of the page would do it.

write_tool(checkout, "go")       # the files of the language's section, and tool.json with what the table has for it
commands(LANGUAGES["go"])        # the section's own shell commands
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| (go|java|python|rust|typescript) \| (\S+) \| (\S*) ?\|$", re.MULTILINE)
COMMON, *SECTIONS = re.split(r"^### (?=\w+$)", (ROOT / "docs/tools.md").read_text("utf-8"), flags=re.MULTILINE)
LANGUAGES = {section.partition("\n")[0].lower(): section for section in SECTIONS}


def commands(text: str) -> list[str]:
    return [line for kind, _, block in _blocks(text) if kind == "sh" for line in block.splitlines()]


def write_tool(checkout: Path, language: str) -> None:
    """Fails where a file that the section changes is not as the section shows it."""
    path, text = description(language)
    _write(checkout / path, "json", text)
    for kind, path, text in _blocks(LANGUAGES[language]):
        if path:
            _write(checkout / path, kind, text)


def description(language: str) -> tuple[str, str]:
    """Where the tool's tool.json lies, and its text: the page's, with the lines that the table has for the language."""
    [(path, text)] = [(path, text) for _, path, text in _blocks(COMMON) if path.endswith("tool.json")]
    [(runtime, handler)] = [(runtime, handler) for name, runtime, handler in ROW.findall(COMMON) if name == language]
    own = {"language": language, "runtime": runtime, "handler": handler}
    for name, value in own.items():
        line = f'  "{name}": "{value}",\n' if value else ""
        text = re.sub(rf'^  "{name}": .*\n', line, text, flags=re.MULTILINE)
    return path.replace("/go/", f"/{language}/"), text


def _blocks(text: str) -> list[tuple[str, str, str]]:
    """Kind, path (or nothing) and content."""
    return [(kind, path or "", content) for kind, path, content in BLOCK.findall(text)]


def _write(file: Path, kind: str, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    if kind != "diff":
        file.write_text(text, "utf-8")
        return
    before = "".join(line[1:] for line in text.splitlines(keepends=True) if line[0] != "+")
    after = "".join(line[1:] for line in text.splitlines(keepends=True) if line[0] != "-")
    found = file.read_text("utf-8")
    assert found.count(before) == 1, f"{file} has changed: docs/tools.md shows another place in it"
    file.write_text(found.replace(before, after), "utf-8")
