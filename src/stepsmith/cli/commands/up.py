"""One loopback URL for Step Functions, Lambda, S3 and the rest of AWS that agents need, until Ctrl-C.

In another terminal `eval "$(stepsmith env)"` points boto3, Terraform and any SDK there. Every agent is a state
machine; `stepsmith run` uses the endpoint as long as it runs. Machines, executions, tokens and timers stay in the data
folder: what is interrupted goes on at the next start. docs/step-functions.md says what is there.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
import signal
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime

from stepsmith.local.endpoint import credentials, front
from stepsmith.local.endpoint.announcement import announced
from stepsmith.local.endpoint.connections import bind
from stepsmith.local.endpoint.seen import Seen
from stepsmith.local.endpoint.server import Endpoint, wall_ms

from ..errors import COMPLETED, INTERRUPTED, CommandError, UsageError
from ..loading import loaded
from ..numbers import port
from ..settings import Settings, read
from ..terminal import count, note, one_line

PORT = 4599
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port", type=port, default=PORT, metavar="N", help="where to listen; 0: any free port (default: %(default)s)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at (default: %(default)s)")
    parser.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME", help="a further name that clients may use"
    )
    parser.add_argument("--verbose", action="store_true", help="print one line for each request")


def main(options: argparse.Namespace) -> int:
    if not front.is_loopback(options.host) and not options.allow_host:
        raise UsageError(
            f"{options.host!r} is reached from other machines, and whoever has the key runs code here: if that is "
            "meant, say by which name clients will come (--allow-host NAME)."
        )
    settings = read(options.data)
    with announced(settings.data) as announcement:
        asyncio.run(_serve(settings, options, announcement.publish))
    return COMPLETED


async def _serve(settings: Settings, options: argparse.Namespace, publish: Callable[[str], None]) -> None:
    """Listens first, and loads what it serves while requests wait; closes that only once no request is under way."""
    stop = _stop_signal()
    endpoint = Endpoint(
        wall_ms,
        _bound(options.host, options.port),
        allowed_hosts=options.allow_host,
        seen=_print_request if options.verbose else None,
    )
    endpoint.add(credentials.read_or_make(settings.data))
    async with AsyncExitStack() as closing:
        async with endpoint:
            publish(endpoint.url)
            with endpoint.held():
                await asyncio.to_thread(loaded, "stepsmith.cli.serving")
                from ..serving import served

                serving = await closing.enter_async_context(served(settings, endpoint))
            await asyncio.to_thread(serving.tell, options.data)  # whose requests waited, is not to wait for words
            await stop.wait()
            note("\nStopping: requests under way may finish. Ctrl-C again ends at once.", "yellow")
        left = serving.left
    note(f"Stopped. {count(left, 'execution')} will go on with the next `stepsmith up`." if left else "Stopped.")


def _stop_signal() -> asyncio.Event:
    """Set by the first Ctrl-C or SIGTERM; a second one ends the process, and with it every function's."""
    stop = asyncio.Event()

    def asked() -> None:
        if stop.is_set():
            os._exit(INTERRUPTED)
        stop.set()

    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, asked)
    return stop


def _bound(host: str, port: int) -> socket.socket:
    try:
        return bind(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            wanted = f"Port {port} is taken by another program: end that, or choose another port (--port N, 0 is any)."
            raise CommandError(wanted) from None
        raise UsageError(f"Nobody can listen at {host!r}, port {port}: {error.strerror or error}.") from None


def _print_request(seen: Seen) -> None:
    now = datetime.now().astimezone().strftime("%H:%M:%S.%f")[:-3]
    about = one_line(f"{seen.service:<7} {seen.action:<28} {seen.resource}", 160)
    note(f"{now} {seen.status} {seen.ms:8.1f} ms  {about}", "dim" if seen.status < 400 else "yellow")
