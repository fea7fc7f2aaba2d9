"""Fields that may hold JSONata: any JSON value in which strings like `{% $x + 1 %}` are expressions.

The delimiters must be the whole string, without a blank outside. A string that has one of them and not the other is
refused (Developer Guide, "Writing JSONata expressions in JSON strings"); " {% x %} " is literal text. A template is
compiled once, at load, into nested closures; a value without expressions is handed out as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from .errors import EvaluationError, Problem
from .jsonata import UNDEFINED, EvaluationFailure, Evaluator, Expression, Moment, SyntaxFault
from .values import Json

Render = Callable[[Mapping[str, Json], Moment], Json]


class TemplateFaults(ValueError):
    """What does not compile in a template; each problem's path is below the field: /Payload/id."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Located:
    """An expression and its place in a state, as history names it: Arguments/Payload/id."""

    location: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled field.

    `render(variables, moment)` gives its value, raising EvaluationError with the location of the expression that
    failed; `location` is the field's name, `source` what the definition says, `expressions` all there are in it.
    """

    location: str
    source: Json
    expressions: tuple[Located, ...]
    render: Render


def compile_template(
    source: Json, location: str, evaluator: Evaluator, offered: frozenset[str] = frozenset()
) -> Template:
    """Raises TemplateFaults for all expressions that do not compile.

    `offered` says which of `$states.result` and `$states.errorOutput` there are in this field.
    """
    compilation = _Compilation(location, evaluator, offered)
    render = compilation.value(source, location)
    if compilation.problems:
        raise TemplateFaults(tuple(compilation.problems))
    return Template(location, source, tuple(compilation.expressions), render or (lambda variables, moment: source))


def literal(source: Json, location: str) -> Template:
    """A template in which nothing is an expression: fields of a state that uses no query language."""
    problems = tuple(_paths(source, ""))
    if problems:
        raise TemplateFaults(problems)
    return Template(location, source, (), lambda variables, moment: source)


def is_expression(source: Json) -> bool:
    """Whether a string is wholly `{% .. %}`."""
    return isinstance(source, str) and len(source) >= 4 and source.startswith("{%") and source.endswith("%}")


def _paths(source: Json, path: str) -> Iterator[Problem]:
    """JSONPath inside a payload: any name is data there, only `name.$` asks for a path."""
    if isinstance(source, list):
        for index, each in enumerate(source):
            yield from _paths(each, f"{path}[{index}]")
    elif isinstance(source, dict):
        for key, each in source.items():
            if is_path(key):
                yield jsonpath(key, f"{path}/{key}")
            yield from _paths(each, f"{path}/{key}")


def is_path(name: str) -> bool:
    """Whether a field's name asks for JSONPath: `id.$`."""
    return name.endswith(".$")


def jsonpath(name: str, path: str) -> Problem:
    """The one sentence that refuses JSONPath."""
    return Problem(path, f"The field {name!r} is JSONPath, which Stepsmith does not run", _TO_JSONATA)


_TO_JSONATA = 'Write it in JSONata ("QueryLanguage": "JSONata"; Arguments, Output, Assign with {% .. %}).'


@dataclass(slots=True)
class _Compilation:
    """One template on its way: what it is compiled by, the expressions and problems found so far.

    Its methods give the closure that renders a value, or None where nothing in the value is an expression.
    """

    name: str
    evaluator: Evaluator
    offered: frozenset[str]
    expressions: list[Located] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def value(self, source: Json, location: str) -> Render | None:
        if isinstance(source, dict):
            return self._object(source, location)
        if isinstance(source, list):
            return self._array(source, location)
        if isinstance(source, str):
            return self._text(source, location)
        return None

    def _object(self, source: Json, location: str) -> Render | None:
        for key in filter(is_path, source):
            self.problems.append(jsonpath(key, self._below(f"{location}/{key}")))
        renders = {key: self.value(value, f"{location}/{key}") for key, value in source.items()}
        if not any(renders.values()):
            return None
        constants = {key: source[key] for key in source}
        dynamic = [(key, render) for key, render in renders.items() if render]

        def render_object(variables: Mapping[str, Json], moment: Moment) -> Json:
            rendered = constants.copy()
            for key, render in dynamic:
                rendered[key] = render(variables, moment)
            return rendered

        return render_object

    def _array(self, source: Json, location: str) -> Render | None:
        renders = [self.value(value, f"{location}[{index}]") for index, value in enumerate(source)]
        if not any(renders):
            return None
        pairs = list(zip(source, renders, strict=True))

        def render_array(variables: Mapping[str, Json], moment: Moment) -> Json:
            return [render(variables, moment) if render else value for value, render in pairs]

        return render_array

    def _text(self, source: str, location: str) -> Render | None:
        if is_expression(source):
            return self._expression(source[2:-2].strip(), location)
        if source.startswith("{%") or source.endswith("%}"):
            message = f"The JSONata expression {source!r:.80} is not opened or closed properly"
            self._refuse(location, message, "Begin it with {% and end it with %}, without a blank outside.")
        return None

    def _expression(self, text: str, location: str) -> Render | None:
        try:
            expression = self.evaluator.compile(text)
        except SyntaxFault as fault:
            self._refuse(location, f"{_specified(text, location)} {fault}", fault.remedy)
            return None
        for name in sorted(expression.of_states & _GUARDED - self.offered):
            remedy = f"$states.{name} is there in {_GUARDED_WHERE[name]}."
            self._refuse(location, f"{_specified(text, location)} refers to $states.{name}, which is not there", remedy)
        self.expressions.append(Located(location, expression))
        return _rendering(expression, text, location)

    def _refuse(self, location: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(self._below(location), message, remedy))

    def _below(self, location: str) -> str:
        """The part of a location that is below the field."""
        return location[len(self.name) :]


_GUARDED_WHERE = {
    "result": "Output and Assign of a Task, Parallel or Map state",
    "errorOutput": "Output and Assign of a Catch",
}
_GUARDED = frozenset(_GUARDED_WHERE)


def _rendering(expression: Expression, text: str, location: str) -> Render:
    evaluate = expression.evaluate

    def render_expression(variables: Mapping[str, Json], moment: Moment) -> Json:
        try:
            value = evaluate(variables, moment)
        except EvaluationFailure as failure:
            message = f"{_specified(text, location)} threw an error during evaluation. {failure}"
            raise EvaluationError(location, message) from failure
        if value is UNDEFINED:
            raise EvaluationError(location, f"{_specified(text, location)} returned nothing (undefined).")
        return value

    return render_expression


def _specified(text: str, location: str) -> str:
    return f"The JSONata expression '{text}' specified for the field '{location}'"
