"""What an expression says, without running it: its tree, the names it uses, and what Step Functions refuses.

Refused at create (Step Functions Developer Guide, "Transforming data with JSONata"): `$eval`; the operators `??` and
`?:` of JSONata 2.1; and a top-level `$`, `$$` or bare field name, because a state has no context document, only
variables and `$states`. The tree is jsonata2py's; its node types are dataclasses, so one generic walk serves all.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import regex  # type: ignore[import-untyped]  # the engine behind jsonata2py's; it has no types here
from jsonata2py import JsonataCompilationError, JsonataError, ParseError
from jsonata2py.parser import ast_nodes as ast
from jsonata2py.parser.lexer import Lexer
from jsonata2py.parser.parser import BUILTIN_NAMES, Parser
from jsonata2py.parser.tokens import TokenType
from jsonata2py.runtime.strings import regex_ops

from .evaluator import SyntaxFault
from .functions import FUNCTIONS

_NOT_IN_2_0_6 = {"clone", "parseNumber", "typeOf"}
BUILTINS: frozenset[str] = (BUILTIN_NAMES | FUNCTIONS.keys()) - _NOT_IN_2_0_6 - {"eval"}
"""The functions an expression may call without defining them."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """An expression's tree, the variables it reads and the functions it calls without binding them itself.

    `of_states` are the members of $states that are read by name: input, result ..
    `has_tuples`: a path of it binds (`@$x`, `#$i`) or looks back (`%`). `grows`: its
    result may be larger than its text and its variables together, by a function of its own or a range.
    """

    tree: ast.AstNode
    variables: frozenset[str]
    functions: frozenset[str]
    of_states: frozenset[str]
    has_tuples: bool
    grows: bool

    @property
    def names(self) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        return self.variables, self.functions, self.of_states


def parse(text: str) -> Parsed:
    """Raises SyntaxFault for what does not parse and for what Step Functions refuses."""
    try:
        tree = Parser.parse(text)
        names = _Names()
        _walk(tree, names, in_context=False)
    except (ParseError, JsonataCompilationError) as error:
        raise unparsable(error) from error
    except RecursionError as error:
        raise SyntaxFault("is nested too deeply", "Split it with variables.") from error
    if ast.RegexLiteral in names.kinds:
        _check_regexes(text)
    return Parsed(
        tree,
        frozenset(names.variables),
        frozenset(names.functions),
        frozenset(names.of_states),
        has_tuples=not names.kinds.isdisjoint(_TUPLES),
        grows=not names.kinds.isdisjoint((ast.Lambda, ast.RangeExpr)),
    )


def unparsable(error: JsonataError) -> SyntaxFault:
    """What does not parse, by JSONata's code and the position in the text: S0201: Syntax error .. (position 4)."""
    message = error.message.removeprefix(f"{error.error_code}: ")
    return SyntaxFault(f"does not parse. {error.error_code or 'S0201'}: {message}", "Correct it.")


def _check_regexes(text: str) -> None:
    """Refuses what the parser lets pass: a regular expression that is empty, is not closed, or is none."""
    for token in Lexer.tokenize(text):
        if token.type == TokenType.REGEX:
            pattern, _, flags = token.value.rpartition("/")
            if not text.startswith(f"/{token.value}", token.position):
                raise _wrong_regex("S0302: No terminating / in regular expression", token.position)
            if not pattern:
                raise _wrong_regex("S0301: Empty regular expressions are not allowed", token.position)
            if len(set(flags)) < len(flags):
                raise _wrong_regex(f"S0302: Invalid flags supplied to the regular expression: {flags}", token.position)
            try:
                regex_ops.regex_value(pattern, flags)
            except regex.error as error:
                raise _wrong_regex(f"S0302: Invalid regular expression: {error}", token.position) from error


def _wrong_regex(reason: str, position: int) -> SyntaxFault:
    return SyntaxFault(f"does not parse. {reason} (position {position})", "Correct it.")


_TUPLES = (ast.PositionBinding, ast.ContextBinding, ast.ParentStep)


@dataclass(slots=True)
class _Names:
    """Names found so far, and those bound in the scope at hand; and what kinds of nodes there are."""

    variables: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    of_states: set[str] = field(default_factory=set)
    kinds: set[type] = field(default_factory=set)
    bound: frozenset[str] = frozenset()

    def inside(self, *bound: str) -> _Names:
        return _Names(self.variables, self.functions, self.of_states, self.kinds, self.bound | set(bound))


