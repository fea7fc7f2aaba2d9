"""``s3://bucket/key`` as a value, and the question whether one lies under another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

SCHEME = "s3://"


@dataclass(frozen=True)
class Location:
    """An object, or a prefix where `key` is empty or ends in a slash."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, uri: str) -> Self:
        """Raises `ValueError` for anything but a plain ``s3://bucket/key``: ``..``, empty steps, a query, control
        characters and encoded characters have no place in the keys that we make."""
        bucket, slash, key = uri.removeprefix(SCHEME).partition("/")
        if not uri.startswith(SCHEME) or not bucket or not slash or not _is_plain(key):
            raise ValueError(f"{uri!r} is not a plain s3://bucket/key.")
        return cls(bucket, key)

    @classmethod
    def of(cls, uri: str | Self) -> Self:
        """The location itself, or that of a URI. Raises `ValueError`."""
        return cls.parse(uri) if isinstance(uri, str) else uri

    def __str__(self) -> str:
        return f"{SCHEME}{self.bucket}/{self.key}"

    def __truediv__(self, name: str) -> Location:
        """The object `name` under this prefix."""
        return Location(self.bucket, f"{self.key.rstrip('/')}/{name}" if self.key else name)

    @property
    def name(self) -> str:
        return self.key.rstrip("/").rpartition("/")[2]

    def is_under(self, prefix: Location) -> bool:
        """Whether this is an object inside `prefix` (which ends in a slash)."""
        inside = self.key.startswith(prefix.key) and prefix.key.endswith("/")
        return self.bucket == prefix.bucket and inside and self.key != prefix.key and _is_plain(self.key)


def _is_plain(key: str) -> bool:
    steps = key.removesuffix("/").split("/") if key else []
    return all(step not in ("", ".", "..") for step in steps) and not any(c in "%?#\\" or ord(c) < 32 for c in key)
