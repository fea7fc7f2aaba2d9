"""A query as values."""

from dataclasses import dataclass


class Malformed(Exception):
    """A query that cannot be read: why, and between which characters."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message, self.start, self.end = message, start, end


@dataclass(frozen=True, slots=True)
class Literal:
    value: str | float


@dataclass(frozen=True, slots=True)
class Field:
    name: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression between slashes, or what `like` looks for as a text."""

    regex: str


@dataclass(frozen=True, slots=True)
class Period:
    """`5m` in milliseconds."""

    ms: int


@dataclass(frozen=True, slots=True)
class Function:
    """A call; `text` is it as written, which names its column."""

    name: str
    arguments: tuple["Expression", ...]
    text: str


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator between two operands; `not` and the sign have one."""

    operator: str
    operands: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Within:
    """`a in ["x", "y"]`."""

    value: "Expression"
    choices: tuple["Expression", ...]


Expression = Literal | Field | Pattern | Period | Function | Operation | Within


@dataclass(frozen=True, slots=True)
class Named:
    """An expression and the column that it makes."""

    expression: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Fields:
    columns: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Display:
    columns: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    condition: Expression


@dataclass(frozen=True, slots=True)
class Stats:
    aggregates: tuple[Named, ...]
    by: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Sort:
    """Keys and whether they descend."""

    keys: tuple[tuple[Expression, bool], ...]


@dataclass(frozen=True, slots=True)
class Limit:
    most: int


@dataclass(frozen=True, slots=True)
class Dedup:
    by: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Parse:
    """A regular expression with named groups, over one field."""

    source: Expression
    regex: str


Command = Fields | Display | Filter | Stats | Sort | Limit | Dedup | Parse


@dataclass(frozen=True, slots=True)
class Query:
    commands: tuple[Command, ...]
