"""The errors of the S3 API ("Error responses" in its reference): a code, a sentence, an HTTP status."""

from stepsmith.local.endpoint.refusals import Reason, Refused

_STATUS = {
    "AccessDenied": 403,
    "AuthorizationHeaderMalformed": 400,
    "BadDigest": 400,
    "EntityTooLarge": 400,
    "InternalError": 500,
    "IncompleteBody": 400,
    "InvalidArgument": 400,
    "InvalidAccessKeyId": 403,
    "InvalidPart": 400,
    "InvalidPartOrder": 400,
    "InvalidRange": 416,
    "InvalidRequest": 400,
    "InvalidToken": 400,
    "InvalidURI": 400,
    "KeyTooLongError": 400,
    "MalformedXML": 400,
    "MethodNotAllowed": 405,
    "NoSuchBucket": 404,
    "NoSuchKey": 404,
    "NoSuchUpload": 404,
    "NotImplemented": 501,
    "PreconditionFailed": 412,
    "RequestTimeTooSkewed": 403,
    "RequestTimeout": 400,
    "ServiceUnavailable": 503,
    "SignatureDoesNotMatch": 403,
    "XAmzContentSHA256Mismatch": 400,
}


class Fault(Exception):
    """An error that a client gets. `code` is one of the API's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = _STATUS[code]


_APART = "The difference between the request time and the current time is too large: {}"
_REFUSALS = {
    Reason.HOST: ("AccessDenied", "This endpoint answers to loopback names only, not to Host {}."),
    Reason.ORIGIN: ("AccessDenied", "This endpoint does not answer web pages."),
    Reason.UNSIGNED: ("AccessDenied", "The request is not signed with AWS Signature Version 4."),
    Reason.INCOMPLETE: ("AuthorizationHeaderMalformed", "{}"),
    Reason.SCOPE: ("AuthorizationHeaderMalformed", "{}"),
    Reason.UNSIGNED_HEADERS: ("AccessDenied", "There were headers present in the request which were not signed: {}"),
    Reason.UNKNOWN_KEY: ("InvalidAccessKeyId", "The access key is none of this endpoint's; see `stepsmith env`."),
    Reason.WRONG_TOKEN: ("InvalidToken", "The session token does not belong to the access key."),
    Reason.EARLY: ("RequestTimeTooSkewed", _APART),
    Reason.LATE: ("RequestTimeTooSkewed", _APART),
    Reason.EXPIRED: ("AccessDenied", "Request has expired: {}"),
    Reason.MISMATCH: ("SignatureDoesNotMatch", "The signature does not fit the request; check key, secret and clock."),
    Reason.TOO_LARGE: ("EntityTooLarge", "A body may have {} bytes here."),
    Reason.SLOW: ("RequestTimeout", "The body of the request did not arrive within {} seconds."),
    Reason.NO_SERVICE: ("NotImplemented", "{}"),
    Reason.FORBIDDEN: ("AccessDenied", "{}"),
    Reason.DEFECT: ("InternalError", "The request could not be answered."),
}


def fault(refused: Refused) -> Fault:
    """The endpoint's refusal in S3's words."""
    code, sentence = _REFUSALS[refused.reason]
    return Fault(code, sentence.format(refused.detail))
