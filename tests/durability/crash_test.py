"""A run whose process is killed goes on as if nothing had happened: the small version of benchmarks/crash.py."""

import pytest

from benchmarks.crash import Kill, Undisturbed, crash, undisturbed

TURNS = 2


@pytest.fixture(scope="module")
def whole() -> Undisturbed:
    return undisturbed(TURNS)


@pytest.mark.parametrize(
    "kill", [Kill("event", 2), Kill("event", 14), Kill("event", 52), Kill("task", 1), Kill("task", 2), Kill("task", 5)]
)
def test_a_killed_run_ends_as_an_undisturbed_one_and_repeats_nothing_that_was_recorded(
    kill: Kill, whole: Undisturbed
) -> None:
    outcome = crash(kill, TURNS)
    assert outcome.output == whole.output
    assert outcome.repeated == ()
    assert kill.on == "event" or outcome.recorded == kill.n - 1


def test_the_undisturbed_run_answers(whole: Undisturbed) -> None:
    assert whole.output["status"] == "completed"
    assert whole.output["turns"] == TURNS + 1
    assert whole.tasks == 2 * TURNS + 1
