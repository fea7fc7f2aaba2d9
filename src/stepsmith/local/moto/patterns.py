"""Which patterns of Logs are answered: terms that must all be there, or one phrase in quotes.

moto takes every other one ("Filter pattern syntax": `{ $.level = "ERROR" }`, `?a ?b`, `-a`, `%regex%`) for a pattern
that matches all there is, which is worse than an error. Patterns of metric filters are kept and do nothing here.
"""

import re

from .faults import Fault
from .request import Request

_ANSWERED = re.compile(r'[^\W\d_][\w ]*|"[^"]*"|')
_ASKED = {("logs", "FilterLogEvents"), ("logs", "PutSubscriptionFilter")}


def check(request: Request) -> None:
    """Fault: events would be chosen by a pattern that is not understood here."""
    if (request.served.name, request.operation) not in _ASKED:
        return
    pattern = str(request.parameters.get("filterPattern") or "")
    if not _ANSWERED.fullmatch(pattern):
        said = (
            f"The filter pattern {pattern!r} is not understood by this endpoint: give terms that begin with a letter, "
        )
        said += "or one phrase in double quotes; what JSON holds is found by StartQuery. docs/aws.md says more."
        raise Fault("UnsupportedOperationException", said, 501)
