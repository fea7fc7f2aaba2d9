"""Choice: the first rule whose Condition is true decides where to go."""

from __future__ import annotations

from ..document import Choice, Rule
from ..errors import NO_CHOICE_MATCHED, EvaluationError, StateError
from ..values import Json
from ..visit import Transition, Visit
from ..wants import Steps
from .typed import unexpected


def choice(visit: Visit, state: Choice) -> Steps[Transition]:
    """Leaves by the matching rule with its Output and Assign, or by Default with those of the state."""
    variables = visit.variables()
    for index, rule in enumerate(state.choices):
        try:
            if _holds(visit, rule, variables):
                return (yield from visit.leave(rule.next, visit.input, rule.output, rule.assign))
        except EvaluationError as error:
            raise error.within(f"Choices[{index}]") from error
    if state.default is None:
        cause = f"{visit.whereabouts()}Failed to transition out of the state. The state does not point to a next state."
        raise StateError(NO_CHOICE_MATCHED, cause)
    return (yield from visit.leave(state.default, visit.input, state.output, state.assign))


def _holds(visit: Visit, rule: Rule, variables: dict[str, Json]) -> bool:
    value = rule.condition.render(variables, visit.frame.world.moment)
    if not isinstance(value, bool):
        raise unexpected(rule.condition, value, "'boolean'")
    return value
