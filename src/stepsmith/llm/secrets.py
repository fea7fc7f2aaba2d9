"""A function's secrets: ``X`` from the environment, else from the Secrets Manager secret that ``X_SECRET_ARN`` names.

A secret from Secrets Manager is read once per process and again after five minutes, so that a rotated key is taken up
without a deployment. boto3 comes with Lambda's Python runtime; it is imported only where it is needed.
"""

from __future__ import annotations

import os
import time

from stepsmith.contracts import LlmAuthentication

TIME_TO_LIVE_SECONDS = 300.0

_read: dict[str, tuple[float, str]] = {}


def secret(name: str) -> str | None:
    """The secret's text; None where neither ``name`` nor ``name_SECRET_ARN`` is set."""
    if value := os.environ.get(name):
        return value
    arn = os.environ.get(f"{name}_SECRET_ARN")
    return _stored(arn) if arn else None


def required(name: str) -> str:
    """The secret's text. Raises `LlmAuthentication`, which says where to put it."""
    if (value := secret(name)) is None:
        raise LlmAuthentication(
            f"{name} is not set: put the key into the environment or .env ({name}_SECRET_ARN on AWS)."
        )
    return value


def _stored(arn: str) -> str:
    read_at, value = _read.get(arn, (float("-inf"), ""))
    if time.monotonic() - read_at > TIME_TO_LIVE_SECONDS:
        value = _fetch(arn)
        _read[arn] = (time.monotonic(), value)
    return value


def _fetch(arn: str) -> str:
    # Only here: it takes 200 ms, and Lambda's own runtime has it, so no artifact packs it.
    import boto3  # pants: no-infer-dep
    from botocore.exceptions import BotoCoreError, ClientError  # pants: no-infer-dep

    try:
        return str(boto3.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
    except (BotoCoreError, ClientError) as error:
        raise LlmAuthentication(
            f"The secret {arn!r} cannot be read ({type(error).__name__}): "
            "the operator must check that it exists and that the caller's role may read it."
        ) from None
