"""Fields that may hold JSONata: any JSON value in which strings like `{% $x + 1 %}` are expressions.

The delimiters must be the whole string: " {% x %} " and "a {% x %}" are literal text. A template is compiled once,
at load, into nested closures; a value without expressions is handed out as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .errors import EvaluationError
from .jsonata import UNDEFINED, EvaluationFailure, Evaluator, Expression, Moment, SyntaxFault
from .values import Json

Render = Callable[[Mapping[str, Json], Moment], Json]


class TemplateFault(ValueError):
    """An expression in a template does not compile; `path` is where below the field: /Payload/id."""

    def __init__(self, path: str, text: str, fault: SyntaxFault) -> None:
        super().__init__(f"The JSONata expression {text!r} {fault}")
        self.path = path
        self.remedy = fault.remedy


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


def compile_template(source: Json, location: str, evaluator: Evaluator) -> Template:
    """Raises TemplateFault for the first expression that does not compile."""
    expressions: list[Located] = []
    render = _compile(source, location, evaluator, expressions)
    return Template(location, source, tuple(expressions), render or (lambda variables, moment: source))


def literal(source: Json, location: str) -> Template:
    """A template in which nothing is an expression: fields of a definition that uses no query language."""
    return Template(location, source, (), lambda variables, moment: source)


def is_expression(source: Json) -> bool:
    """Whether a string is wholly `{% .. %}`."""
    return isinstance(source, str) and len(source) >= 4 and source.startswith("{%") and source.endswith("%}")


def _compile(source: Json, location: str, evaluator: Evaluator, found: list[Located]) -> Render | None:
    """The closure that renders `source`, or None where nothing in it is an expression."""
    if isinstance(source, dict):
        return _compile_object(source, location, evaluator, found)
    if isinstance(source, list):
        return _compile_array(source, location, evaluator, found)
    if is_expression(source):
        return _compile_expression(source, location, evaluator, found)
    return None


def _compile_object(source: Json, location: str, evaluator: Evaluator, found: list[Located]) -> Render | None:
    renders = {key: _compile(value, f"{location}/{key}", evaluator, found) for key, value in source.items()}
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


def _compile_array(source: Json, location: str, evaluator: Evaluator, found: list[Located]) -> Render | None:
    renders = [_compile(value, f"{location}[{index}]", evaluator, found) for index, value in enumerate(source)]
    if not any(renders):
        return None
    pairs = list(zip(source, renders, strict=True))

    def render_array(variables: Mapping[str, Json], moment: Moment) -> Json:
        return [render(variables, moment) if render else value for value, render in pairs]

    return render_array


def _compile_expression(source: str, location: str, evaluator: Evaluator, found: list[Located]) -> Render:
    text = source[2:-2].strip()
    try:
        expression = evaluator.compile(text)
    except SyntaxFault as fault:
        below = location.partition("/")[2]
        raise TemplateFault("/" + below if below else "", text, fault) from fault
    found.append(Located(location, expression))
    evaluate = expression.evaluate

    def render_expression(variables: Mapping[str, Json], moment: Moment) -> Json:
        try:
            value = evaluate(variables, moment)
        except EvaluationFailure as failure:
            raise EvaluationError(location, _threw(text, location, str(failure))) from failure
        if value is UNDEFINED:
            raise EvaluationError(location, _undefined(text, location))
        return value

    return render_expression


def _undefined(text: str, location: str) -> str:
    return f"The JSONata expression '{text}' specified for the field '{location}' returned nothing (undefined)."


def _threw(text: str, location: str, message: str) -> str:
    return (
        f"The JSONata expression '{text}' specified for the field '{location}' "
        f"threw an error during evaluation. {message}"
    )
