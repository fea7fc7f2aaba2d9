"""A bucket's configuration, as it is kept elsewhere."""

from aiohttp import web

from ..configuration import action
from ..request import Request


async def answer(request: Request) -> web.StreamResponse:
    """Any action of configuration.NOUNS."""
    request.check_bucket(action(request.asked.method, request.parameters.keys()))
    body = await request.document()
    status, headers, answered = await request.configuration.answer(
        request.bucket, request.asked.method, request.asked.query, request.headers, body
    )
    told = {name: value for name, value in headers.items() if name.lower().startswith(("content-type", "x-amz-"))}
    return web.Response(status=status, headers=told, body=answered)
