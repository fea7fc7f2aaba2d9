"""Tags of functions."""

from typing import Any

from stepsmith.local.functions.errors import invalid
from stepsmith.local.functions.names import function_arn

from .api import Answer, Api

MOST = 50


def tag_resource(api: Api, given: dict[str, Any]) -> Answer:
    with api.tables.changing():
        arn = _resource(api, given)
        check(api.tables.tags(arn) | given["Tags"])
        api.tables.put_tags(arn, given["Tags"])
    return None


def untag_resource(api: Api, given: dict[str, Any]) -> Answer:
    with api.tables.changing():
        api.tables.remove_tags(_resource(api, given), given["TagKeys"])
    return None


def list_tags(api: Api, given: dict[str, Any]) -> Answer:
    return {"Tags": api.tables.tags(_resource(api, given))}


def check(tags: dict[str, str]) -> None:
    """Raises LambdaError for more than a resource may have."""
    if len(tags) > MOST:
        raise invalid(f"1 validation error detected: a resource may have {MOST} tags, not {len(tags)}.")


def _resource(api: Api, given: dict[str, Any]) -> str:
    """The ARN of a function, without a qualifier: versions and aliases have no tags."""
    if ":function:" not in given["Resource"]:
        raise invalid(f"Tags are kept for functions here: {given['Resource']!r} is none.")
    arn = function_arn(api.created(given["Resource"]).name)
    if arn != given["Resource"]:
        raise invalid(f"Tags on function aliases and versions are not supported. Please specify a function ARN: {arn}")
    return arn
