"""Buckets: folders beside one another."""

from aiohttp import web

from stepsmith.local.roles.permissions import REGION

from .. import documents, listing
from ..documents import Node
from ..faults import Fault
from ..folder import Bucket
from ..listing import OWNER, iso
from ..request import Request
from .answer import xml


async def list_buckets(request: Request) -> web.StreamResponse:
    """ListBuckets, by name and in pages where the client asks for them."""
    request.check("ListAllMyBuckets")
    asked = request.parameters
    limit, after = listing.number("max-buckets", asked.get("max-buckets", "10000")), asked.get("continuation-token", "")
    named = [each for each in request.buckets.all() if each.name.startswith(asked.get("prefix", ""))]
    found = [each for each in named if each.name > after]
    nodes: list[Node] = [("Bucket", _bucket(each)) for each in found[:limit]]
    more: list[Node] = [("ContinuationToken", found[limit - 1].name)] if 0 < limit < len(found) else []
    return xml("ListAllMyBucketsResult", [OWNER, ("Buckets", nodes), *more])


def _bucket(bucket: Bucket) -> list[Node]:
    return [
        ("Name", bucket.name),
        ("CreationDate", iso(bucket.created)),
        ("BucketRegion", bucket.location or REGION),
    ]


async def create(request: Request) -> web.StreamResponse:
    """CreateBucket. In us-east-1 to make one's own bucket again is no error, elsewhere it is."""
    request.check("CreateBucket", request.bucket)
    location = documents.location_of(await request.document())
    if location == REGION:
        raise Fault("InvalidLocationConstraint", "The specified location-constraint is not valid")
    if request.buckets.exists(request.bucket) and (location or request.buckets.bucket(request.bucket).location):
        said = "Your previous request to create the named bucket succeeded and you already own it."
        raise Fault("BucketAlreadyOwnedByYou", said, BucketName=request.bucket)
    if not request.buckets.exists(request.bucket):
        await request.configuration.forget(request.bucket)  # of one whose folder was removed by hand
        request.buckets.create(request.bucket, location)
    return web.Response(headers={"Location": f"/{request.bucket}"})


async def delete(request: Request) -> web.StreamResponse:
    """DeleteBucket; unfinished uploads go with it."""
    request.check_bucket("DeleteBucket")
    request.buckets.remove(request.bucket)
    request.uploads.forget(request.bucket)
    await request.configuration.forget(request.bucket)
    return web.Response(status=204)


async def head(request: Request) -> web.StreamResponse:
    request.check_bucket("ListBucket")
    found = request.buckets.bucket(request.bucket)
    headers = {"x-amz-bucket-region": found.location or REGION, "x-amz-access-point-alias": "false"}
    return web.Response(headers=headers, content_type="application/xml")


async def location(request: Request) -> web.StreamResponse:
    """GetBucketLocation: empty for us-east-1."""
    request.check_bucket("GetBucketLocation")
    return web.Response(
        body=documents.text("LocationConstraint", request.buckets.bucket(request.bucket).location),
        content_type="application/xml",
    )
