"""A call's input in the person's own editor."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import UsageError
from .terminal import json_text


def edited(input: Mapping[str, Any]) -> Any:
    """What the person makes of the input in $VISUAL or $EDITOR. Raises UsageError: no editor, given up, no JSON."""
    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input.json"
        path.write_text(json_text(input) + "\n", "utf-8")
        try:
            ended = subprocess.run([*editor, str(path)], check=False)
        except OSError as error:
            raise UsageError(
                f"{editor[0]!r} cannot be started ({error.strerror}): set EDITOR, or give --input."
            ) from None
        if ended.returncode != 0:
            raise UsageError(f"The editor ended with {ended.returncode}: nothing is decided.")
        try:
            return json.loads(path.read_text("utf-8"))
        except ValueError as error:
            raise UsageError(f"What the editor left is no JSON ({error}): nothing is decided.") from None
