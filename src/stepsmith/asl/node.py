"""What every object of a definition is: frozen, of known fields, which are written in Pascal case."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_pascal

from .template import Template


class Node(BaseModel):
    """Every object of a definition: frozen, no unknown field."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_pascal,
        arbitrary_types_allowed=True,
        strict=True,
        defer_build=True,  # a validator for the whole document alone, at its first use: a quarter of the time at import
    )

    comment: str | None = None

    def templates(self) -> Iterator[Template]:
        """The fields of this very object that may hold JSONata."""
        for value in self.__dict__.values():
            if isinstance(value, Template):
                yield value
