"""Claims on a result in a few words."""

import pytest

from stepsmith.cli.results import summary
from stepsmith.contracts import Image, Text, ToolResult


def result(*content, is_error=False):
    return ToolResult("1", "tool", content, is_error)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (result(Text('{"rows": [1, 2], "row_count": 30}')), "30 rows"),
        (result(Text('{"tables": {"a": 1, "b": 2}}')), "2 tables"),
        (result(Text("[1, 2, 3]")), "3 items"),
        (result(Text("27 tables in SQLite\nPeople ...")), "27 tables in SQLite People ..."),
        (result(Text("{}"), Image("s3://b/k/wins.png", "image/png", "wins.png")), "wins.png"),
        (result(Text("no such table: team"), is_error=True), "error: no such table: team"),
        (result(Text('{"error": "NameError: x"}'), is_error=True), "error: NameError: x"),
        (result(), ""),
    ],
)
def test_a_result_is_told_in_a_few_words(given, words):
    assert summary(given, 60) == words
