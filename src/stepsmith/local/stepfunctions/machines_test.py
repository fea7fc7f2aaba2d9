"""State machines over the API: repetition, revisions, what is described, deletion, listing."""

import json
from typing import Any

import pytest

from stepsmith.local import VirtualClock
from stepsmith.local.catalog.conftest import ROLE, definition
from stepsmith.local.conftest import activity_arn, machine_arn
from stepsmith.local.stepfunctions import Api
from stepsmith.local.stepfunctions.conftest import call, refused

GROUP = "arn:aws:logs:us-east-1:000000000000:log-group:a:*"
LOGGING = {
    "level": "ALL",
    "includeExecutionData": True,
    "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": GROUP}}],
}
M = machine_arn("m")
MINIMAL = {"name": "m", "definition": definition(), "roleArn": ROLE}
pytestmark = pytest.mark.asyncio


async def create(api: Api, **given: Any) -> dict[str, Any]:
    return await call(api, "CreateStateMachine", **{**MINIMAL, **given})


async def describe(api: Api, arn: str = M, **given: Any) -> dict[str, Any]:
    return await call(api, "DescribeStateMachine", stateMachineArn=arn, **given)


async def update(api: Api, **given: Any) -> dict[str, Any]:
    return await call(api, "UpdateStateMachine", stateMachineArn=M, **given)


async def test_a_new_machine_is_answered_with_its_arn_and_time(api: Api, clock: VirtualClock) -> None:
    assert await create(api) == {"stateMachineArn": M, "creationDate": clock.now_ms() / 1000}


async def test_a_new_machine_is_described_with_every_default(api: Api, clock: VirtualClock) -> None:
    await create(api)
    assert await describe(api) == {
        "stateMachineArn": M,
        "name": "m",
        "status": "ACTIVE",
        "definition": definition(),
        "roleArn": ROLE,
        "type": "STANDARD",
        "creationDate": clock.now_ms() / 1000,
        "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
        "tracingConfiguration": {"enabled": False},
        "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
    }


async def test_what_was_given_is_described(api: Api) -> None:
    key = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/k", "kmsDataKeyReusePeriodSeconds": 60}
    settings = {
        "type": "EXPRESS",
        "loggingConfiguration": LOGGING,
        "tracingConfiguration": {"enabled": True},
        "encryptionConfiguration": key,
    }
    await create(api, **settings)
    assert (await describe(api)).items() >= settings.items()


async def test_the_same_request_again_is_answered_the_same(api: Api, clock: VirtualClock) -> None:
    first = await create(api, loggingConfiguration=LOGGING)
    await clock.advance(10)
    assert await create(api, loggingConfiguration=LOGGING) == first


async def test_another_role_and_other_tags_on_repetition_are_ignored(api: Api) -> None:
    first = await create(api, tags=[{"key": "a", "value": "1"}])
    assert await create(api, roleArn=f"{ROLE}2", tags=[{"key": "b", "value": "2"}]) == first
    assert (await describe(api))["roleArn"] == ROLE
    tags = await call(api, "ListTagsForResource", resourceArn=M)
    assert tags == {"tags": [{"key": "a", "value": "1"}]}


@pytest.mark.parametrize(
    "other",
    [
        {"definition": definition("other")},
        {"type": "EXPRESS"},
        {"loggingConfiguration": LOGGING},
        {"tracingConfiguration": {"enabled": True}},
        {"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "k"}},
        {"publish": True},
    ],
)
async def test_the_same_name_with_anything_else_is_taken(api: Api, other: dict[str, Any]) -> None:
    await create(api)
    with refused("StateMachineAlreadyExists", f"State Machine Already Exists: '{M}'"):
        await create(api, **other)


async def test_creation_publishes_the_first_version_when_asked(api: Api) -> None:
    created = await create(api, publish=True, versionDescription="first")
    assert created["stateMachineVersionArn"] == f"{M}:1"
    assert (await describe(api, f"{M}:1"))["description"] == "first"


async def test_publishing_creation_again_gives_the_same_version(api: Api) -> None:
    first = await create(api, publish=True, versionDescription="first")
    assert await create(api, publish=True, versionDescription="first") == first


@pytest.mark.parametrize("action", [create, update])
async def test_a_versions_description_needs_a_version(api: Api, action: Any) -> None:
    await create(api)
    with refused("ValidationException", "Version description can only be set when publish is true"):
        await action(api, definition=definition("other"), versionDescription="first")


async def test_a_name_with_letters_that_names_have_not_is_invalid(api: Api) -> None:
    with refused("InvalidName", "Invalid Name: 'a b'"):
        await create(api, name="a b")


async def test_a_role_that_is_none_is_an_invalid_arn(api: Api) -> None:
    with refused("InvalidArn", "Invalid Role Arn: 'me'"):
        await create(api, roleArn="me")


async def test_a_definition_that_is_none_is_invalid(api: Api) -> None:
    with refused("InvalidDefinition", "Invalid State Machine Definition: '"):
        await create(api, definition="{}")


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"loggingConfiguration": {"level": "ALL"}}, "InvalidLoggingConfiguration"),
        ({"tracingConfiguration": {}}, "InvalidTracingConfiguration"),
        ({"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY"}}, "InvalidEncryptionConfiguration"),
    ],
)
@pytest.mark.parametrize("action", [create, update])
async def test_settings_that_are_wrong_have_errors_of_their_own(
    api: Api, action: Any, settings: dict[str, Any], code: str
) -> None:
    with refused(code):
        await action(api, **settings)


