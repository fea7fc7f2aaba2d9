"""The errors of the S3 API ("Error responses" in its reference): a code, a sentence, an HTTP status."""

from collections.abc import Mapping

from stepsmith.local.endpoint.refusals import Reason, Refused

_STATUS = {
    "AccessControlListNotSupported": 400,
    "AccessDenied": 403,
    "AuthorizationHeaderMalformed": 400,
    "BadDigest": 400,
    "BucketAlreadyOwnedByYou": 409,
    "BucketNotEmpty": 409,
    "EntityTooLarge": 400,
    "EntityTooSmall": 400,
    "InternalError": 500,
    "IncompleteBody": 400,
    "InvalidArgument": 400,
    "InvalidAccessKeyId": 403,
    "InvalidBucketName": 400,
    "InvalidDigest": 400,
    "InvalidLocationConstraint": 400,
    "InvalidPart": 400,
    "InvalidPartNumber": 416,
    "InvalidPartOrder": 400,
    "InvalidRange": 416,
    "InvalidRequest": 400,
    "InvalidTag": 400,
    "InvalidToken": 400,
    "InvalidURI": 400,
    "KeyTooLongError": 400,
    "MalformedTrailerError": 400,
    "MalformedXML": 400,
    "MetadataTooLarge": 400,
    "NoSuchBucket": 404,
    "NoSuchKey": 404,
    "NoSuchUpload": 404,
    "NoSuchVersion": 404,
    "NotImplemented": 501,
    "PreconditionFailed": 412,
    "RequestTimeTooSkewed": 403,
    "RequestTimeout": 400,
    "ServiceUnavailable": 503,
    "SignatureDoesNotMatch": 403,
    "XAmzContentSHA256Mismatch": 400,
}


class Fault(Exception):
    """An error that a client gets. `code` is one of the API's; `details` are further elements of its document."""

    def __init__(self, code: str, message: str, **details: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = _STATUS[code]
        self.details: Mapping[str, str] = details


def no_such_bucket(bucket: str) -> Fault:
    return Fault("NoSuchBucket", "The specified bucket does not exist", BucketName=bucket)


def no_such_key(key: str) -> Fault:
    return Fault("NoSuchKey", "The specified key does not exist.", Key=key)


def not_held(condition: str) -> Fault:
    """`condition` is the header that asked for it."""
    return Fault(
        "PreconditionFailed", "At least one of the pre-conditions you specified did not hold", Condition=condition
    )


def not_here(what: str) -> Fault:
    """For what AWS has and this endpoint has not."""
    said = "A header or action you provided implies functionality that is not implemented"
    return Fault("NotImplemented", f"{said}: {what}")


_APART = "The difference between the request time and the current time is too large: {}"
_NO_SUCH_KEY_ID = (
    "The AWS Access Key Id you provided does not exist in our records: `stepsmith env` prints this endpoint's."
)
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your key and signing method."
)
_REFUSALS = {
    Reason.HOST: ("AccessDenied", "This endpoint answers to loopback names only, not to Host {}."),
    Reason.ORIGIN: ("AccessDenied", "This endpoint does not answer web pages."),
    Reason.UNSIGNED: ("AccessDenied", "The request is not signed with AWS Signature Version 4."),
    Reason.INCOMPLETE: ("AuthorizationHeaderMalformed", "{}"),
    Reason.SCOPE: ("AuthorizationHeaderMalformed", "{}"),
    Reason.UNSIGNED_HEADERS: ("AccessDenied", "There were headers present in the request which were not signed: {}"),
    Reason.UNKNOWN_KEY: ("InvalidAccessKeyId", _NO_SUCH_KEY_ID),
    Reason.WRONG_TOKEN: ("InvalidToken", "The provided token is malformed or otherwise invalid."),
    Reason.EARLY: ("RequestTimeTooSkewed", _APART),
    Reason.LATE: ("RequestTimeTooSkewed", _APART),
    Reason.EXPIRED: ("AccessDenied", "Request has expired: {}"),
    Reason.MISMATCH: ("SignatureDoesNotMatch", _MISMATCH),
    Reason.TOO_LARGE: ("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size of {} bytes."),
    Reason.SLOW: ("RequestTimeout", "The body of the request did not arrive within {} seconds."),
    Reason.NO_SERVICE: ("NotImplemented", "{}"),
    Reason.FORBIDDEN: ("AccessDenied", "{}"),
    Reason.DEFECT: ("InternalError", "The request could not be answered."),
}


def fault(refused: Refused) -> Fault:
    """The endpoint's refusal in S3's words."""
    code, sentence = _REFUSALS[refused.reason]
    return Fault(code, sentence.format(refused.detail))
