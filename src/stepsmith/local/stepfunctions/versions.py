"""Versions of state machines: publish, list, delete. The rules: local/catalog/versions.py."""

from typing import Any

from .api import Answer, Api, seconds
from .pages import page


def publish_state_machine_version(api: Api, given: dict[str, Any]) -> Answer:
    version = api.catalog.versions.publish(given["stateMachineArn"], given.get("revisionId"), given.get("description"))
    return {"stateMachineVersionArn": version.arn, "creationDate": seconds(version.created_ms)}


def list_state_machine_versions(api: Api, given: dict[str, Any]) -> Answer:
    arn, versions = given["stateMachineArn"], api.catalog.versions
    found, token = page(api, given, lambda after, limit: versions.list(arn, limit, after), lambda each: each.number)
    items = [{"stateMachineVersionArn": each.arn, "creationDate": seconds(each.created_ms)} for each in found]
    return {"stateMachineVersions": items, "nextToken": token}


def delete_state_machine_version(api: Api, given: dict[str, Any]) -> Answer:
    api.catalog.versions.delete(given["stateMachineVersionArn"])
    return {}
