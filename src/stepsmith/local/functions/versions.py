"""Which version a name means: `$LATEST` is 0, an alias one of its two."""

from collections.abc import Callable

from .errors import function_not_found
from .names import LATEST, Name
from .tables import Tables


def number(tables: Tables, wanted: Name, chance: Callable[[], float] = lambda: 1.0) -> int:
    """The number of the version; of an alias with weights the one that `chance` falls on, its first without chance.
    Raises LambdaError for an alias that is not there."""
    if wanted.qualifier in (None, LATEST):
        return 0
    if wanted.qualifier.isdigit():
        return int(wanted.qualifier)
    alias = tables.alias(wanted.function, wanted.qualifier)
    if alias is None:
        raise function_not_found(wanted.arn)
    chosen = alias.chosen(chance)
    return 0 if chosen == LATEST else int(chosen)
