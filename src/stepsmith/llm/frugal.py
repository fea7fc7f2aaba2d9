"""Imports of a vendor's SDK that skip what a call never uses: a cold start of a second less, with the real SDK.

``import anthropic`` builds some 2,000 pydantic models of every API that the vendor has, because each package's
``__init__`` imports all of them. A `Diet` says of one package

    hollow     subpackages that are registered without running their ``__init__``; a name asked of one is imported
               from where its ``__init__`` says it comes from
    deferred   modules of functions, imported when one of these functions is first called (an error, a trace)
    absent     optional extras that the SDK does without

and `imports` sets it up around the plain import statement:

    with frugal.imports(DIET):
        from anthropic import Anthropic

It tries the names that the caller will import; whatever goes wrong (another version, another layout), everything is
undone, and the statement does as it always did. So a diet can make a start slow again, never wrong. Meanwhile the
garbage collector rests: imports make no garbage, and looking for it takes a tenth of their time.
Measured by benchmarks/caller_cold_start.py.
"""

from __future__ import annotations

import gc
import logging
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

_log = logging.getLogger("stepsmith.llm")
_IMPORT = re.compile(r"^from (\.[\w.]*) import (\([^)]*\)|[^\n(]*)", re.MULTILINE)


@dataclass(frozen=True)
class Diet:
    """What to leave out of `package`; `names` are what the caller imports from it."""

    package: str
    names: tuple[str, ...]
    hollow: tuple[str, ...]
    deferred: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent: tuple[str, ...] = ()


@contextmanager
def imports(diet: Diet) -> Iterator[bool]:
    """Imports inside are made on this diet; False where they are the plain ones."""
    gc.disable()
    try:
        yield prepare(diet)
    finally:
        gc.freeze()  # What is imported stays for good: no later collection need look at it.
        gc.enable()


def prepare(diet: Diet) -> bool:
    """Sets a diet up; False where the package is loaded already, or cannot be loaded like this."""
    if diet.package in sys.modules:
        return False
    try:
        _register(diet)
        for name in diet.names:
            getattr(sys.modules[diet.package], name)
    except Exception as error:  # noqa: BLE001  (Whatever it is, the plain import is the answer.)
        _log.warning("%s is imported in full: %s: %s", diet.package, type(error).__name__, error)
        _undo(diet.package)
        return False
    return True


def _register(diet: Diet) -> None:
    for name in (diet.package, *(f"{diet.package}.{each}" for each in diet.hollow)):
        _attach(name, _hollow(name))
    for name, functions in diet.deferred.items():
        _attach(f"{diet.package}.{name}", _deferred(f"{diet.package}.{name}", functions))
    for name in diet.absent:
        sys.modules[f"{diet.package}.{name}"] = None  # type: ignore[assignment]  # Python's mark for "cannot be imported".


def _attach(name: str, module: ModuleType) -> None:
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if parent in sys.modules:
        setattr(sys.modules[parent], child, module)


def _hollow(package: str) -> ModuleType:
    """The package with its path and without its contents."""
    spec = find_spec(package)
    if spec is None or spec.loader is None or spec.submodule_search_locations is None:
        raise ImportError(f"{package} is no package of files")
    module = module_from_spec(spec)
    source = spec.loader.get_source(package)  # type: ignore[attr-defined]  # Loaders of files have it.
    module.__getattr__ = _on_demand(module, source)  # type: ignore[method-assign]  # PEP 562.
    return module


def _on_demand(module: ModuleType, source: str) -> Callable[[str], Any]:
    def find(name: str) -> Any:
        if not name.startswith("__"):
            for origin, names in _IMPORT.findall(source):
                if name in re.findall(r"\w+", names) and origin.strip("."):
                    value = getattr(import_module(origin, module.__name__), name)
                    setattr(module, name, value)
                    return value
        raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")

    return find


def _deferred(name: str, functions: tuple[str, ...]) -> ModuleType:
    """A stand-in for a module, whose functions import the real one when they are called."""

    def forward(function: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]
            return getattr(import_module(name), function)(*args, **kwargs)

        return call

    stand_in = ModuleType(name)
    for function in functions:
        setattr(stand_in, function, forward(function))
    return stand_in


def _undo(package: str) -> None:
    for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        del sys.modules[name]
