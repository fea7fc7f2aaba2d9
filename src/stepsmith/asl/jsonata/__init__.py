"""JSONata 2.0.6 with the functions that AWS adds, behind one protocol.

`Translated` (default) turns an expression into Python by `jsonata2py`; `Interpreted` walks it with `jsonata-python`.
"""

from .evaluator import UNDEFINED, EvaluationFailure, Evaluator, Expression, Moment, SyntaxFault
from .translated import Translated

__all__ = [
    "UNDEFINED",
    "EvaluationFailure",
    "Evaluator",
    "Expression",
    "Moment",
    "SyntaxFault",
    "default_evaluator",
]


def default_evaluator() -> Evaluator:
    """The engine that runs when nobody chooses one."""
    return Translated()
