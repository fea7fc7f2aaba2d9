"""From a query's text to its commands: one method a rule of the grammar, loosest operator first."""

import re
from collections.abc import Callable, Sequence

from .functions import AGGREGATIONS, FUNCTIONS
from .query import (
    Command,
    Dedup,
    Display,
    Expression,
    Field,
    Fields,
    Filter,
    Function,
    Limit,
    Literal,
    Malformed,
    Named,
    Operation,
    Parse,
    Pattern,
    Period,
    Query,
    Sort,
    Stats,
    Within,
)
from .scanning import END, Token, tokens

PERIODS_MS = {
    "ms": 1,
    "s": 1000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 7 * 86_400_000,
    "mo": 30 * 86_400_000,
    "q": 91 * 86_400_000,
    "y": 365 * 86_400_000,
}


def parse(text: str) -> Query:
    """The query. Malformed: where it ends to be one."""
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(tokens(text))
        self._at = 0

    def query(self) -> Query:
        commands = [] if self._next.kind == END else [self._command()]
        while self._takes("|"):
            commands.append(self._command())
        if self._next.kind != END:
            raise self._unexpected()
        return Query(tuple(commands))

    def _command(self) -> Command:
        token = self._pass()
        known: dict[str, Callable[[], Command]] = {
            "fields": lambda: Fields(self._columns()),
            "display": lambda: Display(self._columns()),
            "filter": lambda: Filter(self._expression()),
            "stats": self._stats,
            "sort": lambda: Sort(self._several(self._key)),
            "limit": lambda: Limit(int(self._number())),
            "head": lambda: Limit(int(self._number())),
            "dedup": lambda: Dedup(self._several(self._expression)),
            "parse": self._parse,
        }
        if token.text.lower() not in known:
            raise Malformed(
                f"unexpected symbol found {token.text or 'end of query'}: no command here", token.start, token.end
            )
        return known[token.text.lower()]()

    def _columns(self) -> tuple[Named, ...]:
        return self._several(self._column)

    def _column(self) -> Named:
        start = self._next.start
        expression = self._expression()
        written = self._text[start : self._tokens[self._at - 1].end]
        name = expression.name if isinstance(expression, Field) else written
        return Named(expression, self._name() if self._takes("as") else name)

    def _stats(self) -> Stats:
        aggregates = self._columns()
        return Stats(aggregates, self._columns() if self._takes("by") else ())

    def _key(self) -> tuple[Expression, bool]:
        key = self._expression()
        is_descending = self._takes("desc")
        if not is_descending:
            self._takes("asc")
        return key, is_descending

    def _parse(self) -> Parse:
        source, pattern = self._primary(), self._pass()
        if pattern.kind == "regex":
            return Parse(source, _python(pattern))
        if pattern.kind != "string" or not self._takes("as"):
            raise Malformed(
                "parse takes a text with * and `as` names, or a regular expression", pattern.start, pattern.end
            )
        return Parse(source, _glob(pattern, self._several(self._name)))

    def _expression(self) -> Expression:
        return self._chain(("or",), lambda: self._chain(("and",), self._negation))

    def _negation(self) -> Expression:
        return Operation("not", (self._negation(),)) if self._takes("not") else self._comparison()

    def _comparison(self) -> Expression:
        left = self._sum()
        is_negated = self._takes("not")
        compared = self._compared(left)
        if compared is None and is_negated:
            raise self._unexpected()
        return (compared and (Operation("not", (compared,)) if is_negated else compared)) or left

    def _compared(self, left: Expression) -> Expression | None:
        if self._takes("in"):
            self._expect("[")
            choices = self._several(self._expression)
            self._expect("]")
            return Within(left, choices)
        for operator in ("like", "=~", "=", "!=", "<=", ">=", "<", ">"):
            if self._takes(operator):
                return Operation("like" if operator == "=~" else operator, (left, self._sum()))
        return None

    def _sum(self) -> Expression:
        return self._chain(("+", "-"), lambda: self._chain(("*", "/", "%"), self._power))

    def _power(self) -> Expression:
        base = self._signed()
        return Operation("^", (base, self._power())) if self._takes("^") else base

    def _signed(self) -> Expression:
        return Operation("-", (self._signed(),)) if self._takes("-") else self._primary()

    def _chain(self, operators: Sequence[str], operand: Callable[[], Expression]) -> Expression:
        left = operand()
        while (operator := next((each for each in operators if self._takes(each)), None)) is not None:
            left = Operation(operator, (left, operand()))
        return left

    def _primary(self) -> Expression:
        token = self._pass()
        match token.kind:
            case "number":
                return Literal(float(token.text))
            case "string":
                return Literal(token.text)
            case "regex":
                return Pattern(_python(token))
            case "period":
                return Period(_period_ms(token.text))
            case "quoted":
                return Field(token.text)
            case "name":
                return self._call(token) if self._takes("(") else Field(token.text)
        if token.text == "*":
            return Field("*")
        if token.text != "(":
            self._at -= 1
            raise self._unexpected()
        inner = self._expression()
        self._expect(")")
        return inner

    def _call(self, name: Token) -> Function:
        if name.text.lower() not in FUNCTIONS.keys() | AGGREGATIONS.keys():
            raise Malformed(f"unknown function {name.text}", name.start, name.end)
        arguments = () if self._next.text == ")" else self._several(self._expression)
        self._expect(")")
        return Function(name.text.lower(), arguments, self._text[name.start : self._tokens[self._at - 1].end])

    def _several[T](self, one: Callable[[], T]) -> tuple[T, ...]:
        found = [one()]
        while self._takes(","):
            found.append(one())
        return tuple(found)

    def _name(self) -> str:
        token = self._pass()
        if token.kind not in ("name", "quoted"):
            raise Malformed(f"unexpected symbol found {token.text}: a name is wanted", token.start, token.end)
        return token.text

    def _number(self) -> float:
        token = self._pass()
        if token.kind != "number":
            raise Malformed(f"unexpected symbol found {token.text}: a number is wanted", token.start, token.end)
        return float(token.text)

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _pass(self) -> Token:
        token = self._next
        self._at += token.kind != END
        return token

    def _takes(self, word: str) -> bool:
        """Whether the next token is this word or sign; if so it is passed."""
        is_next = self._next.kind in ("name", "sign") and self._next.text.lower() == word
        self._at += is_next
        return is_next

    def _expect(self, sign: str) -> None:
        if not self._takes(sign):
            raise self._unexpected()

    def _unexpected(self) -> Malformed:
        token = self._next
        return Malformed(f"unexpected symbol found {token.text or 'end of query'}", token.start, token.end)


