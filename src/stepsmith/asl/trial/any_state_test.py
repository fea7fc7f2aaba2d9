"""Generated machines, every state of them tried: a trial ends in a verdict, whatever the state and the answers."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stepsmith.asl import outcome, trial
from stepsmith.asl.conftest import START_MS, context, machine_of
from stepsmith.asl.property_test import branches

INPUTS = st.none() | st.integers() | st.lists(st.integers(0, 3), max_size=3) | st.just({"a": [1]})
MOCKS = st.one_of(
    st.builds(trial.Mocked, st.lists(st.integers(), max_size=3)),
    st.builds(trial.MockedError, st.sampled_from(["Boom", "States.TaskFailed", "States.Timeout"])),
)
ANSWERS = st.one_of(
    st.builds(outcome.Succeeded, INPUTS),
    st.builds(outcome.Failed, st.just("Boom")),
    st.builds(outcome.TimedOut, st.none(), st.booleans()),
    st.just(outcome.ScheduleFailed("States.Runtime")),
)


@given(branches(2), INPUTS, MOCKS, ANSWERS, st.booleans(), st.integers(0, 3))
def test_every_state_can_be_tried(
    branch: Any, input: Any, mock: trial.Mock, answer: outcome.Outcome, is_mocked: bool, count: int
) -> None:
    machine = machine_of({"QueryLanguage": "JSONata", **branch})
    setting = trial.Setting(input, context(), seed=1, variables={"v": [1, 2]}, retries=count, failed_iterations=count)
    for _, name, _ in machine.states():
        subject = trial.subjects.within(machine, name)
        needed = mock if subject.is_mockable and (is_mocked or subject.needs_mock) else None
        assert isinstance(_ended(trial.run(subject, setting, needed), answer), trial.Report)


def _ended(steps: trial.Asking[trial.Report], answer: outcome.Outcome) -> trial.Report:
    told: Any = None  # what a generator is sent first
    try:
        while True:
            steps.send(told)
            told = (answer, START_MS)
    except StopIteration as end:
        report: trial.Report = end.value
        return report
