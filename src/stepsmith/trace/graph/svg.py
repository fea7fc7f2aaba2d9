"""A graph as one SVG: readable in a browser, light and dark, without a script or anything from elsewhere.

With the lights of a run, states and ways that it touched are lit in the colour of what became of them; the rest is
faint. Details are tooltips (`<title>`). Texts come from definitions and runs, so they are data: ElementTree escapes
them, and what cannot be seen (control characters, direction marks) is left out. The same graph gives the same bytes.
"""

from __future__ import annotations

import math
import textwrap
import unicodedata
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from .graph import Graph, State, Way
from .lights import Light, Lights
from .placing import DOT, Box, Line, Measures, Plan, Point, Size, place
from .style import ICONS, STYLE
from .words import brief, cut, duration, often, seen, shown, times

NAME, SMALL, CODE = 13.0, 11.0, 10.5
"""Sizes of the letters: a state's name, what stands below it, labels. style.py says the same to a browser."""
BOLD = 1.07
"""How much wider bold letters are."""
LINE, LABEL_HEIGHT = 16.0, 14.0
PADDING = 12.0
ICON = 22.0
NAME_LETTERS, SMALL_LETTERS = 26, 42
TITLE = 54.0


def svg(graph: Graph, title: str, lights: Lights | None = None) -> str:
    """The picture. `title` stands above it (an agent, or a run and its agent)."""
    return _Picture(lights).whole(graph, title)


class _Picture:
    """One drawing; `lights` are None where no run is shown."""

    def __init__(self, lights: Lights | None) -> None:
        self._lights = lights

    def whole(self, graph: Graph, title: str) -> str:
        plan = place(graph, Measures(self._head, self._label_size))
        caption = self._caption()
        width = max(plan.size[0], _width(title, 16) + 40, _width(caption, SMALL) + 40)
        size = {"width": _number(width), "height": _number(plan.size[1] + TITLE)}
        view = {"viewBox": f"0 0 {size['width']} {size['height']}", "role": "img"}
        kind = "stepsmith" if self._lights is None else "stepsmith run"
        root = _made("svg", {"xmlns": "http://www.w3.org/2000/svg", "class": kind, **size, **view})
        root.append(_made("title", text=title))
        root.append(_made("style", text=STYLE))
        root.append(_made("rect", {"class": "paper", "width": "100%", "height": "100%"}))
        root.append(_text(20, 30, title, "heading"))
        root.append(_text(20, 48, caption, "small"))
        root.append(self._plan(plan, (0.0, TITLE)))
        ElementTree.indent(root)
        return ElementTree.tostring(root, encoding="unicode") + "\n"

    def _caption(self) -> str:
        if self._lights is None:
            return "state machine"
        count = sum(light.visits for light in self._lights.states.values())
        return f"{self._lights.status} · {times(count, 'state')} entered · {duration(self._lights.seconds)}"

    def _plan(self, plan: Plan, at: Point) -> Element:
        group = _made("g", {"transform": f"translate({_number(at[0])} {_number(at[1])})"})
        x, y = plan.start
        group.append(_made("circle", {"class": "start", "cx": _number(x), "cy": _number(y), "r": _number(DOT / 2)}))
        entry = _made("g", {"class": "way taken" if self._is_entered(plan) else "way"})
        entry.extend(_arrow(plan.entry))
        group.append(entry)
        group.extend(self._box(box) for box in plan.boxes)
        lit_last = sorted(plan.lines, key=lambda line: self._taken(line.way))
        group.extend(self._line(line) for line in lit_last)
        return group

    def _box(self, box: Box) -> Element:
        state, light = box.state, self._light(box.state)
        words = ["state", state.type.lower(), *(["last"] if state.is_last else []), *([light.status] if light else [])]
        group = _made("g", {"class": " ".join(words), "transform": f"translate({box.at[0]:g} {box.at[1]:g})"})
        group.append(_made("title", text="\n".join(_told(state, light))))
        width, height = map(_number, box.size)
        group.append(_made("rect", {"class": "box", "width": width, "height": height, "rx": "8"}))
        icon = {"class": "icon", "d": ICONS.get(state.type, ""), "transform": f"translate({PADDING:g} 9)"}
        group.append(_made("path", icon))
        y = 21.0
        for line in _name_lines(state):
            group.append(_text(PADDING + ICON, y, line, "name"))
            y += LINE
        for kind, line in self._below(state):
            group.append(_text(PADDING + ICON, y, line, kind))
            y += LINE
        group.extend(self._plan(plan, at) for at, plan in box.plans)
        return group

    def _line(self, line: Line) -> Element:
        taken = self._taken(line.way)
        words = ["way", *(["caught"] if line.way.is_caught else []), *(["taken"] if taken else [])]
        group = _made("g", {"class": " ".join(words)})
        group.append(_made("title", text="\n".join(_explained(line.way, taken))))
        group.extend(_arrow(line.points))
        if line.label is not None:
            group.extend(self._label_at(line.label, line.way))
        elif taken > 1:
            (x, y) = _beside(line.points)
            group.append(_text(x, y, often(taken), "label count"))
        return group

    def _label_at(self, middle: Point, way: Way) -> list[Element]:
        """The text on a ground of its own: the line goes on behind it."""
        (x, y), (width, height) = middle, (_width(self._label(way), CODE) + 6, LABEL_HEIGHT)
        place = {"x": _number(x - width / 2), "y": _number(y - height / 2)}
        ground = _made("rect", {"class": "paper", "width": _number(width), "height": _number(height), **place})
        return [ground, _text(x, y + 3.5, self._label(way), "label")]

    def _is_entered(self, plan: Plan) -> bool:
        return self._lights is not None and any(self._lights.of(box.state.name).visits for box in plan.boxes)

    def _light(self, state: State) -> Light | None:
        return None if self._lights is None else self._lights.of(state.name)

    def _taken(self, way: Way) -> int:
        return 0 if self._lights is None else self._lights.ways.get((way.source, way.target, way.is_caught), 0)

    def _label(self, way: Way) -> str:
        taken = self._taken(way)
        return "  ".join([*brief(way.labels), *([often(taken)] if taken > 1 else [])])

    def _label_size(self, way: Way) -> Size | None:
        """With room for a count, so that a run which goes on does not move its picture."""
        label = "  ".join([*brief(way.labels), *([] if self._lights is None else [often(100)])])
        return (_width(label, CODE) + 6, LABEL_HEIGHT) if way.labels else None

    def _below(self, state: State) -> list[tuple[str, str]]:
        """The lines under a state's name, each with its class."""
        does = "small", cut(state.does or state.type, SMALL_LETTERS)
        light = self._light(state)
        return [does] if light is None else [does, ("told", cut(shown(light), SMALL_LETTERS))]

    def _head(self, state: State) -> Size:
        names, below = _name_lines(state), self._below(state)
        widest = max([_width(line, NAME * BOLD) for line in names] + [_width(line, SMALL) for _, line in below])
        return ICON + widest + 2 * PADDING, LINE * (len(names) + len(below)) + 14


