"""How modules are loaded: when they are needed, and quickly.

`stepsmith --help` must not wait for a chart library, and whoever waits for `up` to listen not for the interpreter.
"""

from __future__ import annotations

import gc
import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


def loaded(name: str) -> ModuleType:
    """The module, without looking for garbage meanwhile or among it ever after: what modules make stays."""
    gc.disable()
    try:
        with _without_certificates():
            return importlib.import_module(name)
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def _without_certificates() -> Iterator[None]:
    """aiohttp reads the machine's certificates twice when it is imported, 50 ms; this process asks loopback servers
    only, without TLS."""
    said = os.environ.get("SSL_CERT_FILE")
    os.environ["SSL_CERT_FILE"] = os.devnull
    try:
        yield
    finally:
        del os.environ["SSL_CERT_FILE"]
        if said is not None:
            os.environ["SSL_CERT_FILE"] = said
