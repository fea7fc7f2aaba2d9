"""Which action a request means, by method and path, as the service model has it.

    route, labels = find("POST", "/2015-03-31/functions/report/invocations")     # Invoke, {"FunctionName": "report"}

The model is read when the first request comes. Where it is ahead of what functions on demand may have (managed
instances), their bounds are used; runtimes are checked by the action, whose error is another one than the model's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote

from stepsmith.local import service_model
from stepsmith.local.service_model import Shape, Structure

MODEL = "lambda/2015-03-31"
_BOUNDS = {"Timeout": {"max": 900}, "MemorySize": {"max": 10_240}, "Runtime": {"enum": ()}}


@dataclass(frozen=True, slots=True)
class Route:
    """An action: where its members stand in a request, by the name that they have there. `fixed` is the query that it
    takes besides its path, `payload` the member that is the body as it came."""

    action: str
    method: str
    path: tuple[str, ...]
    fixed: Mapping[str, str]
    status: int
    input: Structure
    in_query: Mapping[str, str]
    in_headers: Mapping[str, str]
    payload: str | None

    def labels(self, path: tuple[str, ...]) -> dict[str, str] | None:
        """The members that stand in the path; None: the path is another one's."""
        found = {}
        for ours, theirs in zip(self.path, path, strict=True):
            if ours.startswith("{"):
                found[ours[1:-1]] = unquote(theirs)
            elif ours != theirs:
                return None
        return found


def find(method: str, path: str, query: Mapping[str, list[str]]) -> tuple[Route, dict[str, str]] | None:
    """The route of a request and what stands in its path; None: there is no such action."""
    parts = _parts(path)
    for route in _routes().get((method, parts[0], len(parts)), ()):
        labels = route.labels(parts)
        if labels is not None and all(query.get(name) == [value] for name, value in route.fixed.items()):
            return route, labels
    return None


@cache
def _routes() -> Mapping[tuple[str, str, int], list[Route]]:
    """By method, the first part of the path, and how many parts it has; those with a fixed query first."""
    model = service_model.read(MODEL)
    shapes = model["shapes"] | {name: model["shapes"][name] | bound for name, bound in _BOUNDS.items()}
    made: dict[str, Shape] = {}
    found: dict[tuple[str, str, int], list[Route]] = {}
    for name, of in model["operations"].items():
        route = _route(name, of, shapes, made)
        found.setdefault((route.method, route.path[0], len(route.path)), []).append(route)
    return {key: sorted(routes, key=lambda route: -len(route.fixed)) for key, routes in found.items()}


def _route(name: str, of: Mapping[str, Any], shapes: Mapping[str, Any], made: dict[str, Shape]) -> Route:
    path, _, query = of["http"]["requestUri"].partition("?")
    shape = shapes[of["input"]["shape"]]
    return Route(
        name,
        of["http"]["method"],
        _parts(path),
        dict(parse_qsl(query)),
        of["http"]["responseCode"],
        service_model.structure(shapes, of["input"]["shape"], made),
        _located(shape, "querystring"),
        {header.lower(): member for header, member in _located(shape, "header").items()},
        shape.get("payload"),
    )


def _located(shape: Mapping[str, Any], place: str) -> dict[str, str]:
    members = shape["members"].items()
    return {member["locationName"]: name for name, member in members if member.get("location") == place}


def _parts(path: str) -> tuple[str, ...]:
    return tuple(path.strip("/").split("/"))
