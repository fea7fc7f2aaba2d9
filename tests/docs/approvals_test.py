"""The page about approvals does what it says: its agent is left waiting, decided about, and goes on."""

import json
import shlex

from tests.docs.pages import Copy, Page

PAGE = Page("approvals.md")


def test_its_agent_asks_waits_and_goes_on(tmp_path):
    stepsmith = Copy(tmp_path, PAGE)
    run, listing, approve, resume = (shlex.split(line)[1:] for line in PAGE.commands)
    left = stepsmith(*run)
    assert left.returncode == 4, left.stderr
    listed = stepsmith(*listing)
    (request,) = json.loads(stepsmith(*listing, "--json").stdout)
    assert request["run_id"][:12] in listed.stdout and "every call of execute_sql_query asks" in listed.stdout
    for command in (approve, resume):
        done = stepsmith(*(request["run_id"] if word == "RUN" else word for word in command))
        assert done.returncode == 0, done.stderr
    assert "It was $" in done.stdout
