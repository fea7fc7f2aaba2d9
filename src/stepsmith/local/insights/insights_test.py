"""Queries over events: what Insights answers, by the examples of its user guide."""

import json

import pytest

from stepsmith.local.insights import Event, Malformed, parse, run

NOON = 1_764_763_200_000  # 2025-12-03 12:00:00 UTC
REPORT = (
    "REPORT RequestId: 8f5 Duration: 102.25 ms Billed Duration: 103 ms Memory Size: 128 MB Max Memory Used: 59 MB\t"
    "Init Duration: 250.50 ms"
)


def event(seconds: float, message: str | dict[str, object], stream: str = "s") -> Event:
    said = message if isinstance(message, str) else json.dumps(message)
    return Event("/g", stream, str(seconds), NOON + int(seconds * 1000), NOON, said)


def ask(query: str, *events: Event) -> list[dict[str, str]]:
    rows, _ = run(parse(query), events, "000000000000")
    return [{name: value for name, value in row.items() if name != "@ptr"} for row in rows]


LEVELS = tuple(
    event(n * 60, {"level": "ERROR" if n % 3 == 0 else "INFO", "ms": n, "at": {"host": f"h{n % 2}"}}) for n in range(6)
)


def test_fields_filter_sort_and_limit_show_the_newest_errors_first() -> None:
    rows = ask("fields @timestamp, ms | filter level = 'ERROR' | sort @timestamp desc | limit 20", *LEVELS)
    assert rows == [
        {"@timestamp": "2025-12-03 12:03:00.000", "ms": "3"},
        {"@timestamp": "2025-12-03 12:00:00.000", "ms": "0"},
    ]


def test_without_fields_time_and_message_are_shown_newest_first() -> None:
    assert [row["@message"] for row in ask("", event(1, "a"), event(2, "b"))] == ["b", "a"]
    assert ask("limit 1", event(1.5, "a"))[0] == {"@timestamp": "2025-12-03 12:00:01.500", "@message": "a"}


def test_stats_count_by_bin_has_one_row_for_each_bin() -> None:
    rows = ask("stats count(*) by bin(2m) | sort bin(2m)", *LEVELS)
    assert rows == [{"bin(2m)": f"2025-12-03 12:0{n}:00.000", "count(*)": "2"} for n in (0, 2, 4)]


def test_stats_of_several_aggregations_by_a_nested_field() -> None:
    rows = ask("stats avg(ms) as mean, max(ms), pct(ms, 50), count(*) / 2 as half by at.host | sort at.host", *LEVELS)
    assert rows == [
        {"at.host": "h0", "mean": "2", "max(ms)": "4", "pct(ms, 50)": "2", "half": "1.5"},
        {"at.host": "h1", "mean": "3", "max(ms)": "5", "pct(ms, 50)": "3", "half": "1.5"},
    ]


def test_stats_over_nothing_count_zero() -> None:
    assert ask("filter level = 'FATAL' | stats count(*) as n", *LEVELS) == [{"n": "0"}]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("@message like /ERR[A-Z]+/", 2),
        ("@message like 'ERROR'", 2),
        ("@message not like /ERROR/", 4),
        ("@message =~ /(?i)error/", 2),
        ("level in ['ERROR', 'FATAL']", 2),
        ("level not in ['ERROR']", 4),
        ("ms >= 2 and ms < 4", 2),
        ('ms > 3 or level = "ERROR"', 4),
        ("not (ms > 3)", 4),
        ("ispresent(at.host) and not ispresent(nowhere)", 6),
        ("nowhere = 1", 0),
        ("ms % 2 = 0 and ms * 2 - 1 > 3", 1),
        ("strcontains(at.host, '1')", 3),
        ("tolower(level) = 'info' # a comment\n", 4),
    ],
)
def test_a_filter_keeps_what_its_condition_says(condition: str, found: int) -> None:
    assert ask(f"filter {condition} | stats count(*) as n", *LEVELS) == [{"n": str(found)}]


def test_parse_takes_fields_out_of_a_text_by_a_glob_or_a_regular_expression() -> None:
    line = event(0, "user=ann, method:GET, latency := 12")
    glob = 'parse @message "user=*, method:*, latency := *" as @user, @method, latency'
    shown = ask(f"{glob} | display @user, @method, latency * 2 as twice", line)
    assert shown == [{"@user": "ann", "@method": "GET", "twice": "24"}]
    assert ask(r"parse @message /user=(?<user>\w+)/ | display upper, user | limit 1", line) == [{"user": "ann"}]


def test_a_lambdas_report_has_its_measures() -> None:
    shown = "@requestId, @duration, @billedDuration, @maxMemoryUsed, @initDuration"
    rows = ask(f"filter @type = 'REPORT' | fields {shown}", event(0, REPORT), event(1, "x"))
    assert [list(row.values()) for row in rows] == [["8f5", "102.25", "103", "59000000", "250.5"]]


def test_dedup_keeps_the_first_row_of_each() -> None:
    assert [row["ms"] for row in ask("fields ms | sort ms | dedup level", *LEVELS)] == ["0", "1"]


def test_every_row_has_a_pointer_of_its_own_unless_rows_are_counted_together() -> None:
    rows, matched = run(parse("fields ms"), LEVELS, "000000000000")
    assert (len({row["@ptr"] for row in rows}), matched) == (6, 6)
    assert "@ptr" not in run(parse("stats count(*)"), LEVELS, "000000000000")[0][0]


@pytest.mark.parametrize(
    ("query", "at"),
    [
        ("fields @message | florb x", 18),
        ("filter (a = 1", 13),
        ("stats count(*", 13),
        ("limit ten", 6),
        ("fields frobnicate(a)", 7),
        ("parse @message 'a * b *' as x", 15),
        ("filter a like /(/", 14),
        ("fields a ? b", 9),
    ],
)
def test_a_query_that_cannot_be_read_says_where(query: str, at: int) -> None:
    with pytest.raises(Malformed) as found:
        parse(query)
    assert found.value.start == at, found.value.message