def _explained(way: Way, taken: int) -> list[str]:
    how = "Catch" if way.is_caught else "when" if way.labels else ""
    lines = [f"{way.source} → {way.target}", *(f"{how} {cut(label, 200)}" for label in way.labels[:20])]
    return [*lines, f"taken {times(taken, 'time')}"] if taken else lines


def _told(state: State, light: Light | None) -> list[str]:
    lines = [f"{state.name} ({state.type})", *filter(None, (state.does, state.comment))]
    if light is None or not light.visits:
        return lines
    ends = ("running", "failed", "caught", "stopped")
    how = [f"{count} {word}" for word in ends if (count := getattr(light, word))]
    lines.append(", ".join([times(light.visits, "visit"), *how, duration(light.seconds)]))
    if light.retries:
        lines.append(times(light.retries, "retry", "retries"))
    return [*lines, *(f"{error}: {times(count, 'time')}" for error, count in light.errors)]


def _name_lines(state: State) -> list[str]:
    return textwrap.wrap(seen(state.name), NAME_LETTERS, max_lines=3, placeholder="…") or [""]


def _width(text: str, letter: float) -> float:
    """About as wide as browsers draw it in common fonts; Chinese, Japanese and Korean letters are twice as wide."""
    return letter * 0.62 * sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _arrow(points: tuple[Point, ...]) -> list[Element]:
    """The line with round corners, and its head."""
    *_, before, end = points
    return [_made("path", {"d": _curve(points)}), _made("path", {"class": "head", "d": _head(before, end)})]


RADIUS = 7.0


def _curve(points: tuple[Point, ...]) -> str:
    steps = [f"M{_place(points[0])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        steps.append(f"L{_place(_towards(corner, before))}Q{_place(corner)} {_place(_towards(corner, after))}")
    return "".join([*steps, f"L{_place(points[-1])}"])


def _towards(corner: Point, other: Point) -> Point:
    """A little way from the corner to the other point, half of it at most."""
    across, down = other[0] - corner[0], other[1] - corner[1]
    length = max(abs(across), abs(down)) or 1.0
    share = min(RADIUS, length / 2) / length
    return corner[0] + across * share, corner[1] + down * share


def _head(before: Point, end: Point) -> str:
    across, down = end[0] - before[0], end[1] - before[1]
    length = (across**2 + down**2) ** 0.5 or 1.0
    along, aside = (across / length * 8, down / length * 8), (down / length * 3.5, -across / length * 3.5)
    foot = end[0] - along[0], end[1] - along[1]
    sides = (foot[0] + aside[0], foot[1] + aside[1]), (foot[0] - aside[0], foot[1] - aside[1])
    return f"M{_place(end)}L{_place(sides[0])}L{_place(sides[1])}Z"


def _beside(points: tuple[Point, ...]) -> Point:
    """Right of the longest piece, or above it: past its middle, where the labels of other ways are."""
    (x, y), (to_x, to_y) = max(pairwise(points), key=lambda piece: math.dist(*piece))
    past = x + 0.75 * (to_x - x), y + 0.75 * (to_y - y)
    return (past[0] + 14, past[1] + 3.5) if abs(x - to_x) < abs(y - to_y) else (past[0], past[1] - 5)


def _place(point: Point) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _number(value: float) -> str:
    return f"{round(value, 1):g}" if abs(value) < 10**5 else f"{value:.0f}"


def _text(x: float, y: float, text: str, kind: str) -> Element:
    return _made("text", {"class": kind, "x": _number(x), "y": _number(y)}, text)


def _made(tag: str, attributes: dict[str, Any] | None = None, text: str | None = None) -> Element:
    element = Element(tag, attributes or {})
    element.text = None if text is None else seen(text)
    return element
