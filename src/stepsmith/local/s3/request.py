"""A verified request of the S3 API, and what actions need of it: names, permission, body.

The bucket stands in the path (`/bucket/key`) or in the host's name (endpoint/front.py).
"""

from collections.abc import Mapping
from functools import cached_property
from typing import BinaryIO
from urllib.parse import unquote

from aiohttp import web

from stepsmith.local.endpoint.front import bucket_of
from stepsmith.local.endpoint.service import Call
from stepsmith.local.roles.permissions import ACCOUNT
from stepsmith.signing import Asked

from . import checksums
from .body import Arrived, Body, Limits
from .configuration import Configuration
from .faults import Fault, no_such_bucket, no_such_key
from .folder import Buckets
from .records import Object
from .uploads import Uploads

DOCUMENT = Limits(object_bytes=2 * 1024**2)
"""Of XML in bodies; a list of 10,000 parts has 1 MB."""


class Request:
    """A verified request and what it works on."""

    def __init__(
        self, buckets: Buckets, uploads: Uploads, configuration: Configuration, call: Call, limits: Limits
    ) -> None:
        self.buckets, self.uploads, self.configuration = buckets, uploads, configuration
        self.call, self._limits = call, limits

    @property
    def http(self) -> web.BaseRequest:
        return self.call.http

    @property
    def asked(self) -> Asked:
        return self.call.asked

    @cached_property
    def path(self) -> str:
        """`/bucket/key` as it was sent, wherever the bucket was named."""
        return path(self.asked)

    @cached_property
    def bucket(self) -> str:
        return unquote(self.path.split("/", 2)[1])

    @cached_property
    def key(self) -> str:
        try:
            return unquote("".join(self.path.split("/", 2)[2:]), errors="strict")
        except UnicodeDecodeError:
            raise Fault("InvalidURI", "Couldn't parse the specified URI.") from None

    @cached_property
    def parameters(self) -> dict[str, str]:
        return self.asked.parameters

    @property
    def headers(self) -> Mapping[str, str]:
        return self.asked.headers

    def header(self, name: str, otherwise: str = "") -> str:
        return self.asked.headers.get(name, otherwise)

    def check(self, action: str, bucket: str = "", key: str = "", **context: str) -> None:
        """The caller must be allowed this action on an object, or on a bucket. Raises roles.Denied."""
        arn = f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}" if bucket else "*"
        self.call.role.check(f"s3:{action}", arn, {f"s3:{name}": value for name, value in context.items()})

    def check_object(self, action: str) -> None:
        """`check` for the object of the path, in a bucket that is there."""
        self.check(action, self.bucket, self.key)
        self.must_exist()

    def check_bucket(self, action: str, **context: str) -> None:
        """`check` for the bucket of the path, which is there."""
        self.check(action, self.bucket, **context)
        self.must_exist()

    def must_exist(self) -> None:
        """The bucket must be there, and the caller's idea of whose it is must be right."""
        if not self.buckets.exists(self.bucket):
            raise no_such_bucket(self.bucket)
        if self.header("x-amz-expected-bucket-owner", ACCOUNT) != ACCOUNT:
            raise Fault("AccessDenied", "Access Denied")

    def missing(self, bucket: str, key: str) -> Fault:
        """What a caller is told of an object that is not there: nothing, unless it may list the bucket, as on AWS."""
        self.check("ListBucket", bucket)
        return no_such_key(key)

    def find(self) -> Object:
        """The object of the path. Fault NoSuchKey, NoSuchBucket, NoSuchVersion; Denied."""
        self.check_version()
        try:
            return self.buckets.find(self.bucket, self.key)
        except Fault as fault:
            raise self.missing(self.bucket, self.key) if fault.code == "NoSuchKey" else fault from None

    def open(self) -> tuple[Object, BinaryIO]:
        """The object of the path and its file; as `find`."""
        self.check_version()
        return self.opened(self.bucket, self.key)

    def opened(self, bucket: str, key: str) -> tuple[Object, BinaryIO]:
        try:
            return self.buckets.open(bucket, key)
        except Fault as fault:
            raise self.missing(bucket, key) if fault.code == "NoSuchKey" else fault from None

    def check_version(self) -> None:
        """Objects have one version here, which S3 calls null where versioning was never on."""
        version = self.parameters.get("versionId", "null")
        if version != "null":
            raise Fault("NoSuchVersion", "The specified version does not exist.", Key=self.key, VersionId=version)

    async def document(self, *, is_summed: bool = True) -> bytes:
        """The body of an action that takes XML; without `is_summed` a checksum in the headers is of something else."""
        ours = {name: value for name, value in self.headers.items() if not name.startswith(checksums.PREFIX)}
        headers = self.headers if is_summed else ours
        return await Body(self.http.content, headers, self.call.signed, DOCUMENT).read()

    async def receive(self, algorithm: str | None = None) -> tuple[BinaryIO, Arrived]:
        """The body as a temporary file, which is gone when the body is not what it should be. `algorithm`: the checksum
        that is needed of it in any case."""
        body = Body(self.http.content, self.headers, self.call.signed, self._limits, algorithm)
        written = self.buckets.temporary()
        try:
            arrived = await body.write(written)
            written.flush()
        except BaseException:
            self.buckets.discard(written)
            raise
        return written, arrived


def path(asked: Asked) -> str:
    """`/bucket/key` as it was sent, wherever the bucket was named."""
    bucket = bucket_of(asked.headers.get("host", ""))
    return f"/{bucket}{asked.path}" if bucket else asked.path
