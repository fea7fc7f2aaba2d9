"""How actions answer: a document, or the bytes of a file without carrying them through this process."""

import asyncio
from collections.abc import Mapping
from typing import BinaryIO

from aiohttp import web

from ..body import PIECE_BYTES
from ..documents import Node, document
from ..ranges import Span

_SENT_BY_KERNEL = 64 * 1024
"""A file of fewer bytes goes out together with its headers."""


def xml(name: str, nodes: list[Node], headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(body=document(name, nodes), content_type="application/xml", headers=headers)


def document_of(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/xml")


async def send(http: web.BaseRequest, response: web.StreamResponse, file: BinaryIO, span: Span) -> None:
    """Sends a part of a file as the response's body; a client that has gone ends it."""
    start, end = span
    writer = await response.prepare(http)
    if end - start < _SENT_BY_KERNEL or http.transport is None or writer is None:
        await _write(response, file, start, end)
    else:
        writer.send_headers()
        await asyncio.get_running_loop().sendfile(http.transport, file, start, end - start)
    await response.write_eof()


async def _write(response: web.StreamResponse, file: BinaryIO, start: int, end: int) -> None:
    file.seek(start)
    while start < end:
        piece = file.read(min(end - start, PIECE_BYTES))
        if not piece:
            break
        start += len(piece)
        await response.write(piece)
