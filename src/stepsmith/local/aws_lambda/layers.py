"""Layers: zips that functions find under `/opt`, in versions that never change.

A function keeps the code of a version that is deleted, as on AWS.
"""

from collections.abc import Sequence
from typing import Any

from stepsmith.local.functions.errors import not_found
from stepsmith.local.functions.names import layer_arn
from stepsmith.local.functions.values import LayerVersion

from . import code
from .api import Answer, Api
from .described import timestamp
from .pages import page

_ABOUT = ("Description", "CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo")


async def publish_layer_version(api: Api, given: dict[str, Any]) -> Answer:
    name = _name(given["LayerName"])
    about = {member: given[member] for member in _ABOUT if member in given}
    stored = await code.stored(api, given["Content"])
    with api.tables.changing():
        version = LayerVersion(name, api.tables.next_layer_number(name), stored, api.now_ms(), about)
        api.tables.add_layer_version(version)
    return _whole(api, version)


def get_layer_version(api: Api, given: dict[str, Any]) -> Answer:
    return _whole(api, _found(api, _name(given["LayerName"]), given["VersionNumber"]))


def get_layer_version_by_arn(api: Api, given: dict[str, Any]) -> Answer:
    name, _, number = given["Arn"].rpartition(":")
    return _whole(api, _found(api, _name(name), int(number)))


def list_layer_versions(api: Api, given: dict[str, Any]) -> Answer:
    """The latest first."""
    matching = [each for each in api.tables.layer_versions(_name(given["LayerName"])) if _suits(each, given)]
    found, marker = page(given, lambda after, limit: _after(matching, after)[:limit], lambda each: str(each.number))
    return {"LayerVersions": [_listed(each) for each in found], "NextMarker": marker}


def list_layers(api: Api, given: dict[str, Any]) -> Answer:
    """Each with its latest version that suits."""
    latest = (
        next((each for each in api.tables.layer_versions(name) if _suits(each, given)), None)
        for name in api.tables.layers()
    )
    matching = [each for each in latest if each is not None]
    found, marker = page(
        given, lambda after, limit: [each for each in matching if each.layer > after][:limit], lambda each: each.layer
    )
    listed = [
        {"LayerName": each.layer, "LayerArn": layer_arn(each.layer), "LatestMatchingVersion": _listed(each)}
        for each in found
    ]
    return {"Layers": listed, "NextMarker": marker}


def delete_layer_version(api: Api, given: dict[str, Any]) -> Answer:
    """One that is not there is deleted, too."""
    api.tables.remove_layer_version(_name(given["LayerName"]), given["VersionNumber"])
    return None


def _name(given: str) -> str:
    """A layer's name, given as such or as its ARN."""
    return given.rpartition(":")[2]


def _found(api: Api, name: str, number: int) -> LayerVersion:
    found = api.tables.layer_version(name, number)
    if found is None:
        raise not_found("The resource you requested does not exist.")
    return found


def _suits(version: LayerVersion, given: dict[str, Any]) -> bool:
    runtime, architecture = given.get("CompatibleRuntime"), given.get("CompatibleArchitecture")
    runtimes, architectures = (
        version.about.get(name, ()) for name in ("CompatibleRuntimes", "CompatibleArchitectures")
    )
    return (runtime is None or runtime in runtimes) and (architecture is None or architecture in architectures)


def _after(versions: Sequence[LayerVersion], after: str) -> Sequence[LayerVersion]:
    return [each for each in versions if not after or each.number < int(after)]


def _listed(version: LayerVersion) -> dict[str, Any]:
    return {
        "LayerVersionArn": layer_arn(version.layer, version.number),
        "Version": version.number,
        "CreatedDate": timestamp(version.created_ms),
        **version.about,
    }


def _whole(api: Api, version: LayerVersion) -> dict[str, Any]:
    content = {
        "Location": api.code.path(version.code).as_uri(),
        "CodeSha256": version.code.sha256,
        "CodeSize": version.code.bytes,
    }
    return {"LayerArn": layer_arn(version.layer), "Content": content, **_listed(version)}
