"""One cell as a notebook runs it: the statements, then the value of a last expression; a traceback of its own lines.

What the code prints goes to the file descriptors of the process, where whoever started it reads stdout and stderr in
the order they were written.
"""

from __future__ import annotations

import ast
import linecache
import sys
import traceback
from collections.abc import Iterable
from typing import Any

CELL = "<cell "  # How the file names of cells begin: "<cell 3>".
MAX_VALUE = 64 * 1024  # Characters.
MAX_TRACEBACK = 8 * 1024
DEPTH = 4  # Of lists and arrays in which parts of a chart come; a list may be in itself.


def file_name(number: int) -> str:
    return f"{CELL}{number}>"


def remember_source(name: str, code: str) -> None:
    """Lets tracebacks (and `inspect`) show the lines of a cell that is no file."""
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)


def execute(code: str, name: str, namespace: dict[str, Any]) -> Any:
    """Runs the cell; the value of its last statement where that is an expression, else None. Raises what it raises."""
    tree = ast.parse(code, name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), namespace)
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), name, "eval"), namespace)


def defines_something(code: str) -> bool:
    """Whether later cells may run lines of this one: then its source is kept."""
    makers = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    return any(isinstance(node, makers) for node in ast.walk(ast.parse(code)))


def readable(value: Any) -> str | None:
    """The value as text: `repr`, tables of pandas in full width; nothing for None and for parts of a chart."""
    if value is None or _is_part_of_chart(value):
        return None
    _widen_tables()
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001 (code of the cell)
        return f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}... ({len(text):,} characters)"


def _is_part_of_chart(value: Any) -> bool:
    """`ax.set_title(..)` and its kin give back what they drew: alone, or as a list, tuple or array of such."""
    for _ in range(DEPTH):
        if not isinstance(value, list | tuple) and type(value).__name__ != "ndarray":
            break
        if getattr(value, "ndim", 1) == 0 or len(value) == 0:
            return False
        value = value[0]
    return type(value).__module__.partition(".")[0] == "matplotlib"


def _widen_tables() -> None:
    pandas = sys.modules.get("pandas")
    if pandas is not None:
        pandas.set_option("display.width", 200, "display.max_columns", 40, "display.max_rows", 60)


def trimmed_traceback(error: BaseException) -> str:
    """The traceback without the lines of the interpreter and of libraries: those of cells, and the error."""
    whole = traceback.TracebackException.from_exception(error)
    for each in _chain(whole):
        each.stack = traceback.StackSummary.from_list(_own(each.stack))
    text = "".join(whole.format()).rstrip()
    return text if len(text) <= MAX_TRACEBACK else f"{text[: MAX_TRACEBACK // 2]}\n...\n{text[-MAX_TRACEBACK // 2 :]}"


def _own(stack: Iterable[traceback.FrameSummary]) -> list[traceback.FrameSummary]:
    return [frame for frame in stack if frame.filename.startswith(CELL)]


def _chain(first: traceback.TracebackException) -> list[traceback.TracebackException]:
    """The exception, its causes and the members of its groups; each once."""
    waiting: list[traceback.TracebackException | None] = [first]
    found: list[traceback.TracebackException] = []
    while waiting:
        each = waiting.pop()
        if each is not None and all(each is not other for other in found):
            found.append(each)
            waiting += [each.__cause__, each.__context__, *(each.exceptions or [])]
    return found