def _walk(node: Any, names: _Names, in_context: bool) -> None:
    """Visits a tree; `in_context` says whether `$` and bare names mean something here."""
    names.kinds.add(type(node))
    _refuse(node, in_context)
    match node:
        case ast.VariableRef(name=name):
            if name not in names.bound and name not in BUILTINS:
                names.variables.add(name)
        case ast.FunctionCall(name=name, args=args):
            _call(name, args, names, in_context)
        case ast.PartialApplication(name=name, args=args):
            _call(name, args, names, in_context)
        case ast.VariableBinding(name=name, value=value):
            names.bound |= {name}
            _walk(value, names, in_context)
        case ast.Block(expressions=expressions):
            _walk(expressions, names.inside(), in_context)
        case ast.Lambda(params=params, body=body):
            _walk(body, names.inside(*params), in_context)
        case ast.PathExpr(steps=[first, *rest]):
            _path(first, rest, names.inside(), in_context)
        case ast.PredicateExpr(source=source, predicate=inner) | ast.ArraySubscript(source=source, index=inner):
            _source(source, inner, names, in_context)
        case ast.SortExpr(source=source, keys=inner) | ast.GroupByExpr(source=source, pairs=inner):
            _source(source, inner, names, in_context)
        case ast.TransformExpr(source=source, pattern=pattern, update=update, delete=delete):
            _source(source, [pattern, update, delete], names, in_context)
        case ast.TransformLambda(pattern=pattern, update=update, delete=delete):
            _walk([pattern, update, delete], names, in_context=True)
        case list():
            for each in node:
                _walk(each, names, in_context)
        case _:
            for each in _fields(node.__class__):
                _walk(getattr(node, each), names, in_context)


@cache
def _fields(kind: type) -> tuple[str, ...]:
    """The fields of a kind of nodes; none of what is no node."""
    return tuple(each.name for each in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else ()


def _refuse(node: Any, in_context: bool) -> None:
    """Raises SyntaxFault for what Step Functions has not."""
    match node:
        case ast.CoalesceExpr() | ast.ElvisExpr():
            raise SyntaxFault("uses ?? or ?: of JSONata 2.1; Step Functions has 2.0.6", "Write a ? b : c.")
        case ast.RootRef():
            raise SyntaxFault("refers to $$, which a state does not have", "Name $states.input or a variable.")
        case ast.ContextRef() if not in_context:
            raise SyntaxFault("refers to $ at its top level, which a state does not have", "Name $states.input.")
        case ast.FieldRef(name=name) if not in_context:
            raise SyntaxFault(f"refers to {name!r} at its top level", f"Write $states.input.{name} or ${name}.")


def _call(name: str, args: list[ast.AstNode], names: _Names, in_context: bool) -> None:
    if name == "eval":
        raise SyntaxFault("calls $eval, which Step Functions does not have", "Use $parse for JSON text.")
    if name not in names.bound and not name.startswith("__"):
        names.functions.add(name)
    _walk(args, names, in_context)


def _path(first: ast.AstNode, rest: list[ast.AstNode], names: _Names, in_context: bool) -> None:
    """The first step starts where we are; every later one has the value before it as its context."""
    _walk(first, names, in_context)
    if first == _STATES and "states" not in names.bound:
        names.of_states |= {member.name for member in map(_innermost, rest[:1]) if isinstance(member, ast.FieldRef)}
    for step in rest:
        if isinstance(step, ast.PositionBinding | ast.ContextBinding):
            names.bound |= {step.var_name}
        _walk(step, names, in_context=True)


_STATES = ast.VariableRef(name="states")


def _innermost(step: ast.AstNode) -> ast.AstNode:
    """What a step begins with: `result` in `result[0]` and `(result)`."""
    match step:
        case ast.PredicateExpr(source=inner) | ast.ArraySubscript(source=inner) | ast.Parenthesized(inner=inner):
            return _innermost(inner)
        case _:
            return step


def _source(source: ast.AstNode, inner: Any, names: _Names, in_context: bool) -> None:
    """`source[inner]` and its like: what stands inside has the items of the source as its context."""
    _walk(source, names, in_context)
    _walk(inner, names, in_context=True)


def renamed(node: Any, names: dict[str, str]) -> Any:
    """The tree with variables, parameters and functions called otherwise, wherever they stand."""
    if isinstance(node, list):
        return [renamed(each, names) for each in node]
    changes = {each: _renamed_field(node, each, names) for each in _fields(node.__class__)}
    return dataclasses.replace(node, **changes) if changes else node


_NAMED = (ast.VariableRef, ast.FunctionCall, ast.PartialApplication, ast.VariableBinding)


def _renamed_field(node: Any, name: str, names: dict[str, str]) -> Any:
    value = getattr(node, name)
    if name == "name" and isinstance(node, _NAMED):
        return names.get(value, value)
    if name == "params":
        return [names.get(param, param) for param in value]
    return renamed(value, names)
