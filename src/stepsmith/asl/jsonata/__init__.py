"""JSONata 2.0.6 with the functions that AWS adds, behind one protocol.

`Translated` (default) turns an expression into Python by `jsonata2py`; `Interpreted` walks it with `jsonata-python`.
A process has one engine: whoever reads its settings may choose it before the first definition is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from .evaluator import UNDEFINED, EvaluationFailure, Evaluator, Expression, Moment, SyntaxFault

__all__ = [
    "ENGINES",
    "UNDEFINED",
    "EvaluationFailure",
    "Evaluator",
    "Expression",
    "Moment",
    "SyntaxFault",
    "choose_engine",
    "default_evaluator",
]


def _translated() -> Evaluator:
    from .translated import Translated  # each engine's packages are imported with the first expression it compiles

    return Translated()


def _interpreted() -> Evaluator:
    from .interpreted import Interpreted

    return Interpreted()


ENGINES: Mapping[str, Callable[[], Evaluator]] = {"default": _translated, "fallback": _interpreted}
_chosen = cache(_translated)


def choose_engine(name: str) -> None:
    """Makes one of ENGINES the engine of this process; raises ValueError for another name."""
    global _chosen
    if name not in ENGINES:
        raise ValueError(f"there is no JSONata engine {name!r}: one of {', '.join(ENGINES)}")
    _chosen = cache(ENGINES[name])


def default_evaluator() -> Evaluator:
    """The engine of this process."""
    return _chosen()
