"""A query's text as tokens. A slash begins a regular expression where an operand may stand, else it divides."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .query import Malformed


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is one of the groups below; `text` what was written, a quoted one without its quotes."""

    kind: str
    text: str
    start: int
    end: int


END = "end"
_TOKENS = re.compile(
    r"""
    (?P<space>\s+|\#[^\n]*)
  | (?P<period>\d+(?:ms|mo|[smhdwqy])\b)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<quoted>`[^`]+`)
  | (?P<name>[@A-Za-z_$][\w@$]*(?:[.:][\w@$-]+)*)
  | (?P<sign>=~|!=|<=|>=|[=<>+*%^(),|\[\]-])
    """,
    re.VERBOSE,
)
_REGEX = re.compile(r"/((?:[^/\\]|\\.)*)/")
_OPERANDS_BEGIN_AFTER = frozenset({"like", "=~", "(", ",", "=", "!="})


def tokens(text: str) -> Iterator[Token]:
    """The tokens and an END. Malformed: a letter that begins none."""
    at, before = 0, ""
    while at < len(text):
        token = _slashed(text, at, before) if text[at] == "/" else _plain(text, at)
        at = token.end
        if token.kind != "space":
            before = token.text if token.kind in ("name", "sign") else "operand"
            yield token
    yield Token(END, "", at, at)


def _plain(text: str, at: int) -> Token:
    found = _TOKENS.match(text, at)
    if found is None:
        raise Malformed(f"unexpected symbol found {text[at]}", at, at + 1)
    kind, said = found.lastgroup or "", found[0]
    return Token(kind, _unquoted(kind, said), at, found.end())


def _slashed(text: str, at: int, before: str) -> Token:
    """A regular expression after `like`, `=~`, or the field of `parse`; elsewhere a division."""
    found = _REGEX.match(text, at)
    if found is not None and (before.lower() in _OPERANDS_BEGIN_AFTER or _is_parsed(text, at)):
        return Token("regex", found[1].replace(r"\/", "/"), at, found.end())
    return Token("sign", "/", at, at + 1)


def _is_parsed(text: str, at: int) -> bool:
    return text[:at].rpartition("|")[2].split(None, 1)[:1] == ["parse"]


def _unquoted(kind: str, said: str) -> str:
    if kind == "quoted":
        return said[1:-1]
    return re.sub(r"\\(.)", _unescaped, said[1:-1]) if kind == "string" else said


def _unescaped(found: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t"}.get(found[1], found[1] if found[1] in "\"'\\" else found[0])
