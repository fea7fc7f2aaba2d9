"""Claims on the SQL agent's scenarios: real tools over the whole Lahman database, a scripted model."""

import sqlite3
from contextlib import closing

import pytest

from stepsmith.cli.settings import read
from stepsmith.cli.wiring import sample_database


@pytest.fixture
def ask():
    """Asks the sample database directly, past everything that is tested."""

    def rows(query):
        with closing(sqlite3.connect(f"file:{sample_database(read())}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()

    return rows


def test_the_sample_question_is_answered_with_figures_of_the_database_and_a_chart(play, ask):
    run = play("sql", "wins for money")
    assert run.status == "completed", run.end
    assert [call.name for call in run.calls] == ["get_db_schema", "execute_sql_query", "execute_python"]
    [[team, wins]] = ask(
        "select franchName, sum(W) from Teams join TeamsFranchises using (franchID) join "
        "(select yearID, teamID, sum(salary) as payroll from Salaries group by yearID, teamID) using (yearID, teamID) "
        "where yearID >= 2000 group by franchID order by sum(payroll) / sum(W) limit 1"
    )
    assert f"**{team}** won most for their money: {wins:,} wins" in run.output.output
    assert [block.type for block in run.calls[2].result.content] == ["text", "image"]


def test_a_failed_query_is_repaired(play, ask):
    run = play("sql", "failed query")
    assert run.status == "completed", run.end
    assert [call.is_error for call in run.calls] == [True, False, False]
    [[wins]] = ask("select sum(W) from Managers group by playerID order by 1 desc limit 1")
    assert f"{wins:,} games" in run.output.output


def test_two_queries_run_at_once(play, ask):
    run = play("sql", "two at once")
    assert run.status == "completed", run.end
    first, second = run.calls
    assert first.began < second.ended and second.began < first.ended
    [[home_runs]] = ask("select sum(HR) from Batting where yearID = 2010 group by playerID order by 1 desc limit 1")
    assert f"({home_runs})" in run.output.output
