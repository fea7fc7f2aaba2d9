"""State machines: create, update, describe, delete, list.

The rules are the catalog's (local/catalog/machines.py); here requests become its values, and its values answers.
"""

from collections.abc import Callable
from typing import Any

from stepsmith.local.catalog import Change, Configuration, Encryption, Logging, Machine, Publication, Tracing
from stepsmith.local.catalog.arns import machine_arn
from stepsmith.local.catalog.definition import distributed_map, variable_references
from stepsmith.local.catalog.values import MachineListed

from .api import Answer, Api, seconds
from .errors import machine_does_not_exist
from .pages import page
from .tags import read_tags

Given = dict[str, Any]


def create_state_machine(api: Api, given: Given) -> Answer:
    configuration = Configuration(
        given["definition"],
        given["roleArn"],
        Logging.read(given.get("loggingConfiguration")),
        Tracing.read(given.get("tracingConfiguration")),
        Encryption.read(given.get("encryptionConfiguration")),
    )
    tags = read_tags(given.get("tags", []))
    machine, version = api.catalog.machines.create(
        given["name"], given.get("type", "STANDARD"), configuration, tags, _publication(given)
    )
    return {
        "stateMachineArn": machine.arn,
        "creationDate": seconds(machine.created_ms),
        "stateMachineVersionArn": version and version.arn,
    }


def update_state_machine(api: Api, given: Given) -> Answer:
    change = Change(
        given.get("definition"),
        given.get("roleArn"),
        _if_given(Logging.read, given.get("loggingConfiguration")),
        _if_given(Tracing.read, given.get("tracingConfiguration")),
        _if_given(Encryption.read, given.get("encryptionConfiguration")),
    )
    machine, version = api.catalog.machines.update(given["stateMachineArn"], change, _publication(given))
    return {
        "updateDate": seconds(machine.updated_ms),
        "revisionId": machine.revision_id,
        "stateMachineVersionArn": version and version.arn,
    }


def describe_state_machine(api: Api, given: Given) -> Answer:
    arn = given["stateMachineArn"]
    machine, version = api.catalog.describe(arn)
    shown = version or machine
    label = machine_arn(arn).label
    definition = shown.configuration.definition if label is None else _labelled(machine, label, arn)
    return {
        "stateMachineArn": arn,
        "name": machine.name,
        "status": machine.status,
        "type": machine.type,
        "creationDate": seconds(shown.created_ms),
        "revisionId": shown.revision_id,
        "description": version and version.description,
        "label": label,
        **configuration_shown(shown.configuration, definition, given.get("includedData")),
    }


def configuration_shown(configuration: Configuration, definition: str, included: str | None) -> Answer:
    """What an answer tells of a configuration; with METADATA_ONLY nothing of the definition."""
    hidden = included == "METADATA_ONLY"
    return {
        "definition": "{}" if hidden else definition,
        "roleArn": configuration.role_arn,
        "loggingConfiguration": configuration.logging.answer(),
        "tracingConfiguration": configuration.tracing.answer(),
        "encryptionConfiguration": configuration.encryption.answer(),
        "variableReferences": (not hidden and variable_references(configuration.definition)) or None,
    }


def delete_state_machine(api: Api, given: Given) -> Answer:
    api.catalog.machines.delete(given["stateMachineArn"])
    return {}


def list_state_machines(api: Api, given: Given) -> Answer:
    machines = api.catalog.machines
    found, token = page(api, given, lambda after, limit: machines.list(limit, after or ""), lambda each: each.name)
    return {"stateMachines": [_item(machine) for machine in found], "nextToken": token}


def _item(machine: MachineListed) -> Answer:
    return {
        "stateMachineArn": machine.arn,
        "name": machine.name,
        "type": machine.type,
        "creationDate": seconds(machine.created_ms),
    }


def _labelled(machine: Machine, label: str, arn: str) -> str:
    found = distributed_map(machine.definition, label)
    if found is None:
        raise machine_does_not_exist(arn)
    return found


def _publication(given: Given) -> Publication:
    return Publication(given.get("publish", False), given.get("versionDescription"))


def _if_given[T](read: Callable[[Given], T], value: Given | None) -> T | None:
    return None if value is None else read(value)
