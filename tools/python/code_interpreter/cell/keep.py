"""What a cell leaves to the next one: its variables, functions, classes and imports, as bytes.

All that can be pickled goes into one pickle, so that two names of one object stay two names of one object. cloudpickle
takes functions and classes by value; ours differs from it in one point: a function keeps looking its globals up in the
namespace of the cells, as in a notebook, not in a private copy of them.

Imports are kept by name and made again only when the text of a later cell (or of a function) mentions them: importing
pandas is most of the time of a small cell. Objects of matplotlib are not kept: a chart is finished with its cell.

Unpickling runs whatever the bytes say. It happens only here, inside the sandbox.
"""

from __future__ import annotations

import importlib
import io
import pickle
import re
import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cloudpickle  # type: ignore[import-untyped]  # It has no types.

MAX_NAMES = 50  # Of what was not kept: a sentence for a model, not a list.


class TooLarge(Exception):
    """The pickle passed its bound."""


@dataclass(frozen=True)
class Memory:
    """The state as bytes, and for each name that is not in it, why."""

    blob: bytes
    dropped: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Past:
    """What the cells before left: `values` by name, `imports` (alias: module), `sources` of cells by file name."""

    values: Mapping[str, Any] = field(default_factory=dict)
    imports: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)


_namespace: dict[str, Any] = {}


def namespace() -> dict[str, Any]:
    """The globals of the cells of this process; pickles name this function where a function names its globals."""
    return _namespace


class _Globals:
    def __reduce__(self) -> tuple[Any, ...]:
        return namespace, ()


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]  # Untyped, so Any.
    def reducer_override(self, obj: Any) -> Any:
        if type(obj).__module__.partition(".")[0] == "matplotlib":
            raise pickle.PicklingError("a chart and its parts end with their cell")
        if isinstance(obj, io.TextIOWrapper):  # cloudpickle would keep a copy of what the file holds.
            raise pickle.PicklingError("an open file ends with its cell")
        return super().reducer_override(obj)

    def _dynamic_function_reduce(self, func: types.FunctionType) -> Any:
        make, arguments, state, *rest = super()._dynamic_function_reduce(func)
        if func.__globals__ is not _namespace:
            return make, arguments, state, *rest
        code, _, *others = arguments
        attributes, slots = state
        return make, (code, _Globals(), *others), (attributes, {**slots, "__globals__": {}}), *rest


class _Bounded(io.BytesIO):
    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, data: Any, /) -> int:
        if self.tell() + len(data) > self._limit:
            raise TooLarge
        return super().write(data)


def _dumps(value: Any, limit: int) -> bytes:
    file = _Bounded(limit)
    _Pickler(file, protocol=5).dump(value)
    return file.getvalue()


def dump(names: Mapping[str, Any], past: Past, limit: int) -> Memory:
    """All of `names` that can be pickled, in at most `limit` bytes; imports not made again are taken from `past`."""
    modules = {name: value.__name__ for name, value in names.items() if isinstance(value, types.ModuleType)}
    values = {name: value for name, value in names.items() if name not in modules}
    imports = {**{name: module for name, module in past.imports.items() if name not in values}, **modules}
    try:
        return Memory(_dumps(Past(values, imports, past.sources), limit))
    except BaseException:  # noqa: BLE001 (whatever a `__reduce__` of the cell raises)
        kept, dropped = _choose(values, limit)
    return Memory(_dumps(Past(kept, imports, past.sources), 2 * limit), dropped)


def _choose(values: Mapping[str, Any], limit: int) -> tuple[dict[str, Any], dict[str, str]]:
    """One by one: who fails is out, then the largest until the others fit."""
    sizes: dict[str, int] = {}
    dropped: dict[str, str] = {}
    for name, value in values.items():
        try:
            sizes[name] = len(_dumps(value, limit))
        except TooLarge:
            dropped[name] = f"larger than {limit >> 20} MiB"
        except BaseException as error:  # noqa: BLE001 (likewise)
            dropped[name] = _reason(value, error)
    while sum(sizes.values()) > limit:
        largest = max(sizes, key=lambda name: sizes[name])
        dropped[largest] = f"{sizes.pop(largest) >> 20} MiB, and all variables together may have {limit >> 20} MiB"
    return {name: values[name] for name in sizes}, dict(list(dropped.items())[:MAX_NAMES])


def _reason(value: Any, error: BaseException) -> str:
    words = str(error).partition("\n")[0][:160] or type(error).__name__
    return f"{type(value).__name__}: {words}"


def load(blob: bytes, code: str, into: dict[str, Any]) -> Past:
    """Puts the state into the namespace `into` and returns it. Imports that `code` does not mention stay names."""
    global _namespace
    _namespace = into
    past = pickle.loads(blob) if blob else Past()
    into.update(past.values)
    words = set(re.findall(r"\w+", "\n".join([code, *past.sources.values()])))
    for alias, module in past.imports.items():
        if alias in words:
            into[alias] = importlib.import_module(module)
    return past
