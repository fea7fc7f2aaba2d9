"""Pictures of a conversation: by reference in our messages, inline on every vendor's wire.

They are read in the order of the conversation until a bound is reached, so that the same ones are inline in every
later turn and the request's prefix stays as it was. A picture that cannot be shown (not of this store, gone, too
large, another format) is named in text instead: a lost picture never ends a run.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import Final

from stepsmith.contracts import Block, Image, Message, ToolResult
from stepsmith.objects import Location, Objects

MEDIA_TYPES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What Anthropic and OpenAI both take."""
PICTURE_BYTES: Final = 3_500_000
"""One picture (Anthropic: 5 MB of base64)."""
ALL_BYTES: Final = 18_000_000
"""All of a request (Anthropic: 32 MB, base64 is a third more)."""
PICTURES: Final = 50


def inlined(messages: Sequence[Message], objects: Objects, bucket: str) -> dict[str, str]:
    """The pictures that can be shown, as base64 by their URI."""
    shown: dict[str, str] = {}
    left = ALL_BYTES
    for image in _images(messages):
        if image.uri in shown or len(shown) == PICTURES or image.media_type not in MEDIA_TYPES:
            continue
        data = _read(image.uri, objects, bucket, min(left, PICTURE_BYTES))
        if data is not None:
            shown[image.uri] = base64.b64encode(data).decode("ascii")
            left -= len(data)
    return shown


def _images(messages: Sequence[Message]) -> Iterator[Image]:
    for message in messages:
        for block in message.content:
            yield from _images_of(block)


def _images_of(block: Block) -> Iterator[Image]:
    match block:
        case Image():
            yield block
        case ToolResult():
            yield from (each for each in block.content if isinstance(each, Image))
        case _:
            return


def _read(uri: str, objects: Objects, bucket: str, limit: int) -> bytes | None:
    try:
        location = Location.parse(uri)
        if location.is_under(Location(bucket, "artifacts/")) and objects.size(location) <= limit:
            return objects.get(location)
    except (OSError, ValueError):
        return None
    return None
