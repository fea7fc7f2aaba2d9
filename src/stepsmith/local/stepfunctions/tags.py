"""Tags of state machines and activities. The rules: local/catalog/tags.py."""

from typing import Any

from .api import Answer, Api


def tag_resource(api: Api, given: dict[str, Any]) -> Answer:
    api.catalog.tags.add(given["resourceArn"], read_tags(given["tags"]))
    return {}


def untag_resource(api: Api, given: dict[str, Any]) -> Answer:
    api.catalog.tags.remove(given["resourceArn"], given["tagKeys"])
    return {}


def list_tags_for_resource(api: Api, given: dict[str, Any]) -> Answer:
    tags = api.catalog.tags.of(given["resourceArn"])
    return {"tags": [{"key": key, "value": value} for key, value in tags.items()]}


def read_tags(given: list[dict[str, str]]) -> dict[str, str]:
    """A TagList as a mapping; key and value are optional in the service model."""
    return {tag.get("key", ""): tag.get("value", "") for tag in given}
