"""An error of Terraform, the provider or AWS as a sentence: which resource, what was refused, what to do.

AWS's own code and words come first; the remedy is looked up in `REMEDIES`, by the words that the error is known by.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import CommandError
from ..terminal import one_line
from .events import Told


@dataclass(frozen=True)
class Remedy:
    """What to do about an error that has one of the words of `sign` in it."""

    sign: re.Pattern[str]
    advice: str


KILLED = Told(True, "Terraform was killed", "Do it again: what it had made by then is found.", "")
EXISTS = re.compile(
    "EntityAlreadyExists|Function already exist|ResourceAlreadyExistsException|BucketAlreadyOwnedByYou|"
    "BucketAlreadyExists|ResourceExistsException|Table already exists|StateMachineAlreadyExists|"
    "ActivityAlreadyExists|already exists"
)
REMEDIES = (
    Remedy(
        re.compile("Error acquiring the state lock"),
        "Somebody else works on this state: wait until that has ended. If it was killed, `terraform force-unlock` with "
        "the ID that Terraform names takes its lock away.",
    ),
    Remedy(
        re.compile(
            "InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|"
            "InvalidSignatureException|No valid credential sources|no EC2 IMDS role found"
        ),
        "AWS does not know this key: check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE.",
    ),
    Remedy(
        re.compile("AccessDenied|UnauthorizedOperation|not authorized to perform"),
        "The key lacks that right: have it granted, or deploy with a key that has it.",
    ),
    Remedy(
        re.compile("Failed to query available provider packages|could not connect to registry|provider registry"),
        "The AWS provider is in no folder of this machine and the registry does not give it: put it into a folder in "
        "Terraform's mirror layout and let TF_PLUGIN_MIRROR name that (docs/deploy.md).",
    ),
    Remedy(
        re.compile("connection refused|no such host|dial tcp|connection reset"),
        "Nobody answers there: is the endpoint up (`stepsmith up`), or is there a network?",
    ),
    Remedy(
        EXISTS,
        "It is there, but not in this state: it belongs to another one, or an apply was killed before it could write "
        "it down. `stepsmith infra apply --adopt` takes it over.",
    ),
    Remedy(
        re.compile("Unsupported Terraform Core version"),
        "This Terraform is too old: install 1.10 or newer.",
    ),
)
LONGEST = 600
"""Letters of an error that are shown; some providers explain at length."""
_BOX = re.compile(r"^[│╷╵ ]+", re.MULTILINE)


class TerraformError(CommandError):
    """Terraform could not do it. `told` is what it said; `was_killed`: it did not even come to write its state."""

    def __init__(self, told: Iterable[Told], was_killed: bool = False) -> None:
        self.told = tuple(dict.fromkeys(told))
        self.was_killed = was_killed
        remedies = dict.fromkeys(filter(None, map(remedy, self.told)))
        super().__init__("\n".join((*map(_sentence, self.told), *remedies)))


def remedy(told: Told) -> str | None:
    """What to do about it; None where nobody here knows."""
    said = f"{told.summary} {told.detail}"
    return next((each.advice for each in REMEDIES if each.sign.search(said)), None)


def exists_already(told: Told) -> bool:
    return bool(told.address) and bool(EXISTS.search(f"{told.summary} {told.detail}"))


def errors_in(text: str) -> tuple[Told, ...]:
    """The errors in Terraform's words for people (`-no-color`); the last lines where it names none."""
    plain = _BOX.sub("", text)
    named = [part.strip() for part in re.split(r"^Error: ", plain, flags=re.MULTILINE)[1:]]
    if not named:
        return (Told(True, "Terraform ended without a reason", " ".join(plain.split()[-60:]), ""),)
    parts = (each.partition("\n") for each in named)
    return tuple(Told(True, summary.strip(), detail.strip(), "") for summary, _, detail in parts)


def _sentence(told: Told) -> str:
    about = f"{told.address}: " if told.address and told.address not in told.summary else ""
    detail = f": {one_line(told.detail, LONGEST)}" if told.detail.strip() else ""
    return f"{about}{one_line(told.summary, LONGEST)}{detail}"
