"""Claims on frugal imports: less is loaded, nothing is different, and whatever fails is loaded as always."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stepsmith.llm import frugal

PACKAGE = {
    "__init__.py": """
from .heavy import Heavy
from .client import (
    Client,
    greet as greet,
)
""",
    "heavy.py": "class Heavy: pass",
    "client.py": """
from .errors import make
from . import types

class Client:
    fail = make

def greet():
    return "hi"
""",
    "errors.py": "def make(*given): return 'made'",
    "types/__init__.py": """
from ..heavy import Heavy
from .small import Small
""",
    "types/small.py": "class Small: pass",
}
Run = Callable[[str], str]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    for name, text in PACKAGE.items():
        (tmp_path / "vendor_sdk" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "vendor_sdk" / name).write_text(text)

    def run(program: str) -> str:
        """What a fresh process prints."""
        setup = f"import sys; sys.path[:0] = {[str(tmp_path), *sys.path]!r}\nfrom {frugal.__package__} import frugal\n"
        done = subprocess.run([sys.executable, "-c", setup + program], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    return run


DIET = """
DIET = frugal.Diet("vendor_sdk", names=("Client",), hollow=("types",), deferred={"errors": ("make",)})
with frugal.imports(DIET) as frugally:
    from vendor_sdk import Client
"""


def test_only_what_is_asked_for_is_loaded(run: Run) -> None:
    assert run(DIET + "print(frugally, 'vendor_sdk.heavy' in sys.modules)") == "True False"


def test_a_deferred_function_does_what_it_always_does(run: Run) -> None:
    program = """
def is_loaded(): return hasattr(sys.modules["vendor_sdk.errors"], "__file__")
print(is_loaded(), Client().fail(), is_loaded())
"""
    assert run(DIET + program) == "False made True"


def test_other_names_are_found_where_the_package_says_they_are(run: Run) -> None:
    program = """
from vendor_sdk.types import Small
from vendor_sdk import Heavy, greet
print(Small.__name__, Heavy.__name__, greet())
"""
    assert run(DIET + program) == "Small Heavy hi"


def test_a_name_that_is_not_there_is_an_import_error_as_always(run: Run) -> None:
    program = (
        "try:\n    from vendor_sdk import Nothing\nexcept ImportError as error:\n    print('Nothing' in str(error))"
    )
    assert run(DIET + program) == "True"


@pytest.mark.parametrize(
    "broken", ["hollow=('none',)", "hollow=(), absent=('client',)", "hollow=(), deferred={'client': ()}"]
)
def test_a_diet_that_does_not_fit_is_given_up(run: Run, broken: str) -> None:
    program = f"""
with frugal.imports(frugal.Diet("vendor_sdk", names=("Client",), {broken})) as frugally:
    from vendor_sdk import Client
print(frugally, Client().fail(), 'vendor_sdk.heavy' in sys.modules)
"""
    assert run(program) == "False made True"


def test_the_garbage_collector_works_again_afterwards(run: Run) -> None:
    assert run(DIET + "import gc\nprint(gc.isenabled())") == "True"
