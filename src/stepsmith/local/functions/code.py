"""The zips of functions and layers: one file each, named by its content, under `<data>/functions/`.

A zip is examined, written and only then named by a row of the database; a process that is killed in between leaves a
file that no row names, which the next `up` sweeps away. Two functions with the same content share a file.
"""

import base64
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from stepsmith import lambdas

from .errors import invalid
from .values import Code

_CHUNK = 1 << 20


class CodeStore:
    """The files of one data folder. Methods that read or write a whole zip take their time: call them in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, code: Code) -> Path:
        return self._folder / f"{base64.b64decode(code.sha256).hex()}.zip"

    def put(self, zipped: BinaryIO) -> Code:
        """Keeps what the file holds. Raises LambdaError: it is no zip that Lambda takes."""
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self._folder, prefix="writing-", suffix=".zip")
        try:
            with open(descriptor, "wb") as file:
                shutil.copyfileobj(zipped, file, _CHUNK)
            return self._settle(Path(name))
        finally:
            Path(name).unlink(missing_ok=True)

    def _settle(self, written: Path) -> Code:
        code = described(written)
        place = self.path(code)
        if not place.exists():  # else it was examined before
            _examine(written)
            os.replace(written, place)
        return code

    def sweep(self, used: Iterable[str]) -> None:
        """Removes every zip but those with these hashes. Only for who alone writes here."""
        kept = {self.path(Code(sha256, 0)).name for sha256 in used}
        for file in self._folder.glob("*.zip"):
            if file.name not in kept:
                file.unlink(missing_ok=True)


def described(zipped: Path) -> Code:
    """Hash and size of a file."""
    with zipped.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    return Code(base64.b64encode(digest).decode(), zipped.stat().st_size)


def _examine(zipped: Path) -> None:
    try:
        lambdas.examine(zipped)
    except lambdas.TooMuchCode as error:
        raise invalid(f"Unzipped size must be smaller than {lambdas.MAX_UNPACKED_BYTES} bytes") from error
    except lambdas.NoCode as error:
        raise invalid("Uploaded file must be a non-empty zip") from error
    except lambdas.BadCode as error:
        said = "Could not unzip uploaded file. Please check your file, then try to upload again."
        raise invalid(f"{said} {error}") from error
