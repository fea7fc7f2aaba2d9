"""docs/infra.md does what it says: the construct that it shows is made, from the lines that it shows."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.conftest import AWS, ROOT, resources

PAGE = (ROOT / "docs" / "infra.md").read_text("utf-8")


@pytest.mark.usefixtures("synthesise")
def test_the_construct_of_the_page_makes_an_alarm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from infra import iac
    from infra.root import NAME, Root

    [(line, name)] = re.findall(r"`(from cdktf_cdktf_provider_aws\.\S+ import (\w+))`", PAGE)
    [construct] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    made: dict[str, Any] = {}
    exec(line, made)
    monkeypatch.setattr(iac, name, made[name], raising=False)
    exec(construct, made)
    app = iac.App(outdir=str(tmp_path))
    made["Alarms"](Root(app, AWS), AWS, ["ledger"])
    app.synth()
    terraform = json.loads((tmp_path / "stacks" / NAME / "cdk.tf.json").read_text())
    alarm = resources(terraform, "aws_cloudwatch_metric_alarm")["alarms/ledger"]
    assert alarm["alarm_name"] == "stepsmith-dev-ledger-errors"
    assert alarm["dimensions"] == {"FunctionName": "stepsmith-dev-ledger"}
