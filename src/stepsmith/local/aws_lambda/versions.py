"""Versions of a function: published once, never changed."""

from dataclasses import replace
from typing import Any

from stepsmith.local.functions.errors import changed_meanwhile, invalid
from stepsmith.local.functions.names import Name, read
from stepsmith.local.functions.values import Version

from . import described
from .api import Answer, Api
from .pages import page


def publish_version(api: Api, given: dict[str, Any]) -> Answer:
    with api.tables.changing():
        latest = api.latest(given["FunctionName"])
        if given.get("RevisionId", latest.revision_id) != latest.revision_id:
            raise changed_meanwhile()
        if given.get("CodeSha256", latest.code.sha256) != latest.code.sha256:
            said = f"CodeSHA256 ({given['CodeSha256']}) is different from current CodeSHA256 in $LATEST"
            raise invalid(f"{said} ({latest.code.sha256}). Please try again with the CodeSHA256 in $LATEST.")
        return described.configuration(published(api, latest, given.get("Description")))


def list_versions_by_function(api: Api, given: dict[str, Any]) -> Answer:
    name = read(given["FunctionName"]).function
    if hosted := api.functions.hosted.get(name):
        return {"Versions": [described.hosted(name, hosted)]}
    api.version(name)
    found, marker = page(given, lambda after, limit: api.tables.versions(name, int(after or -1), limit), _number)
    return {"Versions": [described.configuration(each, qualified=True) for each in found], "NextMarker": marker}


def published(api: Api, latest: Version, description: str | None = None) -> Version:
    """`$LATEST` under a number of its own, or the last version where nothing has changed since. Inside `changing()`."""
    function = api.created(latest.function)
    last = api.tables.version(latest.function, function.versions) if function.versions else None
    settings = latest.settings if description is None else replace(latest.settings, description=description)
    if last is not None and (last.settings, last.code) == (settings, latest.code):
        return last
    number = api.tables.next_number(latest.function)
    version = replace(latest, number=number, settings=settings, modified_ms=api.now_ms(), revision_id=api.new_id())
    api.tables.put_version(version)
    return version


def checked_number(api: Api, function: str, version: str) -> str:
    """A version that is there. Raises LambdaError."""
    return api.version(Name(function).arn, version).name


def _number(version: Version) -> str:
    return str(version.number)
