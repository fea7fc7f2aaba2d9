"""Where everything stands in a picture: boxes inside boxes, and the lines between them.

Inner graphs are placed first: a Map or Parallel is then one large box of the graph around it. Ranks, order and routes
are `graphlay`'s (layered layout with orthogonal lines, no system binary). Each graph goes down or to the right,
whichever fits a window better: a row of twenty tools becomes a column. All places are in pixels from the upper left
corner of the graph that they belong to, and the same graph is always placed the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import graphlay

from .graph import Graph, State, Way

Point = tuple[float, float]
Size = tuple[float, float]

MARGIN = 18.0
"""Around a graph, and between the graphs of a Parallel."""
DOT = 12.0
"""The width of the dot where a graph starts."""
WINDOW = (4.0, 3.0)
"""The shape that a graph should fit."""
_DIRECTIONS = ("topbottom", "leftright")


@dataclass(frozen=True, slots=True)
class Measures:
    """How large texts are: the head of a state's box, and the label of a way (None: it has none)."""

    head: Callable[[State], Size]
    label: Callable[[Way], Size | None]


@dataclass(frozen=True, slots=True)
class Box:
    """A state: its upper left corner and size; `plans` of the graphs inside, each with its corner within the box."""

    state: State
    at: Point
    size: Size
    plans: tuple[tuple[Point, Plan], ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A way from border to border; `label` is the middle of its label."""

    way: Way
    points: tuple[Point, ...]
    label: Point | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A placed graph. `start` is the middle of its dot, `entry` the line from there to the first state."""

    size: Size
    start: Point
    entry: tuple[Point, ...]
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def place(graph: Graph, measures: Measures) -> Plan:
    inner = {state.name: _inside(state, measures) for state in graph.states}
    plans = [_placed(graph, inner, measures, direction) for direction in _DIRECTIONS]
    return min(plans, key=lambda plan: max(plan.size[0] / WINDOW[0], plan.size[1] / WINDOW[1]))


def _inside(state: State, measures: Measures) -> Box:
    """The state's box at no place yet: its head, and below it its graphs side by side."""
    width, height = measures.head(state)
    at, plans = MARGIN, []
    for plan in (place(branch, measures) for branch in state.branches):
        plans.append(((at, height), plan))
        at += plan.size[0] + MARGIN
    deepest = max((plan.size[1] + MARGIN for _, plan in plans), default=0.0)
    return Box(state, (0.0, 0.0), (max(width, at if plans else 0.0), height + deepest), tuple(plans))


def _placed(graph: Graph, inner: dict[str, Box], measures: Measures, direction: str) -> Plan:
    """Nodes are the dot, the states and the labels; a way with a label goes through it."""
    asked = graphlay.Graph()
    asked.node(_DOT, width=DOT, height=DOT, shape="ellipse")
    for name, box in inner.items():
        asked.node(name, label="", width=box.size[0], height=box.size[1])
    asked.edge(_DOT, graph.start)
    backwards = _backwards(graph)
    for way in graph.ways:
        stops: list[Any] = [way.source, way.target]
        if size := measures.label(way):
            asked.node(way, label="", width=size[0], height=size[1])
            stops.insert(1, way)
        for source, target in pairwise(stops):
            asked.edge(source, target, reverse_for_ranking=way in backwards, weight=0.5 if way.is_caught else 1.0)
    options = {"direction": direction, **_OPTIONS, **(_LARGE if len(graph.ways) > MANY else {})}
    found = graphlay.layout(asked, options=options)
    return _Found(asked, found).plan(graph, inner)


_DOT = 0
"""The key of the dot, among names and ways."""
_OPTIONS = {
    "routing": {"merge_edges": "both"},
    "spacing": {"layer_gap": 22.0, "node_gap": 26.0, "dummy_gap": 16.0, "port_gap": 14.0},
}

MANY = 80
_LARGE = {
    "coords": {"placement": "brandes_koepf"},
    "effort": {"custom": {"order_seeds": 1, "order_sweeps": 2, "sifting_rounds": 0, "kick_patience": 0}},
}
"""For graphs of many ways: a second where the best places would take minutes."""


def _backwards(graph: Graph) -> set[Way]:
    """The ways that lead back to a state on the way to them, as a reader meets them who starts at the start."""
    ahead: dict[str, list[Way]] = {state.name: [] for state in graph.states}
    for each in graph.ways:
        ahead[each.source].append(each)
    found: set[Way] = set()
    entered, on_the_way = {graph.start}, [graph.start]
    rest = [iter(ahead[graph.start])]
    while rest:
        way = next(rest[-1], None)
        if way is None:
            rest.pop()
            on_the_way.pop()
        elif way.target in on_the_way:
            found.add(way)
        elif way.target not in entered:
            entered.add(way.target)
            on_the_way.append(way.target)
            rest.append(iter(ahead[way.target]))
    return found


class _Found:
    """What graphlay answered, moved so that all of it lies within the plan's size."""

    def __init__(self, asked: graphlay.Graph, found: graphlay.Layout) -> None:
        self._middles = {key: _point(node["center"]) for key, node in zip(asked.ids, found.nodes, strict=True)}
        self._heights = {key: node["size"]["height"] for key, node in zip(asked.ids, found.nodes, strict=True)}
        self._routes = {
            (asked.ids[edge["source"]], asked.ids[edge["target"]]): tuple(map(_point, route["points"]))
            for edge, route in zip(asked.edges, found.edges, strict=True)
        }
        corners = [corner for node in found.nodes for corner in _corners(node["center"], node["size"])]
        corners += [point for route in self._routes.values() for point in route]
        self._left, self._top = (min(corner[axis] for corner in corners) - MARGIN for axis in (0, 1))
        right, bottom = (max(corner[axis] for corner in corners) + MARGIN for axis in (0, 1))
        self._size = round(right - self._left, 1), round(bottom - self._top, 1)

    def plan(self, graph: Graph, inner: dict[str, Box]) -> Plan:
        boxes = tuple(replace(box, at=self._corner(name, box.size)) for name, box in inner.items())
        lines = tuple(map(self._line, graph.ways))
        return Plan(self._size, self._moved(self._middles[_DOT]), self._route(_DOT, graph.start), boxes, lines)

    def _line(self, way: Way) -> Line:
        if way not in self._middles:
            return Line(way, self._route(way.source, way.target), None)
        middle = self._moved(self._middles[way])
        before, after = self._route(way.source, way), self._route(way, way.target)
        through = self._behind(way, before[-1], middle), middle, self._behind(way, after[0], middle)
        return Line(way, (*before, *through, *after), middle)

    def _behind(self, way: Way, port: Point, middle: Point) -> Point:
        """The corner behind the label, on the way between its border and its middle."""
        is_above_or_below = abs(abs(port[1] - middle[1]) - self._heights[way] / 2) < 0.5
        return (port[0], middle[1]) if is_above_or_below else (middle[0], port[1])

    def _route(self, source: Any, target: Any) -> tuple[Point, ...]:
        return tuple(map(self._moved, self._routes[source, target]))

    def _moved(self, point: Point) -> Point:
        return round(point[0] - self._left, 1), round(point[1] - self._top, 1)

    def _corner(self, name: str, size: Size) -> Point:
        x, y = self._moved(self._middles[name])
        return round(x - size[0] / 2, 1), round(y - size[1] / 2, 1)


def _point(value: Any) -> Point:
    return value["x"], value["y"]


def _corners(middle: Any, size: Any) -> tuple[Point, Point]:
    (x, y), across, down = _point(middle), size["width"] / 2, size["height"] / 2
    return (x - across, y - down), (x + across, y + down)
