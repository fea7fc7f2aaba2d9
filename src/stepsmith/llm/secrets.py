"""A function's secrets: ``X`` from the environment, else from the Secrets Manager secret that ``X_SECRET_ARN`` names.

A secret from Secrets Manager is read once per process and again after five minutes, so that a rotated key is taken up
without a deployment. boto3 comes with Lambda's Python runtime; it is imported only where it is needed.
"""

from __future__ import annotations

import os
import time

TIME_TO_LIVE_SECONDS = 300.0

_read: dict[str, tuple[float, str]] = {}


def secret(name: str) -> str | None:
    """The secret's text; None where neither ``name`` nor ``name_SECRET_ARN`` is set."""
    if value := os.environ.get(name):
        return value
    arn = os.environ.get(f"{name}_SECRET_ARN")
    return _stored(arn) if arn else None


def _stored(arn: str) -> str:
    read_at, value = _read.get(arn, (float("-inf"), ""))
    if time.monotonic() - read_at > TIME_TO_LIVE_SECONDS:
        value = _fetch(arn)
        _read[arn] = (time.monotonic(), value)
    return value


def _fetch(arn: str) -> str:
    import boto3  # type: ignore[import-untyped]  # It has no types of its own.

    return str(boto3.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
