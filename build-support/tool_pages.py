"""Makes the pages of the tools from their tool.json, and the table in tools/README.md; `--check` says what is stale.

    build-support/python build-support/tool_pages.py [--check]

docs/reference/tools/<function>.md     one page a tool function
tools/README.md                        the table between its two marks; sizes and start times are those that
                                       benchmarks/tool_starts.py wrote to tools/measured.json, with their date
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from stepsmith.contracts import Tool, ToolFunction

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs/reference/tools"
README = ROOT / "tools/README.md"
MEASURED = ROOT / "tools/measured.json"
BEGIN, END = "<!-- made by build-support/tool_pages.py -->\n", "<!-- end -->"
HINTS = {
    "readOnlyHint": "changes nothing outside the run's artifacts",
    "destructiveHint": "may destroy: a person is asked before each call",
    "idempotentHint": "may be repeated",
    "openWorldHint": "brings in content of the outside world, marked untrusted",
}


def functions(root: Path = ROOT) -> tuple[ToolFunction, ...]:
    found = sorted((root / "tools").glob("*/*/tool.json"))
    return tuple(ToolFunction.from_json(json.loads(path.read_text("utf-8"))) for path in found)


def documents() -> dict[Path, str]:
    """Every made file and its whole text."""
    described = functions()
    made = {PAGES / f"{each.function}.md": page(each) for each in described}
    before, _, rest = README.read_text("utf-8").partition(BEGIN)
    measured = json.loads(MEASURED.read_text("utf-8"))
    return {**made, README: f"{before}{BEGIN}{table(described, measured)}{END}{rest.partition(END)[2]}"}


def page(function: ToolFunction) -> str:
    source = f"../../../tools/{function.language}/{function.function}"
    lines = [
        f"# {function.function}",
        "",
        f"<!-- Made from tool.json by build-support/tool_pages.py; edit that file. -->\n[`{source[9:]}`]({source})",
        "",
        *_rows(("setting", "value"), _settings(function)),
        "",
        *(line for tool in function.tools for line in _tool(tool)),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _settings(function: ToolFunction) -> Iterator[tuple[str, str]]:
    yield "language", function.language
    yield "runtime", function.runtime or "python3.12"
    yield "timeout, memory", f"{function.timeout_seconds} s, {function.memory_mb} MB"
    yield "network", function.network
    yield "secrets", ", ".join(f"`{name}`" for name in function.secrets) or "none"
    yield (
        "permissions",
        "; ".join(f"{', '.join(one.actions)} on {', '.join(one.resources)}" for one in function.permissions) or "none",
    )
    if function.environment:
        yield "environment", ", ".join(f"`{name}={value}`" for name, value in function.environment.items())
    if function.serial:
        yield "serial", "a turn with one of its calls runs its calls one after another"


def _tool(tool: Tool) -> Iterator[str]:
    yield from (f"## {tool.name}", "", tool.description, "")
    hints = [words for hint, words in HINTS.items() if getattr(tool.annotations, hint)]
    yield from (f"Hints: {'; '.join(hints) or 'none'}.", "")
    required = tool.input_schema.get("required", ())
    fields = tool.input_schema.get("properties", {})
    if not fields:
        yield from ("It takes no input.", "")
        return
    rows = (
        (f"`{name}`", _kind(each), "yes" if name in required else "", each.get("description", ""))
        for name, each in fields.items()
    )
    yield from (*_rows(("field", "type", "needed", "meaning"), rows), "")


def _kind(schema: Mapping[str, Any]) -> str:
    """``integer, 1 to 20``: the type with its bounds."""
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        bounds = _bounds(schema, "minItems", "maxItems")
        return f"array of {_kind(schema.get('items', {}))}" + (f", {bounds} items" if bounds else "")
    type_ = schema.get("type", "any")
    bounds = _bounds(schema, "minimum", "maximum") or _bounds(schema, "minLength", "maxLength", " characters")
    return " or ".join(type_) if isinstance(type_, list) else f"{type_}{', ' if bounds else ''}{bounds}"


def _bounds(schema: Mapping[str, Any], least: str, most: str, unit: str = "") -> str:
    match schema.get(least), schema.get(most):
        case None, None:
            return ""
        case low, None:
            return f"at least {low}{unit}"
        case None, high:
            return f"at most {high}{unit}"
        case low, high:
            return f"{low} to {high}{unit}"


def table(described: Iterable[ToolFunction], measured: Mapping[str, Any]) -> str:
    head = ("function", "tools", "language", "zip MB", "unzipped MB", "cold start ms", "warm call ms")
    rows = (
        (
            f"[{each.function}](../docs/reference/tools/{each.function}.md)",
            ", ".join(f"`{tool.name}`" for tool in each.tools),
            each.language,
            *_numbers(measured["tools"].get(f"{each.language}/{each.function}")),
        )
        for each in described
    )
    note = f"Measured on {measured['date']} ({measured['machine']}): {measured['how']}."
    return "\n".join([*_rows(head, rows), "", note, ""])


def _numbers(one: Mapping[str, float] | None) -> tuple[str, ...]:
    if one is None:
        return ("not measured",) + ("",) * 3
    megabytes = (f"{one[name] / 1e6:.2f}" for name in ("zip_bytes", "unzipped_bytes"))
    return (*megabytes, f"{one['cold_ms']:.0f}", f"{one['warm_ms']:.1f}")


def _rows(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """A Markdown table; what would end a cell is escaped."""
    cells = (["---"] * len(head), *rows)
    lines = [head, *cells]
    return [
        f"| {' | '.join(cell.replace('|', chr(92) + '|').replace(chr(10), '<br>') for cell in row)} |" for row in lines
    ]


def stale(wanted: Mapping[Path, str]) -> list[Path]:
    """Files that are not as they would be made, and pages of tools that are no more."""
    differs = [path for path, text in wanted.items() if not path.is_file() or path.read_text("utf-8") != text]
    return [*differs, *(path for path in PAGES.glob("*.md") if path not in wanted)]


def main(words: list[str]) -> int:
    wanted = documents()
    for path in (found := stale(wanted)):
        if words == ["--check"]:
            print(
                f"{path.relative_to(ROOT)} is stale: build-support/python build-support/tool_pages.py makes it again."
            )
        elif path in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], "utf-8")
        else:
            path.unlink()
    return 1 if found and words == ["--check"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
