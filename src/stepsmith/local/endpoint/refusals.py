"""Why the endpoint does not answer a request, before any service sees it.

The reasons are a closed set; each service has its own words for them (`JSON` here, S3's in s3/faults.py), because AWS's
services have: DynamoDB's kin answer `InvalidSignatureException` with 400, Lambda the same with 403; S3, and what speaks
forms as IAM and STS do, `SignatureDoesNotMatch`. Codes and sentences are those of "Common error types" in the API
references.
"""

from enum import Enum, auto


class Reason(Enum):
    """What is wrong with a request."""

    HOST = auto()
    ORIGIN = auto()
    UNSIGNED = auto()
    INCOMPLETE = auto()
    SCOPE = auto()
    UNSIGNED_HEADERS = auto()
    UNKNOWN_KEY = auto()
    WRONG_TOKEN = auto()
    EARLY = auto()
    LATE = auto()
    EXPIRED = auto()
    MISMATCH = auto()
    TOO_LARGE = auto()
    SLOW = auto()
    NO_SERVICE = auto()
    FORBIDDEN = auto()
    DEFECT = auto()


class Refused(Exception):
    """`detail` completes the sentence of the reason where that has a place for it."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


FORBIDDEN, TIMEOUT, TOO_LARGE, DEFECT, NOT_HERE = 403, 408, 413, 500, 501

_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)

JSON: dict[Reason, tuple[str, str, int | None]] = {
    Reason.HOST: (
        "AccessDeniedException",
        "This endpoint answers to loopback names only, not to Host {}; `stepsmith up --allow-host NAME` adds one.",
        FORBIDDEN,
    ),
    Reason.ORIGIN: ("AccessDeniedException", "This endpoint does not answer web pages.", FORBIDDEN),
    Reason.UNSIGNED: ("MissingAuthenticationTokenException", "Missing Authentication Token", None),
    Reason.INCOMPLETE: ("IncompleteSignatureException", "{}", None),
    Reason.SCOPE: ("InvalidSignatureException", "{}", None),
    Reason.UNSIGNED_HEADERS: (
        "InvalidSignatureException",
        "There were headers present in the request which were not signed: {}",
        None,
    ),
    Reason.UNKNOWN_KEY: ("UnrecognizedClientException", "The security token included in the request is invalid.", None),
    Reason.WRONG_TOKEN: ("UnrecognizedClientException", "The security token included in the request is invalid.", None),
    Reason.EARLY: ("InvalidSignatureException", "Signature not yet current: {}", None),
    Reason.LATE: ("InvalidSignatureException", "Signature expired: {}", None),
    Reason.EXPIRED: ("InvalidSignatureException", "Signature expired: {}", None),
    Reason.MISMATCH: (
        "InvalidSignatureException",
        _MISMATCH,
        None,
    ),
    Reason.TOO_LARGE: ("RequestEntityTooLargeException", "Request must be smaller than {} bytes.", TOO_LARGE),
    Reason.SLOW: ("RequestTimeoutException", "The body of the request did not arrive within {} seconds.", TIMEOUT),
    Reason.NO_SERVICE: (
        "UnsupportedOperationException",
        "{}",
        NOT_HERE,
    ),
    Reason.FORBIDDEN: ("AccessDeniedException", "{}", None),
    Reason.DEFECT: ("InternalFailure", "The request could not be answered: see what `stepsmith up` printed.", DEFECT),
}
"""Code, sentence and HTTP status; None where the services differ (JSON 1.0 says 400, REST 403)."""


def in_json(refused: Refused, otherwise: int) -> tuple[int, str, str]:
    """Status, code and sentence for the JSON protocols; `otherwise` is the protocol's status for a bad signature."""
    code, sentence, status = JSON[refused.reason]
    return status or otherwise, code, sentence.format(refused.detail)


_IN_FORMS = {
    "AccessDeniedException": "AccessDenied",
    "IncompleteSignatureException": "IncompleteSignature",
    "InvalidSignatureException": "SignatureDoesNotMatch",
    "MissingAuthenticationTokenException": "MissingAuthenticationToken",
    "UnrecognizedClientException": "InvalidClientTokenId",
}


def in_query(refused: Refused) -> tuple[int, str, str]:
    """The same for the query protocol: older names of the same errors, and always 403."""
    status, code, sentence = in_json(refused, FORBIDDEN)
    return status, _IN_FORMS.get(code, code), sentence
