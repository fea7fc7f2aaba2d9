"""Keys that STS hands out: those of a role are keys of this endpoint and act as the role; others are not handed out.

moto answers AssumeRole with a key that nobody here knows. In its place goes one that the endpoint has issued; it lives
as long as the endpoint does, whatever the answer says of its expiration. Who may assume a role is what the caller's
policies allow; the role's own trust policy is kept and not evaluated.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from xml.sax.saxutils import escape

from stepsmith.local.endpoint.signature import Session

from .faults import Answer, Fault
from .request import Request

Assume = Callable[[str, str], Session]
"""The session of a role (its ARN), under a name."""
ASSUME = "AssumeRole"
NO_KEYS = frozenset({"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "GetFederationToken", "GetSessionToken"})


def check(request: Request) -> None:
    """Fault: the request wants a key that this endpoint does not hand out."""
    if request.served.name == "sts" and request.operation in NO_KEYS:
        said = f"{request.operation} is not part of this endpoint: of STS, AssumeRole and GetCallerIdentity are."
        raise Fault("UnsupportedOperationException", said, 501)


def is_assumption(request: Request) -> bool:
    return request.served.name == "sts" and request.operation == ASSUME


def with_session(request: Request, answer: Answer, assume: Assume) -> Answer:
    """moto's answer with a key that signs requests here."""
    if answer.status != 200:
        return answer
    session = assume(str(request.parameters["RoleArn"]), str(request.parameters["RoleSessionName"]))
    values = {"AccessKeyId": session.access_key, "SecretAccessKey": session.secret, "SessionToken": session.token}
    body = answer.body.decode()
    for name, value in values.items():
        body = re.sub(f"(?s)<{name}>.*?</{name}>", f"<{name}>{escape(value)}</{name}>", body)
    return replace(answer, body=body.encode())
