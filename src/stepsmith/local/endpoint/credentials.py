"""The key of a data folder: made once, kept in a file that only its user can read.

Whoever can read the file may do everything at the endpoint of this folder, and could read the folder's runs and objects
without it. The key goes on with the folder, so that a terminal with `stepsmith env` in it outlives a restart.
"""

import os
import secrets
import string
import tempfile
from pathlib import Path

import orjson

from stepsmith.local.errors import LocalError
from stepsmith.local.private import make_private
from stepsmith.local.roles import OWNER

from .signature import Session

FILE = "credentials"
_ID_LETTERS = string.ascii_uppercase + "234567"


class CredentialsBroken(LocalError):
    """The file with the key cannot be used."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"The key in {str(path)!r} cannot be used ({reason}); remove the file: a new one is made.")


def read(data: Path) -> Session:
    """The folder's key. FileNotFoundError: it has none yet. Raises CredentialsBroken."""
    path = data / FILE
    try:
        if path.stat().st_mode & 0o077:
            raise CredentialsBroken(path, "others on this machine can read it")
        kept = orjson.loads(path.read_bytes())
        return Session(str(kept["access_key"]), str(kept["secret_key"]), "", OWNER)
    except (ValueError, TypeError, KeyError) as error:
        raise CredentialsBroken(path, f"it is no JSON with access_key and secret_key: {error}") from None


def read_or_make(data: Path) -> Session:
    """The folder's key, made on first use. Two who make it at once get the same one."""
    try:
        return read(data)
    except FileNotFoundError:
        _make(data)
        return read(data)


def _make(data: Path) -> None:
    """Written whole under another name first: nobody reads half a key. The first of two writers wins."""
    make_private(data)
    access_key = "AKIA" + "".join(secrets.choice(_ID_LETTERS) for _ in range(16))
    kept = {"access_key": access_key, "secret_key": secrets.token_urlsafe(30)}
    descriptor, name = tempfile.mkstemp(dir=data, prefix=f".{FILE}-")  # 0600 from its first moment on
    try:
        with open(descriptor, "wb") as file:
            file.write(orjson.dumps(kept))
        os.link(name, data / FILE)
    except FileExistsError:
        pass
    finally:
        os.unlink(name)
