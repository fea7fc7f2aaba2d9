"""A store in memory, so that a tool can be tested without a server."""

from __future__ import annotations

from .store import Mode, Objects, no_object, object_exists
from .uri import Location


class MemoryObjects(Objects):
    """Every bucket is there, and is empty at first.

    >>> objects = MemoryObjects()
    >>> objects.put("s3://b/artifacts/a.txt", b"hello", "text/plain")
    >>> objects.get("s3://b/artifacts/a.txt")
    b'hello'
    """

    def __init__(self) -> None:
        self._data: dict[Location, bytes] = {}

    def get(self, uri: str | Location) -> bytes:
        at = Location.of(uri)
        if at not in self._data:
            raise no_object(at)
        return self._data[at]

    def put(self, uri: str | Location, data: bytes, media_type: str, *, mode: Mode = "overwrite") -> None:
        at = Location.of(uri)
        if mode == "create" and at in self._data:
            raise object_exists(at)
        self._data[at] = bytes(data)

    def size(self, uri: str | Location) -> int:
        return len(self.get(uri))

    def list(self, prefix: str | Location) -> list[tuple[Location, int]]:
        under = Location.of(prefix)
        found = ((at, len(data)) for at, data in self._data.items() if at.is_under(under))
        return sorted(found, key=lambda pair: pair[0].key)
