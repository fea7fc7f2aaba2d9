"""Secrets by their name in `tool.json` or `caller.json`: the environment variable, else Secrets Manager.

A secret `X` is the variable `X` where that is set (on a laptop), else the Secrets Manager secret that `X_SECRET_ARN`
names, read once per process and again after five minutes, so that a rotated key comes through. One that was made, but
never given a value (`stepsmith secrets push`), is not set. A secret listed as `X?` is asked for by `optional_secret`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

LIFE = 300.0
"""Seconds for which a secret from Secrets Manager is kept."""

NO_VALUE = "ResourceNotFoundException"
"""What Secrets Manager answers for a secret without a value, too."""


class SecretError(Exception):
    """A secret cannot be had; an operator must act."""


class MissingSecret(SecretError):
    """It is set nowhere."""


class UnreadableSecret(SecretError):
    """Secrets Manager does not give it."""


def secret(name: str) -> str:
    """The secret's text. Raises `MissingSecret`, which says where to put it, and `UnreadableSecret`."""
    if (value := optional_secret(name)) is None:
        raise MissingSecret(f"{name} is not set: put it into the environment or .env ({name}_SECRET_ARN on AWS).")
    return value


def optional_secret(name: str) -> str | None:
    """The secret's text, or None where it is set nowhere. Raises `UnreadableSecret`."""
    if value := os.environ.get(name):
        return value
    arn = os.environ.get(f"{name}_SECRET_ARN")
    return _kept.get(arn) if arn else None


def fetch(arn: str) -> str | None:
    """The current text of a secret in Secrets Manager; None where it has none yet. Raises `UnreadableSecret`."""
    # Only here: it takes 200 ms. Lambda's own runtime has it, so no artifact packs its 30 MB.
    import boto3  # pants: no-infer-dep
    from botocore.exceptions import BotoCoreError, ClientError  # pants: no-infer-dep

    try:
        return str(boto3.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
    except KeyError:
        raise UnreadableSecret(f"The secret {arn!r} is binary: the operator must store it as text.") from None
    except (BotoCoreError, ClientError) as error:
        if getattr(error, "response", {}).get("Error", {}).get("Code") == NO_VALUE:
            return None
        raise UnreadableSecret(
            f"The secret {arn!r} cannot be read ({type(error).__name__}): "
            "the operator must check that it exists and that the function's role may read it."
        ) from None


class Kept:
    """Secrets by ARN, each fetched again when it is older than `LIFE`."""

    def __init__(self, fetch: Callable[[str], str | None], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._values: dict[str, tuple[str | None, float]] = {}

    def get(self, arn: str) -> str | None:
        value, since = self._values.get(arn, (None, -LIFE))
        now = self._clock()
        if arn in self._values and now - since < LIFE:
            return value
        self._values[arn] = (self._fetch(arn), now)
        return self._values[arn][0]


_kept = Kept(fetch, time.monotonic)
