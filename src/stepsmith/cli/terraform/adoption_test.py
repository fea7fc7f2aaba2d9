"""Claims on what is taken over after a killed apply."""

import json
from pathlib import Path
from typing import Any

from .adoption import FILE, adopt, forget, functions_there, in_the_way
from .events import Told
from .faults import TerraformError
from .root import Root

GROUP = "aws_cloudwatch_log_group.tools_books_logs"
MACHINE = "aws_sfn_state_machine.agents_sql"
BOTH = frozenset((GROUP, MACHINE))


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:us-east-1:000000000000:{resource}"


def planned(address: str, **values: Any) -> dict[str, Any]:
    return {"address": address, "type": address.partition(".")[0], "change": {"actions": ["create"], "after": values}}


DETAILS = {"resource_changes": [planned(GROUP, name="/aws/lambda/x"), planned(MACHINE, name="stepsmith-dev-sql")]}


def there(*addresses: str) -> TerraformError:
    return TerraformError([Told(True, "creating", "ResourceAlreadyExistsException: there", each) for each in addresses])


def test_what_is_there_gets_an_import_block_by_its_own_kind_of_id(tmp_path: Path) -> None:
    root = Root(tmp_path)
    assert adopt(root, BOTH, DETAILS, arn)
    assert json.loads((tmp_path / FILE).read_text()) == {
        "import": [
            {"to": GROUP, "id": "/aws/lambda/x"},
            {"to": MACHINE, "id": arn("states", "stateMachine:stepsmith-dev-sql")},
        ]
    }
    forget(root)
    assert not list(tmp_path.iterdir())


def test_what_nobody_can_name_yet_is_not_taken_over(tmp_path: Path) -> None:
    alias = "aws_sfn_alias.agents_sql_live"
    details = {
        "resource_changes": [planned(alias, name="live", routing_configuration=[{"weight": 100}]), planned(GROUP)]
    }
    assert not adopt(Root(tmp_path), frozenset((alias,)), details, arn)


def test_another_error_beside_it_is_not_passed_over() -> None:
    denied = Told(True, "creating", "AccessDenied", MACHINE)
    assert in_the_way(there(GROUP, MACHINE)) == BOTH
    assert in_the_way(TerraformError([*there(GROUP).told, denied])) == frozenset()


def test_of_several_either_all_are_taken_over_or_none(tmp_path: Path) -> None:
    assert not adopt(Root(tmp_path), frozenset((GROUP, "aws_iam_role_policy.rights")), DETAILS, arn)
    assert not list(tmp_path.iterdir())


def test_of_functions_it_is_known_before_that_they_are_there() -> None:
    books, clustering, changed = (f"aws_lambda_function.tools_{name}" for name in ("books", "clustering", "changed"))
    changes = [planned(each, function_name=each.rpartition("_")[2]) for each in (books, clustering, changed)]
    changes[2]["change"]["actions"] = ["update"]
    details = {"resource_changes": [*changes, *DETAILS["resource_changes"]]}
    assert functions_there(details, {"books", "changed"}.__contains__) == {books}


def test_what_is_still_in_the_way_after_that_is_not_tried_again(tmp_path: Path) -> None:
    root = Root(tmp_path)
    assert adopt(root, frozenset((GROUP,)), DETAILS, arn)
    assert not adopt(root, frozenset((GROUP,)), DETAILS, arn)
    assert adopt(root, frozenset((MACHINE,)), DETAILS, arn)
