"""Names and ARNs of functions, read once and then values.

report                                                  a function, so far as its qualifier goes: $LATEST
report:3    report:live                                 its version 3, its alias `live`
000000000000:function:report:3                          the same, as a partial ARN
arn:aws:lambda:us-east-1:000000000000:function:report   its ARN
"""

from dataclasses import dataclass

from stepsmith.local.roles.permissions import ACCOUNT, REGION

from .errors import function_not_found, invalid, not_found

LATEST = "$LATEST"


@dataclass(frozen=True, slots=True)
class Name:
    """A function, and the version or alias that a request names, if it names one."""

    function: str
    qualifier: str | None = None

    @property
    def arn(self) -> str:
        return function_arn(self.function, self.qualifier)


def function_arn(function: str, qualifier: str | None = None) -> str:
    """Its ARN on this endpoint."""
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"
    return f"{arn}:{qualifier}" if qualifier else arn


def layer_arn(layer: str, number: int | None = None) -> str:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:{layer}"
    return arn if number is None else f"{arn}:{number}"


def read(text: str, qualifier: str | None = None) -> Name:
    """A name in any of its forms, with a qualifier inside or beside it. Raises LambdaError: two that differ, another
    region, another account."""
    place, _, rest = text.rpartition("function:")
    if place:
        _check_place(place.split(":")[:-1], text)
    elif text.startswith("arn:"):
        raise not_found(f"Function not found: {text}")
    function, _, inside = rest.partition(":")
    if inside and qualifier and inside != qualifier:
        raise invalid("The derived qualifier from the function name does not match the specified qualifier.")
    return Name(function, inside or qualifier or None)


def _check_place(parts: list[str], text: str) -> None:
    """`["arn", "aws", "lambda", REGION, ACCOUNT]`, or the account alone."""
    if parts[-1] != ACCOUNT:
        raise function_not_found(text)
    if len(parts) > 1 and parts[-2] != REGION:
        raise not_found(f"Functions from {parts[-2]!r} are not reachable in this region ({REGION!r})")
