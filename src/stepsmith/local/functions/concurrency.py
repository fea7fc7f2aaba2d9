"""How many calls of created functions run at once: the account's concurrency, and what functions reserve of it.

Counts are of this process, which is the only one that serves the API. A function with a reservation may use that and
no more; all others share what is left, which is never less than 100 ("Understanding Lambda function scaling").
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import LambdaError, invalid, throttled
from .tables import Tables
from .values import Created

ACCOUNT = 1000
LEAST_SHARED = 100


class Concurrency:
    """Calls under way. `account` is the limit of all together."""

    def __init__(self, tables: Tables, account: int = ACCOUNT) -> None:
        self.account = account
        self._tables = tables
        self._running: Counter[str] = Counter()
        self._shared = 0

    @contextmanager
    def taken(self, function: Created) -> Iterator[None]:
        """One call. Raises LambdaError TooManyRequestsException when there is no room for it."""
        shares = function.reserved is None
        if refused := self._refused(function):
            raise refused
        self._running[function.name] += 1
        self._shared += shares
        try:
            yield
        finally:
            self._shared -= shares
            self._running[function.name] -= 1
            self._running += Counter()  # forgets who is at nought

    @property
    def shared(self) -> int:
        """What functions without a reservation share."""
        return self.account - self._tables.reserved()

    def check(self, function: Created, wanted: int) -> None:
        """Raises LambdaError when reserving so much would leave the others too little."""
        left = self.shared + (function.reserved or 0) - wanted
        if left < min(LEAST_SHARED, self.account):
            said = "Specified ReservedConcurrentExecutions for function decreases account's "
            raise invalid(f"{said}UnreservedConcurrentExecution below its minimum value of [{LEAST_SHARED}].")

    def _refused(self, function: Created) -> LambdaError | None:
        if function.reserved is not None:
            is_full = self._running[function.name] >= function.reserved
            return throttled("ReservedFunctionConcurrentInvocationLimitExceeded") if is_full else None
        is_full = self._shared >= min(LEAST_SHARED, self.account) and self._shared >= self.shared
        return throttled("ConcurrentInvocationLimitExceeded") if is_full else None
