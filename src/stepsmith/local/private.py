"""The data folder is its owner's: runs, inputs, results and keys of one person lie in it.

Whatever lies below is out of reach for others once the folder itself is: nothing below needs modes of its own.
"""

import os
from pathlib import Path

OWNER_ONLY = 0o700
OURS = frozenset({"runs.db", "credentials"})
"""Files by which a folder is known as one of ours; any other folder that is there keeps its mode."""


def make_private(data: Path) -> None:
    """Makes the folder for its owner alone; one of ours, or an empty one, that others may enter is closed to them.

    Raises OSError. One that belongs to somebody else stays as it is: its mode is theirs to say.
    """
    data.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
    there = data.stat()
    if there.st_uid == os.geteuid() and there.st_mode & 0o077 and _is_ours(data):
        data.chmod(OWNER_ONLY)


def _is_ours(data: Path) -> bool:
    names = set(os.listdir(data))
    return not names or not names.isdisjoint(OURS)
