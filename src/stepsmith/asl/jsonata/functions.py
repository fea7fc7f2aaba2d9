"""The functions that Step Functions adds to JSONata, engine by engine the same.

$parse $partition $range $hash $random(seed) $uuid, as "JSONata functions provided by Step Functions" in the Developer
Guide describes them; their bounds are those of the intrinsics they replace (States.ArrayRange, States.Hash ..).
$random and $shuffle take their numbers from the execution's seed, so that a replay sees the same ones.
Each takes the Moment first; an argument left out or undefined is UNDEFINED, and so may be the result.
"""

from __future__ import annotations

import hashlib
import json
import math
import uuid as uuids
from collections.abc import Callable, Mapping

from ..values import Json
from .evaluator import UNDEFINED, EvaluationFailure, Moment
from .java_random import first_double

Function = Callable[..., Json]
MAX_RANGE = 1_000
_ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def parse(moment: Moment, text: Json) -> Json:
    """$parse(json): JSON text as a value."""
    if text is UNDEFINED:
        return UNDEFINED
    try:
        return json.loads(_text("parse", 1, text), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise EvaluationFailure(f"D3120: $parse: the text is not JSON: {error}") from error


def partition(moment: Moment, array: Json, size: Json = UNDEFINED) -> Json:
    """$partition(array, size): the array in chunks of `size`, the last one shorter."""
    if array is UNDEFINED:
        return UNDEFINED
    items = array if isinstance(array, list) else [array]
    step = _whole("partition", 2, size)
    if step < 1:
        raise EvaluationFailure("D3130: $partition: the chunk size must be a positive integer")
    return [items[start : start + step] for start in range(0, len(items), step)]


def range_(moment: Moment, first: Json, last: Json = UNDEFINED, step: Json = UNDEFINED) -> Json:
    """$range(first, last, step), both ends included; one number alone unwraps, as every singleton sequence does."""
    if UNDEFINED in (first, last, step):
        return UNDEFINED
    start, end, delta = (_whole("range", index, value) for index, value in enumerate((first, last, step), start=1))
    if delta == 0:
        raise EvaluationFailure("D3131: $range: the step must not be 0")
    numbers = range(start, end + (1 if delta > 0 else -1), delta)
    if len(numbers) > MAX_RANGE:
        raise EvaluationFailure(f"D2014: $range: more than {MAX_RANGE} numbers")
    return numbers[0] if len(numbers) == 1 else list(numbers)


def hash_(moment: Moment, data: Json, algorithm: Json = UNDEFINED) -> Json:
    """$hash(data, algorithm): the hash of the text as lower-case hex; MD5, SHA-1, SHA-256, SHA-384, SHA-512."""
    if data is UNDEFINED:
        return UNDEFINED
    name = _text("hash", 2, algorithm)
    if name not in _ALGORITHMS:
        raise EvaluationFailure(f"D3132: $hash: no algorithm {name!r}; one of {', '.join(_ALGORITHMS)}")
    encoded = _text("hash", 1, data).encode("utf-8", "replace")
    return hashlib.new(_ALGORITHMS[name], encoded, usedforsecurity=False).hexdigest()


def random(moment: Moment, seed: Json = UNDEFINED) -> Json:
    """$random(): the execution's next number; $random(seed): java.util.Random's first double, always the same."""
    return moment.random.random() if seed is UNDEFINED else first_double(_whole("random", 1, seed))


def uuid(moment: Moment) -> Json:
    """$uuid(): a version 4 UUID."""
    return str(uuids.UUID(int=moment.random.getrandbits(128), version=4))


def shuffle(moment: Moment, array: Json = UNDEFINED) -> Json:
    """JSONata's own $shuffle, from the execution's seed."""
    if array is UNDEFINED:
        return UNDEFINED
    items = list(array) if isinstance(array, list) else [array]
    moment.random.shuffle(items)
    return items


FUNCTIONS: Mapping[str, Function] = {
    "hash": hash_,
    "parse": parse,
    "partition": partition,
    "random": random,
    "range": range_,
    "shuffle": shuffle,
    "uuid": uuid,
}

ARITY: Mapping[str, int] = {"hash": 2, "parse": 1, "partition": 2, "random": 1, "range": 3, "shuffle": 1, "uuid": 0}
"""Arguments each takes at most."""


def call(name: str, moment: Moment, arguments: list[Json]) -> Json:
    """Calls a function by name; too many arguments are JSONata's T0410."""
    if len(arguments) > ARITY[name] or (not arguments and ARITY[name] and name != "random"):
        raise EvaluationFailure(f"T0410: ${name}: {len(arguments)} arguments do not match the function's signature")
    return FUNCTIONS[name](moment, *arguments)


def _text(function: str, index: int, value: Json) -> str:
    if not isinstance(value, str):
        raise EvaluationFailure(f"T0410: Argument {index} of function ${function} must be a string")
    return value


def _whole(function: str, index: int, value: Json) -> int:
    """An integer; a number that is none is rounded down (Developer Guide, "JSONata functions provided by ..")."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise EvaluationFailure(f"T0410: Argument {index} of function ${function} must be a number")
    if not math.isfinite(value):
        raise EvaluationFailure(f"D1001: Number out of range: {value}")
    return math.floor(value)


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is no JSON")
