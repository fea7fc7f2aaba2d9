"""Get, put, list and presign, on whatever bucket a URI names."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from .uri import Location

if TYPE_CHECKING:
    from obstore.store import ObjectStore

TIMEOUT = "30s"

Mode = Literal["create", "overwrite"]


class ObjectsUnavailable(OSError):
    """The store did not answer, or not in its protocol."""


def open_bucket(bucket: str) -> S3Store:
    """A bucket of S3, or of the endpoint that ``AWS_ENDPOINT_URL`` names (path style, plain HTTP allowed)."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    options = {"endpoint": endpoint, "virtual_hosted_style_request": False} if endpoint else {}
    client = {"allow_http": endpoint is not None, "timeout": TIMEOUT}
    return S3Store(bucket, client_options=client, **options)  # type: ignore[arg-type]  # A TypedDict made in parts.


class Objects:
    """Objects by URI (text or `Location`). `open_bucket` is asked once for each bucket; tests pass their own.

    >>> from obstore.store import MemoryStore
    >>> objects = Objects(lambda bucket: MemoryStore())
    >>> objects.put("s3://b/artifacts/a.txt", b"hello", "text/plain")
    >>> objects.get("s3://b/artifacts/a.txt")
    b'hello'
    """

    def __init__(self, open_bucket: Callable[[str], ObjectStore] = open_bucket) -> None:
        self._open = open_bucket
        self._buckets: dict[str, ObjectStore] = {}

    def get(self, uri: str | Location) -> bytes:
        """The whole object. Raises `FileNotFoundError`, `PermissionError`."""
        at = _location(uri)
        with _plain_errors(at):
            return bytes(obstore.get(self._bucket(at), at.key).bytes())

    def put(
        self, uri: str | Location, data: bytes, media_type: str, *, mode: Literal["create", "overwrite"] = "overwrite"
    ) -> None:
        """Writes the whole object, or nothing. With ``mode="create"`` an existing one is a `FileExistsError`."""
        at = _location(uri)
        with _plain_errors(at):
            obstore.put(self._bucket(at), at.key, data, attributes={"Content-Type": media_type}, mode=mode)

    def size(self, uri: str | Location) -> int:
        """Its size in bytes. Raises `FileNotFoundError`, `PermissionError`."""
        at = _location(uri)
        with _plain_errors(at):
            return obstore.head(self._bucket(at), at.key)["size"]

    def exists(self, uri: str | Location) -> bool:
        try:
            self.size(uri)
        except FileNotFoundError:
            return False
        return True

    def list(self, prefix: str | Location) -> list[tuple[Location, int]]:
        """The objects under a prefix that ends in a slash, with their sizes in bytes, by key."""
        at = _location(prefix)
        with _plain_errors(at):
            found = obstore.list(self._bucket(at), prefix=at.key).collect()
        return sorted(
            ((Location(at.bucket, each["path"]), each["size"]) for each in found), key=lambda pair: pair[0].key
        )

    def presign(self, uri: str | Location, method: Literal["GET", "PUT"], seconds: int) -> str:
        """A URL that lets its holder do `method` on this one object for `seconds`."""
        at = _location(uri)
        bucket = self._bucket(at)
        if not isinstance(bucket, S3Store):
            raise TypeError(f"{type(bucket).__name__} has no presigned URLs; use an S3 bucket.")
        return obstore.sign(bucket, method, at.key, timedelta(seconds=seconds))

    def _bucket(self, at: Location) -> ObjectStore:
        if at.bucket not in self._buckets:
            self._buckets[at.bucket] = self._open(at.bucket)
        return self._buckets[at.bucket]


def _location(uri: str | Location) -> Location:
    return uri if isinstance(uri, Location) else Location.parse(uri)


@contextmanager
def _plain_errors(at: Location) -> Iterator[None]:
    """obstore's errors as Python's own, with the URI and without the store's own words (they can hold a signature)."""
    try:
        yield
    except FileNotFoundError:
        raise FileNotFoundError(f"There is no object {str(at)!r}.") from None
    except AlreadyExistsError:
        raise FileExistsError(f"The object {str(at)!r} exists already.") from None
    except (PermissionDeniedError, UnauthenticatedError):
        raise PermissionError(f"This function's role may not reach {str(at)!r}.") from None
    except BaseError as error:
        raise ObjectsUnavailable(f"The artifact store did not serve {str(at)!r} ({type(error).__name__}).") from error
