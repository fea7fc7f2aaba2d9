"""Tags of objects: at most ten, each a key and a value ("Categorizing your objects using tags" in the user guide)."""

from collections.abc import Sequence

from .faults import Fault

MAX_TAGS, MAX_KEY, MAX_VALUE = 10, 128, 256


def checked(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The tags as a dict. Fault: not as S3 takes them."""
    tags = dict(pairs)
    if len(tags) < len(pairs):
        raise Fault("InvalidTag", "Cannot provide multiple Tags with the same key")
    if len(tags) > MAX_TAGS:
        raise Fault("InvalidTag", f"Object tags cannot be greater than {MAX_TAGS}")
    for key, value in tags.items():
        if not 1 <= len(key) <= MAX_KEY:
            raise Fault("InvalidTag", "The TagKey you have provided is invalid")
        if len(value) > MAX_VALUE:
            raise Fault("InvalidTag", "The TagValue you have provided is invalid")
    return tags
