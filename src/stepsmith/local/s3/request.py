"""A verified request of the S3 API, and what actions need of it: names, permission, body, conditions."""

from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import unquote

from aiohttp import web

from stepsmith.local.endpoint.service import Call
from stepsmith.local.endpoint.signature import Asked

from .body import Body
from .faults import Fault
from .folder import OCTETS, About, Buckets
from .uploads import Uploads


@dataclass(frozen=True, slots=True)
class Request:
    """A verified request and what it works on."""

    buckets: Buckets
    uploads: Uploads
    call: Call
    max_bytes: int

    @property
    def http(self) -> web.BaseRequest:
        return self.call.http

    @property
    def asked(self) -> Asked:
        return self.call.asked

    @property
    def bucket(self) -> str:
        return unquote(self.asked.path.split("/", 2)[1])

    @property
    def key(self) -> str:
        try:
            return unquote("".join(self.asked.path.split("/", 2)[2:]), errors="strict")
        except UnicodeDecodeError:
            raise Fault("InvalidURI", "A key must be UTF-8.") from None

    @property
    def parameters(self) -> dict[str, str]:
        return self.asked.parameters

    def header(self, name: str, otherwise: str = "") -> str:
        return self.asked.headers.get(name, otherwise)

    def body(self, max_bytes: int | None = None) -> Body:
        return Body(self.http.content, self.asked.headers, self.call.signed, max_bytes or self.max_bytes)

    def check(self, action: str, bucket: str, key: str = "", **context: str) -> None:
        """The caller must be allowed this action on the bucket, or on an object in it. Raises roles.Denied."""
        arn = f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}"
        self.call.role.check(f"s3:{action}", arn, {f"s3:{name}": value for name, value in context.items()})


async def receive(request: Request) -> tuple[BinaryIO, bytes]:
    """The body as a temporary file, and its MD5. The file is gone when the body is not what it should be."""
    written, body = request.buckets.temporary(), request.body()
    try:
        async for piece in body.pieces():
            written.write(piece)
        written.flush()
    except BaseException:
        request.buckets.discard(written)
        raise
    return written, body.md5


def only_new(request: Request) -> bool:
    """Whether the write must not replace an object: `If-None-Match: *`, the one condition that a write takes here."""
    wanted = request.header("if-none-match")
    if wanted not in ("", "*") or request.header("if-match"):
        raise Fault("NotImplemented", "A write takes no condition but If-None-Match: *")
    return wanted == "*"


def about(request: Request, etag: str) -> About:
    """What is to be kept of an object besides its bytes, as the headers say."""
    prefix = "x-amz-meta-"
    metadata = {
        name.removeprefix(prefix): value for name, value in request.asked.headers.items() if name.startswith(prefix)
    }
    return About(etag, request.header("content-type") or OCTETS, metadata)
