"""What functions may do, as IAM statements. The local runtime grants its own functions the same."""

from collections.abc import Iterable, Iterator, Sequence

from infra.policy import INTERFACES, Statement, allow, allow_anywhere
from stepsmith.agent import Deployment

_OBJECTS = ("s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload")


def artifacts(deployment: Deployment) -> Sequence[Statement]:
    """To read, write and list what tools make. Names of transcripts stay unseen."""
    return (
        allow(*_OBJECTS, on=[f"{deployment.bucket_arn}/artifacts/*"]),
        allow("s3:ListBucket", on=[deployment.bucket_arn], where={"StringLike": {"s3:prefix": "artifacts/*"}}),
    )


def conversations(deployment: Deployment) -> Sequence[Statement]:
    """To read and write transcripts and artifacts. S3 says that an object is missing (a mark that a run is cancelled)
    only to those who may list the bucket: to others it says that they may not read it (API Reference, HeadObject)."""
    prefixes = ("artifacts", "transcripts")
    return (
        allow(*_OBJECTS, on=[f"{deployment.bucket_arn}/{prefix}/*" for prefix in prefixes]),
        allow("s3:ListBucket", on=[deployment.bucket_arn]),
    )


def own_secrets(deployment: Deployment, names: Iterable[str]) -> Iterator[Statement]:
    """To read the secrets of these names; AWS ends their ARNs with a hyphen and six letters."""
    if arns := [f"{deployment.secret_arn(name)}-??????" for name in names]:
        yield allow("secretsmanager:GetSecretValue", on=arns)


def network_interfaces(function_arn: str) -> Sequence[Statement]:
    """What Lambda needs of the role of a function in a VPC. The function's own code is denied it: only calls of code
    carry the source function ARN (Lambda Developer Guide, Using source function ARN)."""
    code = {"ArnEquals": {"lambda:SourceFunctionArn": function_arn}}
    return allow_anywhere(*INTERFACES), Statement(INTERFACES, ("*",), where=code, effect="Deny")
