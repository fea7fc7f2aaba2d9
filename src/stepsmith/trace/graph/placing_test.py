"""Claims on every picture, over machines that Hypothesis draws: nothing overlaps, nothing is lost, inside is inside."""

from itertools import combinations, pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from .graph import Graph, State, Way, graph
from .placing import Box, Measures, Plan, Point, Size, place

MEASURES = Measures(lambda state: (60.0 + 8 * len(state.name), 46.0), lambda way: (50.0, 14.0) if way.labels else None)


def ending(name: str) -> dict[str, Any]:
    return {name: {"Type": "Succeed"}}


@st.composite
def branches(draw: st.DrawFn, prefix: str = "s", depth: int = 2) -> dict[str, Any]:
    """A branch in the States Language with loops, catches, choices and branches inside; names are unique in it all."""
    names = [f"{prefix}{number}" for number in range(draw(st.integers(1, 6)))]
    target = st.sampled_from(names)
    states: dict[str, Any] = {}
    for name in names[:-1]:
        following = names[names.index(name) + 1]
        match draw(st.sampled_from(["Task", "Choice", "Map", "Parallel"] if depth else ["Task", "Choice"])):
            case "Choice":
                rules = [{"Condition": f"{{% {n} %}}", "Next": draw(target)} for n in range(draw(st.integers(1, 3)))]
                states[name] = {"Type": "Choice", "Choices": rules, "Default": following}
            case "Map":
                states[name] = {
                    "Type": "Map",
                    "ItemProcessor": draw(branches(f"{name}m", depth - 1)),
                    "Next": following,
                }
            case "Parallel":
                both = draw(st.tuples(branches(f"{name}p", depth - 1), branches(f"{name}q", depth - 1)))
                states[name] = {"Type": "Parallel", "Branches": list(both), "Next": following}
            case _:
                catch = [{"ErrorEquals": ["E", "F"], "Next": draw(target)}]
                states[name] = {"Type": "Task", "Resource": "arn:aws:states:::a:b", "Catch": catch, "Next": following}
    return {"StartAt": names[0], "States": {**states, **ending(names[-1])}}


@settings(max_examples=60, deadline=None)
@given(branches())
def test_boxes_of_a_graph_do_not_overlap(definition: dict[str, Any]) -> None:
    for plan in plans(place(graph(definition), MEASURES)):
        assert not any(overlap(one, other) for one, other in combinations(plan.boxes, 2))


@settings(max_examples=60, deadline=None)
@given(branches())
def test_what_is_inside_a_box_is_drawn_inside_it(definition: dict[str, Any]) -> None:
    for plan in plans(place(graph(definition), MEASURES)):
        assert all(within(box.at, plan.size) and within(far(box), plan.size) for box in plan.boxes)
        for box in plan.boxes:
            for at, inner in box.plans:
                assert at[1] >= MEASURES.head(box.state)[1]
                assert within(at, box.size) and within((at[0] + inner.size[0], at[1] + inner.size[1]), box.size)


@settings(max_examples=60, deadline=None)
@given(branches())
def test_every_state_and_every_way_is_drawn_once(definition: dict[str, Any]) -> None:
    whole = graph(definition)
    found = list(plans(place(whole, MEASURES)))
    assert sorted(box.state.name for plan in found for box in plan.boxes) == sorted(
        each.name for each, _ in whole.walk()
    )
    drawn = [line.way for plan in found for line in plan.lines]
    assert len(drawn) == len(set(drawn))
    assert set(drawn) == {way for _, home in whole.walk() for way in home.ways}


@settings(max_examples=60, deadline=None)
@given(branches())
def test_a_line_goes_straight_from_the_border_of_one_box_to_that_of_the_other(definition: dict[str, Any]) -> None:
    for plan in plans(place(graph(definition), MEASURES)):
        boxes = {box.state.name: box for box in plan.boxes}
        for line in plan.lines:
            assert on_border(line.points[0], boxes[line.way.source])
            assert on_border(line.points[-1], boxes[line.way.target])
            pieces = [(abs(one[0] - other[0]), abs(one[1] - other[1])) for one, other in pairwise(line.points)]
            assert all(min(piece) < 1 for piece in pieces)  # graphlay is off by a third of a pixel now and then


@settings(max_examples=60, deadline=None)
@given(branches())
def test_a_label_lies_on_no_box(definition: dict[str, Any]) -> None:
    for plan in plans(place(graph(definition), MEASURES)):
        for line in plan.lines:
            if size := MEASURES.label(line.way):
                assert line.label is not None
                assert not any(overlap(_label(line.label, size), box) for box in plan.boxes)


@settings(max_examples=20, deadline=None)
@given(branches())
def test_the_same_graph_is_placed_the_same_way(definition: dict[str, Any]) -> None:
    assert place(graph(definition), MEASURES) == place(graph(definition), MEASURES)


def test_a_row_of_many_goes_down_where_it_would_not_fit_across() -> None:
    targets = [f"tool number {number}" for number in range(30)]
    states = (State("Route", "Choice"), *(State(name, "Task", is_last=True) for name in targets))
    plan = place(Graph("Route", states, tuple(Way("Route", name, labels=("is it",)) for name in targets)), MEASURES)
    assert plan.size[0] < plan.size[1]


def test_a_state_that_leads_to_itself_has_a_line_of_its_own() -> None:
    plan = place(Graph("Again", (State("Again", "Choice"),), (Way("Again", "Again", labels=("not yet",)),)), MEASURES)
    assert len(plan.lines[0].points) > 2


def plans(plan: Plan) -> list[Plan]:
    return [plan, *(each for box in plan.boxes for _, inner in box.plans for each in plans(inner))]


def far(box: Box) -> Point:
    return box.at[0] + box.size[0], box.at[1] + box.size[1]


def overlap(one: Box, other: Box) -> bool:
    return all(one.at[axis] < far(other)[axis] - 0.2 and other.at[axis] < far(one)[axis] - 0.2 for axis in (0, 1))


def within(point: Point, size: Size) -> bool:
    return all(-0.2 <= point[axis] <= size[axis] + 0.2 for axis in (0, 1))


def on_border(point: Point, box: Box) -> bool:
    inside = within((point[0] - box.at[0], point[1] - box.at[1]), box.size)
    edges = [abs(point[axis] - edge[axis]) for axis in (0, 1) for edge in (box.at, far(box))]
    return inside and min(edges) < 0.2


def _label(middle: Point, size: Size) -> Box:
    return Box(State("", ""), (middle[0] - size[0] / 2, middle[1] - size[1] / 2), size)
