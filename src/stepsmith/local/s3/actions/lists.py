"""What a bucket holds."""

import asyncio

from aiohttp import web

from .. import listing
from ..faults import Fault
from ..request import Request
from .answer import document_of


async def objects(request: Request) -> web.StreamResponse:
    """ListObjectsV2 and ListObjects; a role may be bound to a prefix."""
    _check(request, "ListBucket")
    version = request.parameters.get("list-type", "1")
    if version not in _VERSIONS:
        raise Fault("InvalidArgument", "Invalid List Type", ArgumentName="list-type", ArgumentValue=version[:100])
    answer = _VERSIONS[version]
    return document_of(await asyncio.to_thread(answer, request.buckets, request.bucket, request.parameters))


async def versions(request: Request) -> web.StreamResponse:
    """ListObjectVersions: what is there, once each."""
    _check(request, "ListBucketVersions")
    return document_of(await asyncio.to_thread(listing.versions, request.buckets, request.bucket, request.parameters))


def _check(request: Request, action: str) -> None:
    """The role's conditions see the parameters that the request has, and no others."""
    asked = request.parameters
    request.check_bucket(action, **{name: asked[name] for name in _KNOWN_TO_IAM if name in asked})


_KNOWN_TO_IAM = ("prefix", "delimiter", "max-keys")
_VERSIONS = {"1": listing.objects_1, "2": listing.objects_2}
