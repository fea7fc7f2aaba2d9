"""Claims on what is taken over after a killed apply."""

import json
from pathlib import Path
from typing import Any

from .adoption import FILE, adopt, forget
from .events import Told
from .faults import TerraformError
from .root import Root

GROUP = "aws_cloudwatch_log_group.tools_books_logs"
MACHINE = "aws_sfn_state_machine.agents_sql"


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:us-east-1:000000000000:{resource}"


def planned(address: str, **values: Any) -> dict[str, Any]:
    return {"address": address, "type": address.partition(".")[0], "change": {"after": values}}


DETAILS = {"resource_changes": [planned(GROUP, name="/aws/lambda/x"), planned(MACHINE, name="stepsmith-dev-sql")]}


def there(*addresses: str) -> TerraformError:
    return TerraformError([Told(True, "creating", "ResourceAlreadyExistsException: there", each) for each in addresses])


def test_what_is_there_gets_an_import_block_by_its_own_kind_of_id(tmp_path: Path) -> None:
    root = Root(tmp_path)
    assert adopt(root, there(GROUP, MACHINE), DETAILS, arn)
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
    assert not adopt(Root(tmp_path), there(alias), details, arn)


def test_another_error_beside_it_is_not_passed_over(tmp_path: Path) -> None:
    denied = Told(True, "creating", "AccessDenied", MACHINE)
    assert not adopt(Root(tmp_path), TerraformError([*there(GROUP).told, denied]), DETAILS, arn)
    assert not list(tmp_path.iterdir())


def test_what_is_still_in_the_way_after_that_is_not_tried_again(tmp_path: Path) -> None:
    root = Root(tmp_path)
    assert adopt(root, there(GROUP), DETAILS, arn)
    assert not adopt(root, there(GROUP), DETAILS, arn)
    assert adopt(root, there(MACHINE), DETAILS, arn)
