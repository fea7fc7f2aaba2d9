"""What every store of objects can do, whatever is behind it. The errors name the object by its URI."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

from .uri import Location

Mode = Literal["create", "overwrite"]


class ObjectsUnavailable(OSError):
    """The store did not answer, or not in its protocol."""


class Objects(ABC):
    """Objects by URI (text or `Location`). Threads may share one."""

    @abstractmethod
    def get(self, uri: str | Location) -> bytes:
        """The whole object. Raises `FileNotFoundError`, `PermissionError`."""

    @abstractmethod
    def put(self, uri: str | Location, data: bytes, media_type: str, *, mode: Mode = "overwrite") -> None:
        """Writes the whole object, or nothing. With ``mode="create"`` an existing one is a `FileExistsError`."""

    @abstractmethod
    def size(self, uri: str | Location) -> int:
        """Its size in bytes. Raises `FileNotFoundError`, `PermissionError`."""

    @abstractmethod
    def list(self, prefix: str | Location) -> list[tuple[Location, int]]:
        """The objects under a prefix that ends in a slash, with their sizes in bytes, by key."""

    def exists(self, uri: str | Location) -> bool:
        try:
            self.size(uri)
        except FileNotFoundError:
            return False
        return True


def no_object(at: Location) -> FileNotFoundError:
    return FileNotFoundError(f"There is no object {str(at)!r}.")


def object_exists(at: Location) -> FileExistsError:
    return FileExistsError(f"The object {str(at)!r} exists already.")