def _period_ms(text: str) -> int:
    found = re.fullmatch(r"(\d+)([a-z]+)", text)
    assert found is not None, "the scanner says so"
    return int(found[1]) * PERIODS_MS[found[2]]


def _python(token: Token) -> str:
    """Insights writes named groups as Java does."""
    regex = re.sub(r"\(\?<(?![=!])", "(?P<", token.text)
    try:
        re.compile(regex)
    except re.error as error:
        raise Malformed(f"the regular expression cannot be read: {error}", token.start, token.end) from None
    return regex


def _glob(pattern: Token, names: Sequence[str]) -> str:
    """`user=*, *` with its names; names may begin with @, groups may not."""
    parts = pattern.text.split("*")
    if len(parts) != len(names) + 1:
        raise Malformed(f"{len(parts) - 1} * and {len(names)} names", pattern.start, pattern.end)
    groups = [f"(?P<{encoded(name)}>.*?)" for name in names]
    ends = [*(re.escape(part) for part in parts[:-1]), re.escape(parts[-1]) or "$"]
    return "(?s)" + "".join(part + group for part, group in zip(ends, [*groups, ""], strict=True))


def encoded(name: str) -> str:
    """A field's name as one of a group."""
    return re.sub(r"\W", lambda found: f"_x{ord(found[0]):x}_", name)


def decoded(group: str) -> str:
    return re.sub(r"_x([0-9a-f]+)_", lambda found: chr(int(found[1], 16)), group)
