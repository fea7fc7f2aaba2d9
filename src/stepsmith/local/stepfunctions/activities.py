"""Activities: create, describe, delete, list. The rules: local/catalog/activities.py."""

from typing import Any

from stepsmith.local.catalog import Activity, Encryption

from .api import Answer, Api, seconds
from .pages import page
from .tags import read_tags


def create_activity(api: Api, given: dict[str, Any]) -> Answer:
    encryption = Encryption.read(given.get("encryptionConfiguration"))
    activity = api.catalog.activities.create(given["name"], encryption, read_tags(given.get("tags", [])))
    return {"activityArn": activity.arn, "creationDate": seconds(activity.created_ms)}


def describe_activity(api: Api, given: dict[str, Any]) -> Answer:
    activity = api.catalog.activities.get(given["activityArn"])
    return {**_item(activity), "encryptionConfiguration": activity.encryption.answer()}


def delete_activity(api: Api, given: dict[str, Any]) -> Answer:
    api.catalog.activities.delete(given["activityArn"])
    return {}


def list_activities(api: Api, given: dict[str, Any]) -> Answer:
    activities = api.catalog.activities
    found, token = page(api, given, lambda after, limit: activities.list(limit, after or ""), lambda each: each.name)
    return {"activities": [_item(activity) for activity in found], "nextToken": token}


def _item(activity: Activity) -> Answer:
    return {"activityArn": activity.arn, "name": activity.name, "creationDate": seconds(activity.created_ms)}
