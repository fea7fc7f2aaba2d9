"""The shapes of requests, read from a service model of botocore (`botocore/data/<service>/<version>`)."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore
import orjson


@dataclass(frozen=True, slots=True)
class Text:
    least: int
    most: int | None
    pattern: str | None
    words: tuple[str, ...]
    is_sensitive: bool


@dataclass(frozen=True, slots=True)
class Number:
    name: str
    least: float | None
    most: float | None
    is_sensitive: bool


@dataclass(frozen=True, slots=True)
class Flag:
    pass


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes, in JSON as base64."""

    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Items:
    each: "Shape"
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Map:
    key: "Shape"
    value: "Shape"
    is_sensitive: bool


@dataclass(frozen=True, slots=True)
class Structure:
    members: Mapping[str, "Shape"]
    required: tuple[str, ...]


Shape = Text | Number | Flag | Blob | Items | Map | Structure

NUMBERS = {
    "integer": "an Integer",
    "long": "a Long",
    "float": "a Float",
    "double": "a Double",
    "timestamp": "a Timestamp",
}


def read(model: str) -> Any:
    """The model's JSON (`lambda/2015-03-31`). botocore ships it packed; a distribution may have unpacked it."""
    path = Path(botocore.__file__).parent / "data" / model / "service-2.json"
    packed = path.with_suffix(".json.gz")
    return orjson.loads(gzip.decompress(packed.read_bytes()) if packed.is_file() else path.read_bytes())


def structure(shapes: Mapping[str, Any], name: str, made: dict[str, Shape]) -> Structure:
    """The structure of this name among the model's `shapes`; `made` are those that were read before, by name."""
    found = _shape(shapes, name, made)
    if not isinstance(found, Structure):
        raise ValueError(f"The service model's {name!r} is no structure.")
    return found


def _shape(shapes: Mapping[str, Any], name: str, made: dict[str, Shape]) -> Shape:
    if name not in made:
        made[name] = _made(shapes, shapes[name], made)
    return made[name]


def _made(shapes: Mapping[str, Any], of: Mapping[str, Any], made: dict[str, Shape]) -> Shape:
    least, most, is_sensitive = of.get("min"), of.get("max"), bool(of.get("sensitive"))
    match of["type"]:
        case "structure":
            members = {name: _shape(shapes, member["shape"], made) for name, member in of["members"].items()}
            return Structure(members, tuple(of.get("required", ())))
        case "list":
            return Items(_shape(shapes, of["member"]["shape"], made), least or 0, most)
        case "map":
            key, value = (_shape(shapes, of[part]["shape"], made) for part in ("key", "value"))
            return Map(key, value, is_sensitive)
        case "boolean":
            return Flag()
        case "blob":
            return Blob(least or 0, most)
        case "string":
            return Text(least or 0, most, of.get("pattern"), tuple(of.get("enum", ())), is_sensitive)
        case "integer" | "long" | "float" | "double" | "timestamp" as kind:
            return Number(NUMBERS[kind], least, most, is_sensitive)
        case other:
            raise ValueError(f"The service model has a request with a member of the type {other!r}: teach shapes.py.")
