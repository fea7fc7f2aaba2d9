"""Aliases of state machines: create, update, describe, list, delete. The rules: local/catalog/aliases.py."""

from typing import Any

from stepsmith.local.catalog import Alias, Route

from .api import Answer, Api, seconds
from .pages import page


def create_state_machine_alias(api: Api, given: dict[str, Any]) -> Answer:
    routes = _routes(given["routingConfiguration"])
    alias = api.catalog.aliases.create(given["name"], routes, given.get("description"))
    return {"stateMachineAliasArn": alias.arn, "creationDate": seconds(alias.created_ms)}


def update_state_machine_alias(api: Api, given: dict[str, Any]) -> Answer:
    routes = _routes(given["routingConfiguration"]) if "routingConfiguration" in given else None
    alias = api.catalog.aliases.update(given["stateMachineAliasArn"], routes, given.get("description"))
    return {"updateDate": seconds(alias.updated_ms)}


def describe_state_machine_alias(api: Api, given: dict[str, Any]) -> Answer:
    alias = api.catalog.aliases.get(given["stateMachineAliasArn"])
    return {
        "stateMachineAliasArn": alias.arn,
        "name": alias.name,
        "description": alias.description,
        "routingConfiguration": _shown(alias),
        "creationDate": seconds(alias.created_ms),
        "updateDate": seconds(alias.updated_ms),
    }


def list_state_machine_aliases(api: Api, given: dict[str, Any]) -> Answer:
    arn, aliases = given["stateMachineArn"], api.catalog.aliases
    found, token = page(api, given, lambda after, limit: aliases.list(arn, limit, after), lambda each: each.id)
    items = [{"stateMachineAliasArn": each.arn, "creationDate": seconds(each.created_ms)} for each in found]
    return {"stateMachineAliases": items, "nextToken": token}


def delete_state_machine_alias(api: Api, given: dict[str, Any]) -> Answer:
    api.catalog.aliases.delete(given["stateMachineAliasArn"])
    return {}


def _routes(given: list[dict[str, Any]]) -> tuple[Route, ...]:
    return tuple(Route(each["stateMachineVersionArn"], each["weight"]) for each in given)


def _shown(alias: Alias) -> list[Answer]:
    return [{"stateMachineVersionArn": route.version_arn, "weight": route.weight} for route in alias.routes]
