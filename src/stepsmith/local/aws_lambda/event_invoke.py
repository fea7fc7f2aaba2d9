"""How asynchronous calls of a function are retried, and whom their end is told (`functions/events.py` acts on it)."""

from dataclasses import replace
from functools import partial
from typing import Any

from stepsmith.local.functions.errors import invalid, not_found
from stepsmith.local.functions.names import LATEST, function_arn, read
from stepsmith.local.functions.values import EventInvoke

from .api import Answer, Api
from .pages import page

_DESTINATIONS = ("lambda", "sqs", "sns", "events", "s3")


def put_function_event_invoke_config(api: Api, given: dict[str, Any]) -> Answer:
    with api.tables.changing():
        return _kept(api, EventInvoke(*_which(api, given), api.now_ms()), given)


def update_function_event_invoke_config(api: Api, given: dict[str, Any]) -> Answer:
    with api.tables.changing():
        return _kept(api, replace(_found(api, given), modified_ms=api.now_ms()), given)


def get_function_event_invoke_config(api: Api, given: dict[str, Any]) -> Answer:
    return _described(_found(api, given))


def list_function_event_invoke_configs(api: Api, given: dict[str, Any]) -> Answer:
    function = api.created(given["FunctionName"]).name
    found, marker = page(given, partial(api.tables.event_invokes, function), lambda each: each.qualifier)
    return {"FunctionEventInvokeConfigs": [_described(each) for each in found], "NextMarker": marker}


def delete_function_event_invoke_config(api: Api, given: dict[str, Any]) -> Answer:
    found = _found(api, given)
    api.tables.remove_event_invoke(found.function, found.qualifier)
    return None


def _which(api: Api, given: dict[str, Any]) -> tuple[str, str]:
    """The function and the qualifier that are meant, which are there."""
    name = api.created(given["FunctionName"]).name
    wanted = read(given["FunctionName"], given.get("Qualifier"))
    api.version(name, wanted.qualifier)
    return name, wanted.qualifier or LATEST


def _found(api: Api, given: dict[str, Any]) -> EventInvoke:
    function, qualifier = _which(api, given)
    found = api.tables.event_invoke(function, qualifier)
    if found is None:
        raise not_found(f"The function {function_arn(function, qualifier)} doesn't have an EventInvokeConfig")
    return found


def _kept(api: Api, before: EventInvoke, given: dict[str, Any]) -> Answer:
    destinations = given.get("DestinationConfig", {})
    settings = replace(
        before,
        retries=given.get("MaximumRetryAttempts", before.retries),
        age_seconds=given.get("MaximumEventAgeInSeconds", before.age_seconds),
        on_success=_destination(destinations, "OnSuccess", before.on_success),
        on_failure=_destination(destinations, "OnFailure", before.on_failure),
    )
    api.tables.put_event_invoke(settings)
    return _described(settings)


def _destination(given: dict[str, Any], when: str, before: str | None) -> str | None:
    """The ARN that the request names; one that names none takes it away."""
    if when not in given:
        return before
    arn: str | None = given[when].get("Destination") or None
    if arn is not None and arn.split(":")[2:3] not in [[service] for service in _DESTINATIONS]:
        raise invalid(f"The provided destination config DestinationConfig({when}={arn}) is invalid.")
    return arn


def _described(settings: EventInvoke) -> dict[str, Any]:
    def destination(arn: str | None) -> dict[str, str]:
        return {} if arn is None else {"Destination": arn}

    said = {
        "LastModified": settings.modified_ms / 1000,
        "FunctionArn": function_arn(settings.function, settings.qualifier),
        "MaximumRetryAttempts": settings.retries,
        "MaximumEventAgeInSeconds": settings.age_seconds,
        "DestinationConfig": {
            "OnSuccess": destination(settings.on_success),
            "OnFailure": destination(settings.on_failure),
        },
    }
    return {name: each for name, each in said.items() if each is not None}
