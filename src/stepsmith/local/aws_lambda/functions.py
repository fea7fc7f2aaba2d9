"""Functions: CreateFunction, their configuration, what there is, and their end."""

from dataclasses import replace
from typing import Any

from stepsmith.local.functions.errors import changed_meanwhile, conflict, invalid, too_long
from stepsmith.local.functions.names import LATEST, Name, function_arn, read
from stepsmith.local.functions.values import Version

from . import code, described, settings, tags, versions
from .api import Answer, Api, Raw
from .pages import page

LONGEST_NAME = 64  # of a name alone; the service model bounds ARNs ("CreateFunction", FunctionName)


async def create_function(api: Api, given: dict[str, Any]) -> Answer:
    """The zip is kept before a row names it: whatever ends this process leaves no half of a function."""
    name = read(given["FunctionName"]).function
    if len(name) > LONGEST_NAME:
        raise too_long("functionName", name, LONGEST_NAME)
    _check_free(api, name)
    wanted = settings.first(api, given)
    stored = await code.stored(api, given["Code"])
    with api.tables.changing():
        _check_free(api, name)
        api.tables.add_function(name)
        latest = Version(name, 0, wanted, stored, api.now_ms(), api.new_id())
        api.tables.put_version(latest)
        tags.check(given.get("Tags", {}))
        api.tables.put_tags(function_arn(name), given.get("Tags", {}))
        shown = versions.published(api, latest) if given.get("Publish") else latest
    return described.configuration(shown)


def update_function_configuration(api: Api, given: dict[str, Any]) -> Answer:
    with api.tables.changing():
        latest = api.latest(given["FunctionName"])
        if given.get("RevisionId", latest.revision_id) != latest.revision_id:
            raise changed_meanwhile()
        wanted = settings.changed(api, latest.settings, given)
        changed = replace(latest, settings=wanted, modified_ms=api.now_ms(), revision_id=api.new_id())
        api.tables.put_version(changed)
    return described.configuration(changed)


def get_function(api: Api, given: dict[str, Any]) -> Answer:
    wanted = api.named(given)
    if hosted := api.functions.hosted.get(wanted.function):
        return {"Configuration": described.hosted(wanted.function, hosted)}
    version = api.version(given["FunctionName"], given.get("Qualifier"))
    created = api.created(wanted.function)
    reserved = None if created.reserved is None else {"ReservedConcurrentExecutions": created.reserved}
    return {
        "Configuration": _under(wanted, described.configuration(version)),
        "Code": {"RepositoryType": "S3", "Location": api.code.path(version.code).as_uri()},
        "Tags": api.tables.tags(function_arn(wanted.function)) or None,
        "Concurrency": reserved,
    }


def get_function_configuration(api: Api, given: dict[str, Any]) -> Answer:
    wanted = api.named(given)
    if hosted := api.functions.hosted.get(wanted.function):
        return described.hosted(wanted.function, hosted)
    version = api.version(given["FunctionName"], given.get("Qualifier"))
    return _under(wanted, described.configuration(version))


def get_function_code_signing_config(api: Api, given: dict[str, Any]) -> Answer:
    """No function here has one: Terraform asks of each."""
    return {"FunctionName": api.created(given["FunctionName"]).name}


def list_functions(api: Api, given: dict[str, Any]) -> Answer:
    """Those of the repository come first."""

    def fetch(after: str, limit: int) -> list[tuple[str, dict[str, Any]]]:
        place, _, last = after.partition("/")
        if place == "created":
            return _created(api, given, last, limit)
        hosted = [(f"hosted/{name}", described.hosted(name, api.functions.hosted[name])) for name in _hosted(api, last)]
        return [*hosted, *_created(api, given, "", limit)][:limit]

    found, marker = page(given, fetch, lambda each: each[0])
    return {"Functions": [each for _, each in found], "NextMarker": marker}


def _hosted(api: Api, after: str) -> list[str]:
    return sorted(name for name in api.functions.hosted if name > after)


def _created(api: Api, given: dict[str, Any], after: str, limit: int) -> list[tuple[str, dict[str, Any]]]:
    if given.get("FunctionVersion") == "ALL":
        versions = api.tables.all_versions(after, limit)
        return [
            (f"created/{each.function}:{each.number}", described.configuration(each, qualified=True))
            for each in versions
        ]
    return [(f"created/{each.function}", described.configuration(each)) for each in api.tables.latest(after, limit)]


def delete_function(api: Api, given: dict[str, Any]) -> Answer:
    """The function whole, or one of its versions. Zips that nobody needs go at the next start (CodeStore.sweep): now
    another request may be about to name one."""
    wanted = read(given["FunctionName"], given.get("Qualifier"))
    with api.tables.changing():
        function = api.created(wanted.function)
        if wanted.qualifier is None:
            api.tables.remove_function(function.name)
            api.tables.remove_tags(function_arn(function.name))
        else:
            _delete_version(api, wanted)
    api.functions.forget(function.name, wanted.qualifier)
    return Raw(b"", 204, {})


def _delete_version(api: Api, wanted: Name) -> None:
    if wanted.qualifier == LATEST:
        raise invalid("$LATEST version cannot be deleted without deleting the function.")
    if not str(wanted.qualifier).isdigit():
        raise invalid("Deletion of aliases is not supported by DeleteFunction: use DeleteAlias.")
    version = api.version(wanted.function, wanted.qualifier)
    aliases = api.tables.aliases(wanted.function, "", -1)
    if used := [each.name for each in aliases if version.name in (each.version, *each.weights)]:
        raise conflict(f"Function version {version.name} is used by aliases: {used}")
    api.tables.remove_version(wanted.function, version.number)


def _check_free(api: Api, name: str) -> None:
    if name in api.functions.hosted or api.tables.function(name) is not None:
        raise conflict(f"Function already exist: {name}")


def _under(wanted: Name, configuration: dict[str, Any]) -> dict[str, Any]:
    """With the ARN by which it was asked for: an alias's, a version's, or that of `$LATEST`."""
    return configuration | {"FunctionArn": wanted.arn}
