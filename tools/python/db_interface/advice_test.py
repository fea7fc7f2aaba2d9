"""Claims on what a model is told about a statement that failed."""

from typing import Any

import pytest

from db_interface.advice import advice

CATALOG = {"Teams": ("teamID", "name", "2B"), "Salaries": ("salary", "teamID")}


def spelled(name: str) -> Any:
    return name if name.isidentifier() else f'"{name}"'


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ("no such column: nme", "Nearest names: Teams.name."),
        ("no such column: t.salry", "Nearest names: Salaries.salary."),
        ("no such column: TEAMID", "Nearest names: Teams.teamID, Salaries.teamID."),
        ("no such table: salary", "Nearest names: Salaries."),
        ('relation "team" does not exist', "Nearest names: Teams."),
        ("no such column: 2b", 'Nearest names: Teams."2B".'),
        ('column "nme" does not exist', "Nearest names: Teams.name."),
        ("no such column: zzz", ""),
        ("You can only execute one statement at a time.", "Send one statement in each call"),
        ("not authorized", "The database can only be read"),
        ("cannot execute INSERT in a read-only transaction", "The database can only be read"),
    ],
)
def test_the_words_of_the_database_come_with_what_to_change(message: str, hint: str) -> None:
    told = advice(message, CATALOG, spelled)
    assert told.startswith(f"The database says: {message.rstrip('.')}.")
    assert hint in told
