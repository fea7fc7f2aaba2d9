"""A dozen runs whose server is killed: the small version of benchmarks/endpoint/crash.py."""

import pytest

from benchmarks.endpoint.crash import Place, Undisturbed, Verdict, killed, undisturbed

KILLS = 12
FINE = Verdict(lost=0, repeated=0, doubled=0, told_otherwise=0)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place.made(tmp_path_factory.mktemp("endpoint"))


@pytest.fixture(scope="module")
def whole(place: Place) -> Undisturbed:
    return undisturbed(place)


@pytest.mark.parametrize("number", range(KILLS))
def test_a_run_whose_server_is_killed_loses_repeats_and_doubles_nothing(
    number: int, place: Place, whole: Undisturbed
) -> None:
    event = 1 + number * (whole.events - 1) // (KILLS - 1)
    assert killed(place, f"run{number}", event, 0.003 * number, whole) == FINE


def test_the_undisturbed_run_answers(whole: Undisturbed) -> None:
    assert whole.answer == "Four lines are written."
