"""Aliases: a name for a version, which may send a share of its calls to another one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from stepsmith.local.functions.errors import changed_meanwhile, conflict, invalid, not_found
from stepsmith.local.functions.names import LATEST, function_arn
from stepsmith.local.functions.values import Alias

from . import described
from .api import Answer, Api
from .pages import page


def create_alias(api: Api, given: dict[str, Any]) -> Answer:
    function, name = api.created(given["FunctionName"]).name, given["Name"]
    with api.tables.changing():
        if api.tables.alias(function, name) is not None:
            raise conflict(f"Alias already exists: {function_arn(function, name)}")
        alias = Alias(function, name, given["FunctionVersion"], given.get("Description", ""), {}, api.new_id())
        return _kept(api, replace(alias, weights=_weights(given)))


def update_alias(api: Api, given: dict[str, Any]) -> Answer:
    with api.tables.changing():
        before = _alias(api, given)
        if given.get("RevisionId", before.revision_id) != before.revision_id:
            raise changed_meanwhile()
        alias = replace(
            before,
            version=given.get("FunctionVersion", before.version),
            description=given.get("Description", before.description),
            weights=_weights(given) if "RoutingConfig" in given else before.weights,
            revision_id=api.new_id(),
        )
        return _kept(api, alias)


def get_alias(api: Api, given: dict[str, Any]) -> Answer:
    return described.alias(_alias(api, given))


def list_aliases(api: Api, given: dict[str, Any]) -> Answer:
    function, version = api.created(given["FunctionName"]).name, given.get("FunctionVersion")
    found, marker = page(given, lambda after, limit: api.tables.aliases(function, after, limit), lambda each: each.name)
    listed = [described.alias(each) for each in found if version in (None, each.version)]
    return {"Aliases": listed, "NextMarker": marker}


def delete_alias(api: Api, given: dict[str, Any]) -> Answer:
    """One that is not there is deleted, too."""
    api.tables.remove_alias(api.created(given["FunctionName"]).name, given["Name"])
    return None


def _alias(api: Api, given: Mapping[str, Any]) -> Alias:
    function = api.created(given["FunctionName"]).name
    found = api.tables.alias(function, given["Name"])
    if found is None:
        raise not_found(f"Cannot find alias arn: {function_arn(function, given['Name'])}")
    return found


def _weights(given: Mapping[str, Any]) -> Mapping[str, float]:
    weights: Mapping[str, float] = given.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    return weights


def _kept(api: Api, alias: Alias) -> Answer:
    """Its versions are there, and go together."""
    if len(alias.weights) > 1:
        raise invalid("Number of items in AdditionalVersionWeights cannot be greater than 1")
    if alias.weights and alias.version == LATEST:
        raise invalid("$LATEST is not supported for an alias pointing to more than 1 version")
    if alias.version in alias.weights:
        said = f"Invalid function version {alias.version}. "
        raise invalid(f"{said}Function version {alias.version} is already included in routing configuration.")
    for version in (alias.version, *alias.weights):
        api.version(alias.function, version)
    api.tables.put_alias(alias)
    return described.alias(alias)