async def test_a_machine_has_no_revision_until_it_is_updated(api: Api) -> None:
    await create(api)
    assert "revisionId" not in await describe(api)
    updated = await update(api, definition=definition("second"))
    assert (await describe(api))["revisionId"] == updated["revisionId"]


async def test_every_update_that_changes_something_is_a_revision(api: Api) -> None:
    await create(api)
    changes: list[dict[str, Any]] = [
        {"definition": definition("second")},
        {"roleArn": f"{ROLE}2"},
        {"loggingConfiguration": LOGGING},
        {"tracingConfiguration": {"enabled": True}},
    ]
    revisions = [(await update(api, **change))["revisionId"] for change in changes]
    assert len(set(revisions)) == len(changes)


async def test_an_update_that_changes_nothing_is_no_revision(api: Api, clock: VirtualClock) -> None:
    await create(api)
    first = await update(api, definition=definition("second"))
    await clock.advance(10)
    again = await update(api, definition=definition("second"))
    assert again == {"updateDate": first["updateDate"] + 10, "revisionId": first["revisionId"]}


async def test_an_update_leaves_what_it_does_not_name(api: Api) -> None:
    await create(api, loggingConfiguration=LOGGING)
    before = await describe(api)
    await update(api, roleArn=f"{ROLE}2")
    after = await describe(api)
    assert {**before, "roleArn": f"{ROLE}2", "revisionId": after["revisionId"]} == after


async def test_an_update_publishes_when_asked(api: Api) -> None:
    await create(api)
    updated = await update(api, definition=definition("second"), publish=True, versionDescription="second")
    assert updated["stateMachineVersionArn"] == f"{M}:1"
    version = await describe(api, f"{M}:1")
    assert (version["definition"], version["revisionId"]) == (definition("second"), updated["revisionId"])


@pytest.mark.parametrize("given", [{}, {"publish": True}])
async def test_an_update_of_nothing_misses_a_parameter(api: Api, given: dict[str, Any]) -> None:
    await create(api)
    with refused("MissingRequiredParameter", "the definition, the role ARN"):
        await update(api, **given)


async def test_an_update_with_a_bad_definition_changes_nothing(api: Api) -> None:
    await create(api)
    with refused("InvalidDefinition"):
        await update(api, definition="{}")
    assert (await describe(api))["definition"] == definition()


@pytest.mark.parametrize(
    ("action", "given"),
    [("DescribeStateMachine", {}), ("UpdateStateMachine", {"definition": definition()})],
)
async def test_a_machine_that_is_not_there_is_named(api: Api, action: str, given: dict[str, Any]) -> None:
    with refused("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{M}'"):
        await call(api, action, stateMachineArn=M, **given)


@pytest.mark.parametrize("action", ["DescribeStateMachine", "UpdateStateMachine", "DeleteStateMachine"])
@pytest.mark.parametrize("arn", ["m", activity_arn("m")])
async def test_what_is_no_machines_arn_is_invalid(api: Api, action: str, arn: str) -> None:
    given = {"roleArn": ROLE} if action == "UpdateStateMachine" else {}
    with refused("InvalidArn", "Invalid Arn: '"):
        await call(api, action, stateMachineArn=arn, **given)


