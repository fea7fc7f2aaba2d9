"""Task tokens: opaque text that says which execution and which of its effects it belongs to; nobody can make one up.

    token = issue(arn, effect=3, seed=7)
    read(token)                     # Token(arn, 3), or None for text that is no token
    is_genuine(token, seed=7)       # whether the execution with this seed issued it

A token is base64url of a version, the effect's number, a keyed hash and the execution's ARN. The key is the execution's
seed, so a token is the same at every replay and needs no table: whoever is told one finds the execution by the ARN in
it, and asks there whether the effect still waits. The longest legal ARN gives fewer than 1,024 characters (API
reference, SendTaskSuccess: 2,048; GetActivityTask, ActivityTask: 1,024).
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import struct
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass

_VERSION = 1
_HEAD = struct.Struct(">BI16s")


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says: the execution's ARN, and the number of the effect (`Invoke.id`) that waits for an answer."""

    arn: str
    effect: int


def issue(arn: str, effect: int, seed: int) -> str:
    """The token of one effect of one execution."""
    head = _HEAD.pack(_VERSION, effect, _hash(arn, effect, seed))
    return urlsafe_b64encode(head + arn.encode()).decode().rstrip("=")


def read(token: str) -> Token | None:
    """What the token says, whoever made it; None for text that no execution issued."""
    try:
        body = b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        version, effect, _ = _HEAD.unpack_from(body)
        arn = body[_HEAD.size :].decode()
    except (binascii.Error, struct.error, ValueError):
        return None
    return Token(arn, effect) if version == _VERSION and arn.startswith("arn:") else None


def is_genuine(token: str, seed: int) -> bool:
    """Whether the execution with this seed issued exactly this token."""
    said = read(token)
    return said is not None and hmac.compare_digest(issue(said.arn, said.effect, seed), token)


def _hash(arn: str, effect: int, seed: int) -> bytes:
    return hashlib.blake2b(f"{effect}/{arn}".encode(), key=str(seed).encode()[:64], digest_size=16).digest()
