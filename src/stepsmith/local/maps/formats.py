"""The bytes of an object as items: CSV, JSON, JSON Lines.

Rules are those of the Developer Guide's page "ItemReader": fields of a CSV file are text, quotes and backslashes
escape, a short row is filled with empty text and a long one cut. Assumed: a byte order mark and empty lines count for
nothing. What cannot be read raises `Unreadable` with a sentence. CSV and JSON Lines are read line by line, however
large the object is; a JSON file is in memory as a whole while its items are read, so it has a bound here.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import BinaryIO

import orjson

from stepsmith import asl
from stepsmith.asl import Json
from stepsmith.asl.distribution import ReaderConfig

MAX_HEADER_BYTES = 10 * 1024
"""Of a CSV file ("Step Functions supports CSV headers of up to 10 KiB")."""
MAX_JSON_BYTES = 128 * 1024 * 1024
_INDEX = re.compile("0|[1-9][0-9]{0,9}")
_DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}
csv.field_size_limit(asl.MAX_BYTES)

Entry = tuple[str | None, Json]
"""An item and, where the items are an object, its key."""


class Unreadable(ValueError):
    """The object is not what the ItemReader says it is."""


def entries(file: BinaryIO, config: ReaderConfig) -> Iterator[Entry]:
    """The items of a file, in its order. Raises Unreadable, on the way too."""
    match config.input_type:
        case "CSV":
            yield from ((None, row) for row in _csv(file, config))
        case "JSONL":
            yield from ((None, _decoded(line)) for line in file if line.strip())
        case _:
            yield from _json(file, config.items_pointer or "")


def rows(lines: Iterable[str], header: list[str], delimiter: str = ",") -> Iterator[dict[str, str]]:
    """Lines of CSV below a header."""
    for fields in _fields(lines, delimiter):
        yield dict(zip_longest(header, fields[: len(header)], fillvalue=""))


def _csv(file: BinaryIO, config: ReaderConfig) -> Iterator[dict[str, str]]:
    lines, delimiter = io.TextIOWrapper(file, "utf-8-sig", newline=""), _DELIMITERS[config.csv_delimiter]
    if config.csv_header_location == "GIVEN":
        header = list(config.csv_headers or ())
    else:
        header = next(_fields(lines, delimiter), [])
        if len(delimiter.join(header).encode()) > MAX_HEADER_BYTES:
            raise Unreadable(f"the header of the CSV file is larger than {MAX_HEADER_BYTES} bytes")
    return rows(lines, header, delimiter)


def _fields(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    try:
        yield from (row for row in csv.reader(lines, delimiter=delimiter, escapechar="\\") if row)
    except UnicodeDecodeError as error:
        raise Unreadable(f"the object is not UTF-8: {error}") from error
    except csv.Error as error:
        raise Unreadable(f"the object is no CSV file: {error}") from error


def _json(file: BinaryIO, pointer: str) -> Iterator[Entry]:
    text = file.read(MAX_JSON_BYTES + 1)
    if len(text) > MAX_JSON_BYTES:
        message = f"the JSON file is larger than {MAX_JSON_BYTES} bytes, and would be in memory as a whole"
        raise Unreadable(f"{message}; write it as JSON Lines, which are read line by line")
    match pointed(_decoded(text), pointer):
        case list() as items:
            yield from ((None, item) for item in items)
        case dict() as items:
            yield from items.items()
        case other:
            where = f" at {pointer!r}" if pointer else ""
            raise Unreadable(f"the JSON file holds {type(other).__name__}{where} where an array or an object is needed")


def pointed(value: Json, pointer: str) -> Json:
    """What a JSON Pointer (RFC 6901) points at."""
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        match value:
            case list() if _INDEX.fullmatch(name) and int(name) < len(value):
                value = value[int(name)]
            case dict() if name in value:
                value = value[name]
            case _:
                raise Unreadable(f"the JSON file has nothing at {pointer!r}")
    return value


def _decoded(text: bytes) -> Json:
    try:
        return orjson.loads(text)
    except ValueError as error:
        raise Unreadable(f"the object is no JSON: {error}") from error
