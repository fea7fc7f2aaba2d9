"""JSONata's own words for an error of jsonata2py, which has the codes but not always the words.

The words are those of jsonata 2.0.6. What jsonata2py leaves out of them (the function, the operator, the values) is
read from the traceback: the translated code calls the package's function by name, with the values as its arguments. So
it costs nothing until something fails, and what cannot be found leaves the package's own message as it is.
"""

from __future__ import annotations

import json
import linecache
import re
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import CO_VARARGS
from types import FrameType
from typing import Any

from jsonata2py import JsonataError

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_OPERATORS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def worded(error: JsonataError) -> str:
    """The message led by its code; a function in it loses its address, so that a replay reads the same."""
    code, message = error.error_code, _ADDRESS.sub("", error.message)
    if not code:
        return message
    message = message.removeprefix(f"{code}: ")
    words = _WORDS.get(code)
    try:
        return f"{code}: {words(_failed_call(error, message)) if words else message}"
    except (LookupError, AttributeError, TypeError, ValueError):
        return f"{code}: {message}"


@dataclass(frozen=True, slots=True)
class _Call:
    """The call of the package's that failed: its name, its arguments, the JSONata function around it, the message."""

    name: str
    arguments: tuple[Any, ...]
    around: str
    message: str

    def shown(self, index: int) -> str:
        return json.dumps(self.arguments[index], ensure_ascii=False)


def _failed_call(error: JsonataError, message: str) -> _Call:
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    last = max(index for index, frame in enumerate(frames) if frame.f_code.co_filename.startswith("<"))
    called = frames[last + 1]
    name, arguments = called.f_code.co_name, _arguments(called)
    if name.startswith("call_builtin"):
        name, arguments = arguments[0].__name__, tuple(called.f_locals.get("args", ()))
    built_in = name.startswith("fn_") and name != "fn_signature_error"
    around = name if built_in else _around(traceback.extract_tb(error.__traceback__)[last])
    return _Call(name, arguments, around.removeprefix("fn_"), message)


def _arguments(frame: FrameType) -> tuple[Any, ...]:
    code = frame.f_code
    named = tuple(frame.f_locals[name] for name in code.co_varnames[: code.co_argcount])
    rest = code.co_varnames[code.co_argcount + code.co_kwonlyargcount] if code.co_flags & CO_VARARGS else None
    return named if rest is None else (*named, *frame.f_locals[rest])


def _around(place: traceback.FrameSummary) -> str:
    """The function in whose arguments the failing call stands: `fn_sum` of `fn_sum(sig_a(..))`."""
    before = linecache.getline(place.filename, place.lineno or 0)[: place.colno or 0]
    depth = 0
    for index in range(len(before) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(before[index], 0)
        if depth < 0:
            name = re.search(r"fn_\w+$", before[:index])
            return name[0] if name else ""
    return ""


def _ordering(call: _Call) -> str:
    operator = _OPERATORS[call.name]
    return f'The expressions either side of operator "{operator}" must evaluate to numeric or string values'


def _mixed_ordering(call: _Call) -> str:
    values = f"{call.shown(0)} and {call.shown(1)}"
    return f'The values {values} either side of operator "{_OPERATORS[call.name]}" must be of the same data type'


def _signature(call: _Call) -> str:
    named = call.message.replace("of function ", f'of function "{call.around}" ', 1) if call.around else call.message
    return re.sub(r"an array of (\w+)$", r'an array of "\1"', named)


def _fixed(words: str) -> Callable[[_Call], str]:
    return lambda call: words


_WORDS: Mapping[str, Callable[[_Call], str]] = {
    "D1002": lambda call: f"Cannot negate a non-numeric value: {call.shown(0)}",
    "D1009": lambda call: call.message.replace("to the same key", "to same key"),
    "D3010": _fixed("Second argument of replace function cannot be an empty string"),
    "D3011": _fixed("Fourth argument of replace function must evaluate to a positive number"),
    "D3020": _fixed("Third argument of split function must evaluate to a positive number"),
    "D3030": lambda call: f"Unable to cast value to a number: {call.shown(0)}",
    "D3050": _fixed("The second argument of reduce function must be a function with at least two arguments"),
    "D3060": lambda call: f"The sqrt function cannot be applied to a negative number: {call.shown(0)}",
    "D3061": lambda call: (
        "The power function has resulted in a value that cannot be represented as a JSON number: "
        f"base={call.shown(0)}, exponent={call.shown(1)}"
    ),
    "D3070": _fixed(
        "The single argument form of the sort function can only be applied to an array of strings or an array of "
        "numbers.  Use the second argument to specify a comparison function"
    ),
    "D3110": lambda call: (
        f"The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given {call.shown(0)}"
    ),
    "D3138": _fixed("The $single() function expected exactly 1 matching result.  Instead it matched more."),
    "D3139": _fixed("The $single() function expected exactly 1 matching result.  Instead it matched 0."),
    "D3140": lambda call: f"Malformed URL passed to ${call.name.removeprefix('fn_')}(): {call.shown(0)}",
    "T0410": _signature,
    "T0412": _signature,
    "T1006": _fixed("Attempted to invoke a non-function"),
    "T2001": lambda call: re.sub(r"the (\S+) operator", r'the "\1" operator', call.message),
    "T2002": lambda call: re.sub(r"the (\S+) operator", r'the "\1" operator', call.message),
    "T2003": _fixed("The left side of the range operator (..) must evaluate to an integer"),
    "T2004": _fixed("The right side of the range operator (..) must evaluate to an integer"),
    "T2006": _fixed("The right side of the function application operator ~> must be a function"),
    "T2009": _mixed_ordering,
    "T2010": _ordering,
}
