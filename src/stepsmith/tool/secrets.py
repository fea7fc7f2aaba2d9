"""Secrets by their name in `tool.json`: the environment variable, else Secrets Manager.

A secret `X` is the variable `X` where that is set (on a laptop), else the Secrets Manager secret that `X_SECRET_ARN`
names, read once per process and again after five minutes, so that a rotated key comes through. A secret listed as `X?`
is asked for by `optional_secret`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

LIFE = 300.0
"""Seconds for which a secret from Secrets Manager is kept."""


class MissingSecret(Exception):
    """A secret that the tool needs is set nowhere; an operator must act."""


def secret(name: str) -> str:
    """The secret's text. Raises `MissingSecret`, or what Secrets Manager's client raises."""
    if (value := optional_secret(name)) is None:
        raise MissingSecret(f"Secret {name!r} is not set. Set {name} (also in .env), or {name}_SECRET_ARN on AWS.")
    return value


def optional_secret(name: str) -> str | None:
    """The secret's text, or None where it is set nowhere."""
    if value := os.environ.get(name):
        return value
    arn = os.environ.get(f"{name}_SECRET_ARN")
    return _kept.get(arn) if arn else None


def fetch(arn: str) -> str:
    """The current text of a secret in Secrets Manager."""
    # Only here: it takes 200 ms. Lambda's own runtime has it, so no artifact packs its 30 MB.
    import boto3  # pants: no-infer-dep

    client = boto3.client("secretsmanager")
    return str(client.get_secret_value(SecretId=arn)["SecretString"])


class Kept:
    """Secrets by ARN, each fetched again when it is older than `LIFE`."""

    def __init__(self, fetch: Callable[[str], str], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._values: dict[str, tuple[str, float]] = {}

    def get(self, arn: str) -> str:
        value, since = self._values.get(arn, ("", -LIFE))
        now = self._clock()
        if arn in self._values and now - since < LIFE:
            return value
        self._values[arn] = (self._fetch(arn), now)
        return self._values[arn][0]


_kept = Kept(fetch, time.monotonic)
