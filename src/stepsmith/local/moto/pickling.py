"""A backend's state as bytes and back: pickles that hold values of moto's classes and nothing that could act.

What pickle does not know how to write is written by hand: locks (made anew), private keys (as DER), dictionaries with a
factory. A reference to a backend stays a reference. Reading makes instances of moto's classes and of a few of the
standard library's and calls the functions in `_FUNCTIONS`: a data folder that somebody sends you runs no other code.
"""

import copyreg
import io
import pickle
import re
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Mapping
from functools import cache
from threading import Condition, Lock, RLock
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from . import backends

Attributes = Mapping[str, Any]


def packed(attributes: Attributes) -> bytes:
    """The attributes of a backend as bytes."""
    file = io.BytesIO()
    _Pickler(file, protocol=5).dump(dict(attributes))
    return file.getvalue()


def unpacked(body: bytes) -> dict[str, Any]:
    """The attributes again. pickle.UnpicklingError: they name something that is no value."""
    found: dict[str, Any] = _Unpickler(io.BytesIO(body)).load()
    return found


def restore(backend: Any, attributes: Attributes) -> None:
    """Puts kept attributes into a new backend. One that a newer moto has and the kept ones have not stays as new."""
    for name, value in attributes.items():
        fresh = getattr(backend, name, None)
        if isinstance(fresh, defaultdict) and not isinstance(value, defaultdict):
            fresh.update(value)
        else:
            setattr(backend, name, value)


class _Pickler(pickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        return _reducer(type(obj))(obj)  # type: ignore[arg-type]  # mypy takes no class for hashable


@cache
def _reducer(kind: type) -> Callable[[Any], Any]:
    """How values of this class are written; asked once for a class, as a state has thousands."""
    if kind in _LOCKS:
        return lambda obj: (_LOCKS[kind], ())
    if issubclass(kind, _CALLABLE):
        return _checked
    if issubclass(kind, defaultdict):
        return _reduced_dictionary
    if any(base.__name__ == "BaseBackend" for base in kind.__mro__):
        return lambda obj: (backends.at, (kind.__module__.split(".")[1], obj.account_id, obj.region_name))
    if hasattr(kind, "private_bytes"):
        return lambda obj: (_private_key, (_der(obj),))
    return lambda obj: NotImplemented


def _checked(function: Any) -> Any:
    if function not in _WRITTEN:
        raise pickle.PicklingError(f"{function!r} is no value that can be kept")  # it could not be read again
    return NotImplemented


def _reduced_dictionary(obj: defaultdict[Any, Any]) -> Any:
    if "<locals>" in getattr(obj.default_factory, "__qualname__", ""):
        return dict, (dict(obj),)  # `restore` has the factory
    if type(obj) is defaultdict:
        return NotImplemented
    return _dictionary, (type(obj), obj.default_factory, vars(obj), dict(obj))


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if f"{module}.{name}" in _FUNCTIONS:
            return _FUNCTIONS[f"{module}.{name}"]
        if f"{module}.{name}" in _VALUES or module.startswith("moto."):
            found = super().find_class(module, name)
            if isinstance(found, type) or found in _LOCKS.values():
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no value that a service keeps")


def _dictionary(kind: Any, factory: Any, attributes: Attributes, items: Attributes) -> Any:
    """A subclass of defaultdict, whatever its own constructor wants."""
    made = kind.__new__(kind)
    defaultdict.__init__(made, factory)
    vars(made).update(attributes)
    made.update(items)
    return made


def _der(key: Any) -> bytes:
    from cryptography.hazmat.primitives import serialization as form

    der: bytes = key.private_bytes(form.Encoding.DER, form.PrivateFormat.PKCS8, form.NoEncryption())
    return der


def _private_key(der: bytes) -> Any:
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    return load_der_private_key(der, None)


_LOCKS: Mapping[type, Any] = {Condition: Condition, type(RLock()): RLock, type(Lock()): Lock}
_CALLABLE = (BuiltinFunctionType, FunctionType, MethodType)
_REBUILT_BY = (_dictionary, _private_key, backends.at, re._compile, copyreg.__newobj__)  # type: ignore[attr-defined]
_WRITTEN = frozenset({*_LOCKS.values(), *_REBUILT_BY})
_FUNCTIONS = {
    f"{__name__}._dictionary": _dictionary,
    f"{__name__}._private_key": _private_key,
    f"{backends.__name__}.at": backends.at,
    "re._compile": re.compile,
}
_VALUES = frozenset(
    {
        *(f"builtins.{kind.__name__}" for kind in (bytearray, complex, dict, frozenset, list, set, tuple)),
        *(f"collections.{kind.__name__}" for kind in (OrderedDict, defaultdict, deque)),
        *(f"datetime.{name}" for name in ("date", "datetime", "time", "timedelta", "timezone")),
        *("decimal.Decimal", "uuid.UUID", "uuid.SafeUUID", "threading.Condition", "_thread.RLock", "_thread.lock"),
        *("threading.RLock", "threading.Lock", "_thread.allocate_lock"),
    }
)
"""Values of the standard library that moto's have inside."""
