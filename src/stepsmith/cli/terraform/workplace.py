"""The folder of one deployment, for one command at a time.

    with held(folder) as lock:            # CommandError: another `stepsmith infra` works there
        with carrying_out(folder) as was_cut:        # an apply that is killed leaves a mark
            ...

The lock is one of the operating system on an open file, which the shell around Terraform (root.py) keeps open too: a
Terraform that outlives a killed command still holds it. It ends with the last of them, so nothing has to be cleaned up.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stepsmith.local.private import make_private

from ..errors import CommandError
from .faults import TerraformError

LOCK = ".lock"
MARK = ".applying"


@contextmanager
def held(folder: Path) -> Iterator[int]:
    """The descriptor of the lock. Raises `CommandError` where somebody else has it."""
    make_private(folder)
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(
                f"Another `stepsmith infra`, or a Terraform that it started, works in {str(folder)!r}: "
                "wait until it has ended."
            ) from None
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def carrying_out(folder: Path) -> Iterator[bool]:
    """Whether the last one to carry out a plan here was killed. A mark says so of this one, until the block has ended
    well, or in an error that Terraform lived to tell."""
    mark = folder / MARK
    was_cut = mark.exists()
    mark.touch(mode=0o600)
    try:
        yield was_cut
    except TerraformError as error:
        if not was_cut and not error.was_killed:
            mark.unlink()
        raise
    mark.unlink()
