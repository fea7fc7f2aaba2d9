"""The AWS SDK that Lambda's Python runtimes bring: boto3 and what it needs, for functions that run from an artifact.

"The Python runtime includes the SDK (boto3)": an artifact need not pack it. What lies in the environment of this
program is linked, package by package, into a folder of the cache: a function finds the SDK there, last of all places,
and nothing else of the environment. Where it is not installed, functions do without.
"""

import contextlib
import importlib.util
from pathlib import Path

PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")


def folder(cache: Path) -> Path:
    """Where the links lie once they are `provided`."""
    return cache / "python-sdk"


def provide(cache: Path) -> None:
    """Sees to it that the links are there and lead to the environment as it is now."""
    place = folder(cache)
    place.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        found = _place(package)
        if found is not None:
            _link(place / found.name, found)


def _place(package: str) -> Path | None:
    """The package's folder, or the file of one that is a module; nothing is imported."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    origin = Path(spec.origin)
    return origin.parent if origin.name == "__init__.py" else origin


def _link(link: Path, target: Path) -> None:
    """Two engines at once want the same: the first one to make it wins."""
    with contextlib.suppress(FileExistsError):
        if link.is_symlink() and link.readlink() != target:
            link.unlink(missing_ok=True)
        if not link.is_symlink():
            link.symlink_to(target)
