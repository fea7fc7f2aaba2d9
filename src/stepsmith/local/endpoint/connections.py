"""Connections in order: as many as this process can hold are served, the next are told that it is busy.

Each connection is a file descriptor, and a server that runs out of them fails in places that have nothing to do with
connections. So the soft limit is raised to the hard one at start, a part of it is kept for files, and whoever comes
when the rest is taken gets a 503 at once. Connections that send nothing, or a request's head too slowly, are closed.
"""

import asyncio
import resource
import socket
from collections.abc import Callable

from aiohttp import web

BACKLOG = 1024
MOST_CONNECTIONS = 4096
FEWEST_CONNECTIONS = 16
KEPT_FOR_FILES = 256
ENOUGH_DESCRIPTORS = 65_536  # where the hard limit is "unlimited", the system may refuse more

_TEXT = b'{"__type":"ServiceUnavailable","message":"Too many connections: close some, then try again."}'
_BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/x-amz-json-1.0\r\nRetry-After: 1\r\n"
    b"Connection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(_TEXT), _TEXT)
)


def capacity() -> int:
    """How many connections this process may hold, after its limit of file descriptors is raised."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH_DESCRIPTORS if hard == resource.RLIM_INFINITY else hard
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
        except (OSError, ValueError):
            pass  # macOS has a lower bound of its own: what there is must do
    descriptors = ENOUGH_DESCRIPTORS if soft == resource.RLIM_INFINITY else soft
    return max(FEWEST_CONNECTIONS, min(MOST_CONNECTIONS, descriptors - KEPT_FOR_FILES))


def bind(host: str, port: int) -> socket.socket:
    """A socket at this address, not listening yet; port 0 is any free one. OSError: the port is taken, or no address of
    this machine."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.setblocking(False)
    except BaseException:
        made.close()
        raise
    return made


async def listen(made: socket.socket, server: web.Server, most: int) -> asyncio.Server:
    """Accepts connections from now on, `most` at once."""
    return await asyncio.get_running_loop().create_server(_admitting(server, most), sock=made, backlog=BACKLOG)


def _admitting(server: web.Server, most: int) -> Callable[[], asyncio.BaseProtocol]:
    return lambda: server() if len(server.connections) < most else _Busy()


class _Busy(asyncio.Protocol):
    """Says so, and hangs up."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(_BUSY)
        transport.close()
