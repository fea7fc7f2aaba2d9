from typing import Any

import numpy
import pandas
import pytest

from . import execute


def error_of(code: str, names: dict[str, Any] | None = None, cell: str = "<cell 2>") -> str:
    execute.remember_source(cell, code)
    with pytest.raises(BaseException) as raised:
        execute.execute(code, cell, {} if names is None else names)
    return execute.trimmed_traceback(raised.value)


@pytest.mark.parametrize(
    ("code", "value"), [("1 + 1", 2), ("x = 3\nx", 3), ("x = 3", None), ("", None), ("if True:\n    5", None)]
)
def test_the_value_is_that_of_a_last_expression(code: str, value: Any) -> None:
    assert execute.execute(code, "<cell 1>", {}) == value


def test_a_traceback_holds_the_lines_of_cells_alone() -> None:
    text = error_of("import json\ndef read(t):\n    return json.loads(t)\nread('{')")
    assert text.splitlines()[:5] == [
        "Traceback (most recent call last):",
        '  File "<cell 2>", line 4, in <module>',
        "    read('{')",
        '  File "<cell 2>", line 3, in read',
        "    return json.loads(t)",
    ]
    assert "json/decoder.py" not in text
    assert "execute.py" not in text
    assert "JSONDecodeError" in text.splitlines()[-1]


def test_a_traceback_shows_lines_of_earlier_cells() -> None:
    names: dict[str, Any] = {}
    first = "def f():\n    return 1 / 0"
    execute.remember_source("<cell 1>", first)
    execute.execute(first, "<cell 1>", names)
    assert "    return 1 / 0" in error_of("f()", names)


def test_causes_are_trimmed_too() -> None:
    text = error_of("import json\ntry:\n    json.loads('{')\nexcept ValueError as e:\n    raise KeyError('a') from e")
    assert "direct cause" in text
    assert "decoder.py" not in text


def test_a_syntax_error_points_at_its_place() -> None:
    text = error_of("x = 1\ndef f(:")
    assert 'File "<cell 2>", line 2' in text
    assert "SyntaxError" in text


def test_endless_recursion_is_a_short_traceback() -> None:
    assert len(error_of("def f(): f()\nf()")) < 3000


@pytest.mark.parametrize(
    "code", ["raise SystemExit(3)", "raise KeyboardInterrupt", "raise ExceptionGroup('a', [KeyError(1)])"]
)
def test_all_that_can_be_raised_has_a_traceback(code: str) -> None:
    assert '"<cell 2>", line 1' in error_of(code)


def test_tables_are_shown_in_full_width() -> None:
    table = pandas.DataFrame({f"column_{n}": [n] * 3 for n in range(12)})
    shown = execute.readable(table)
    assert shown is not None
    assert "..." not in shown
    assert all(f"column_{n}" in shown for n in range(12))


def test_long_values_are_cut_and_their_length_is_said() -> None:
    shown = execute.readable("x" * 1_000_000)
    assert shown is not None
    assert len(shown) < 70_000
    assert shown.endswith("(1,000,002 characters)")


def test_a_repr_that_raises_is_no_error() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise ValueError

    assert execute.readable(Broken()) == "<Broken, whose repr raises ValueError>"


def test_a_list_in_itself_and_an_array_without_axes_are_values() -> None:
    endless: list[object] = []
    endless.append(endless)
    assert execute.readable(endless) == "[[...]]"
    assert execute.readable(numpy.array(5)) == "array(5)"


def test_parts_of_a_chart_are_no_value() -> None:
    from matplotlib.figure import Figure

    axes = Figure().subplots(2, 2)
    assert [execute.readable(part) for part in (axes, axes[0, 0], axes[0, 0].plot([1]), None)] == [None] * 4
    assert execute.readable([]) == "[]"


def test_sources_are_kept_where_later_cells_can_run_their_lines() -> None:
    assert execute.defines_something("f = lambda: 1")
    assert execute.defines_something("class A: pass")
    assert not execute.defines_something("x = 1")
