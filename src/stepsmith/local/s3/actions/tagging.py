"""Tags of objects."""

from dataclasses import replace

from aiohttp import web

from .. import documents, tags
from ..documents import Node
from ..request import Request
from .answer import xml


async def get(request: Request) -> web.StreamResponse:
    request.check_object("GetObjectTagging")
    tagged = request.find().about.tags
    nodes: list[Node] = [("Tag", [("Key", key), ("Value", value)]) for key, value in tagged.items()]
    return xml("Tagging", [("TagSet", nodes)])


async def put(request: Request) -> web.StreamResponse:
    request.check_object("PutObjectTagging")
    _write(request, tags.checked(documents.tags_of(await request.document())))
    return web.Response()


async def delete(request: Request) -> web.StreamResponse:
    request.check_object("DeleteObjectTagging")
    _write(request, {})
    return web.Response(status=204)


def _write(request: Request, tagged: dict[str, str]) -> None:
    found = request.find()
    request.buckets.rewrite(request.bucket, request.key, replace(found.about, tags=tagged))