@pytest.mark.parametrize("action", ["UpdateStateMachine", "DeleteStateMachine"])
async def test_a_label_is_refused_where_a_machine_is_changed(api: Api, action: str) -> None:
    given = {"roleArn": ROLE} if action == "UpdateStateMachine" else {}
    with refused("ValidationException"):
        await call(api, action, stateMachineArn=f"{M}/rows", **given)


async def test_metadata_only_hides_the_definition_and_what_follows_from_it(api: Api) -> None:
    states = {
        "A": {"Type": "Pass", "Assign": {"n": 1}, "Next": "B"},
        "B": {"Type": "Pass", "Output": "{% $n %}", "End": True},
    }
    await create(api, definition=json.dumps({"QueryLanguage": "JSONata", "StartAt": "A", "States": states}))
    assert (await describe(api))["variableReferences"] == {"B": ["n"]}
    hidden = await describe(api, includedData="METADATA_ONLY")
    assert hidden["definition"] == "{}"
    assert "variableReferences" not in hidden


async def test_a_version_is_described_as_it_was_published(api: Api, clock: VirtualClock) -> None:
    await create(api)
    before = await describe(api)
    await clock.advance(10)
    await call(api, "PublishStateMachineVersion", stateMachineArn=M, description="first")
    await update(api, definition=definition("second"))
    assert await describe(api, f"{M}:1") == {
        **before,
        "stateMachineArn": f"{M}:1",
        "creationDate": before["creationDate"] + 10,
        "description": "first",
    }


async def test_an_alias_is_described_as_the_version_that_it_routes_most_to(api: Api) -> None:
    await create(api, publish=True)
    await update(api, definition=definition("second"), publish=True)
    routes = [{"stateMachineVersionArn": f"{M}:{n}", "weight": weight} for n, weight in ((1, 40), (2, 60))]
    await call(api, "CreateStateMachineAlias", name="PROD", routingConfiguration=routes)
    assert await describe(api, f"{M}:PROD") == {**await describe(api, f"{M}:2"), "stateMachineArn": f"{M}:PROD"}


async def test_a_version_of_a_machine_that_is_not_there_is_named_whole(api: Api) -> None:
    with refused("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{M}:1'"):
        await describe(api, f"{M}:1")


@pytest.mark.parametrize("qualifier", [":1", ":PROD", "/rows"])
async def test_a_qualifier_that_is_not_there_is_named(api: Api, qualifier: str) -> None:
    await create(api)
    with refused("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{M}{qualifier}'"):
        await describe(api, M + qualifier)


async def test_a_deleted_machine_is_gone_with_its_versions_aliases_and_tags(api: Api) -> None:
    await create(api, publish=True, tags=[{"key": "a", "value": "1"}])
    routes = [{"stateMachineVersionArn": f"{M}:1", "weight": 100}]
    await call(api, "CreateStateMachineAlias", name="PROD", routingConfiguration=routes)
    assert await call(api, "DeleteStateMachine", stateMachineArn=M) == {}
    with refused("StateMachineDoesNotExist"):
        await describe(api)
    await create(api)
    assert await call(api, "ListStateMachineVersions", stateMachineArn=M) == {"stateMachineVersions": []}
    assert await call(api, "ListStateMachineAliases", stateMachineArn=M) == {"stateMachineAliases": []}
    assert await call(api, "ListTagsForResource", resourceArn=M) == {"tags": []}


async def test_deleting_again_is_no_error(api: Api) -> None:
    await create(api)
    for _ in range(2):
        assert await call(api, "DeleteStateMachine", stateMachineArn=M) == {}


async def test_machines_are_listed_page_by_page_in_the_order_of_their_names(api: Api) -> None:
    for name in ("c", "a", "b"):
        await create(api, name=name)
    first = await call(api, "ListStateMachines", maxResults=2)
    rest = await call(api, "ListStateMachines", maxResults=2, nextToken=first["nextToken"])
    assert [each["name"] for each in first["stateMachines"] + rest["stateMachines"]] == ["a", "b", "c"]
    assert "nextToken" not in rest


async def test_a_machine_is_listed_with_its_type_and_time(api: Api, clock: VirtualClock) -> None:
    await create(api, type="EXPRESS")
    item = {"stateMachineArn": M, "name": "m", "type": "EXPRESS", "creationDate": clock.now_ms() / 1000}
    assert await call(api, "ListStateMachines") == {"stateMachines": [item]}
