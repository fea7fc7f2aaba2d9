import threading
import types
from collections.abc import Iterator
from typing import Any

import pytest

from . import execute, keep
from .keep import Memory, Past

ROOMY = 1 << 20


class Notebook:
    """Cells in this process, each in a namespace restored from the bytes that the one before left."""

    def __init__(self) -> None:
        self.memory = Memory(b"")
        self.names: dict[str, Any] = {}

    def cell(self, code: str, limit: int = ROOMY) -> Any:
        self.names = {"__builtins__": __builtins__, "__name__": "__main__"}
        past = keep.load(self.memory.blob, code, self.names)
        value = execute.execute(code, "<cell 1>", self.names)
        own = {name: value for name, value in self.names.items() if not name.startswith("__")}
        self.memory = keep.dump(own, past, limit)
        return value


@pytest.fixture
def notebook() -> Iterator[Notebook]:
    yield Notebook()
    keep.load(b"", "", {})


def test_values_functions_and_classes_are_there_in_the_next_cell(notebook: Notebook) -> None:
    notebook.cell(
        "x = 2\ndef double(a): return a * x\nclass Point:\n    def __init__(self, y): self.y = y\np = Point(5)"
    )
    assert notebook.cell("double(p.y), isinstance(p, Point)") == (10, True)


def test_a_function_sees_globals_that_a_later_cell_sets(notebook: Notebook) -> None:
    notebook.cell("rate = 1\ndef price(): return rate\ndef raise_to(r):\n    global rate\n    rate = r")
    notebook.cell("raise_to(7)")
    assert notebook.cell("price()") == 7
    assert notebook.cell("rate = 9; price()") == 9


def test_two_names_of_one_object_stay_two_names_of_one_object(notebook: Notebook) -> None:
    notebook.cell("a = []; b = {'a': a}")
    assert notebook.cell("a.append(1); b['a'] is a") is True


def test_closures_and_recursion_survive(notebook: Notebook) -> None:
    notebook.cell("def make(n):\n    def add(m): return n + m\n    return add\nadd = make(3)")
    notebook.cell("def factorial(n): return n * factorial(n - 1) if n else 1")
    assert notebook.cell("add(4), factorial(5)") == (7, 120)


def test_dataclasses_and_enums_survive(notebook: Notebook) -> None:
    notebook.cell(
        "from dataclasses import dataclass\nfrom enum import Enum\n@dataclass\nclass P:\n    x: int\np = P(1)"
    )
    notebook.cell("class Colour(Enum):\n    RED = 1\nred = Colour.RED")
    assert notebook.cell("p == P(1), red is Colour.RED") == (True, True)


def test_what_cannot_be_pickled_is_named_and_the_rest_is_kept(notebook: Notebook) -> None:
    notebook.cell("import threading\nx = 1\nlock = threading.Lock()\nlater = (i for i in range(3))")
    assert set(notebook.memory.dropped) == {"lock", "later"}
    assert "cannot pickle" in notebook.memory.dropped["lock"]
    assert notebook.cell("x") == 1


def test_a_function_that_uses_an_unpicklable_global_is_kept(notebook: Notebook) -> None:
    notebook.cell("import threading\nlock = threading.Lock()\ndef f():\n    with lock: return 1")
    assert set(notebook.memory.dropped) == {"lock"}
    assert notebook.cell("import threading\nlock = threading.Lock(); f()") == 1


@pytest.mark.parametrize("error", ["RuntimeError", "SystemExit"])
def test_an_object_whose_pickling_raises_is_named(notebook: Notebook, error: str) -> None:
    notebook.cell(f"class Shy:\n    def __reduce__(self): raise {error}('not me')\nshy = Shy(); x = 1")
    assert notebook.memory.dropped == {"shy": "Shy: not me"}


def test_parts_of_charts_are_not_kept(notebook: Notebook) -> None:
    notebook.cell(
        "from matplotlib.figure import Figure\nfigure = Figure(); axes = {'left': figure.add_subplot()}; n = 3"
    )
    assert set(notebook.memory.dropped) == {"figure", "axes"}
    assert notebook.cell("n") == 3


def test_imports_come_back_when_the_code_mentions_them(notebook: Notebook) -> None:
    notebook.cell("import json as j, math\ndef area(r): return math.pi * r")
    assert notebook.cell("j.dumps([1])") == "[1]"
    assert isinstance(notebook.names["j"], types.ModuleType)
    notebook.cell("1 + 1")
    assert "j" not in notebook.names
    assert notebook.cell("j.loads('2')") == 2


def test_an_import_that_a_value_has_replaced_does_not_come_back(notebook: Notebook) -> None:
    notebook.cell("import json as j")
    notebook.cell("j = 5")
    assert notebook.cell("j") == 5


def test_the_largest_go_first_when_the_state_is_too_large(notebook: Notebook) -> None:
    notebook.cell("small = 'a' * 100; large = 'b' * 3000; huge = 'c' * 6000", limit=4000)
    assert set(notebook.memory.dropped) == {"huge"}
    assert notebook.cell("len(small), len(large)") == (100, 3000)


def test_many_that_are_too_large_together_lose_the_largest(notebook: Notebook) -> None:
    notebook.cell("a = 'a' * 1000; b = 'b' * 1500; c = 'c' * 1800", limit=4000)
    assert set(notebook.memory.dropped) == {"c"}


def test_nothing_is_an_empty_past() -> None:
    assert keep.load(b"", "x", {}) == Past()


def test_a_lock_is_no_secret_of_the_test_above() -> None:
    assert set(keep.dump({"lock": threading.Lock()}, Past(), ROOMY).dropped) == {"lock"}
