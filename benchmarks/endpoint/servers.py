"""The servers as processes of their own: `stepsmith up`, moto's server, and a server with a function; what they cost.

moto is only run, in an environment of its own under the cache. Its interpreter is switched on by its configuration API;
without that it answers executions that nobody runs.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import peers
from benchmarks.endpoint.wire import Wire
from stepsmith.local.endpoint import credentials
from stepsmith.local.endpoint.signature import Session
from stepsmith.local.roles import OWNER

MOTO = ("moto[server,stepfunctions]",)
ROOT = Path(__file__).resolve().parents[2]
_BYTECODE = {
    "PYTHONDONTWRITEBYTECODE": "",
    "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir(), "stepsmith-bytecode")),
}
"""Sources are compiled once, as the launcher has it (build-support/start.py), whatever this process was told."""

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Server:
    """A server that answers; `began` is the process's start, `started_seconds` how long it took until then."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    session: Session
    began: float
    started_seconds: float

    def wire(self) -> Wire:
        return Wire(self.port, self.session)

    @property
    def age_seconds(self) -> float:
        """Since the process's start."""
        return time.perf_counter() - self.began

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()
        self.process.wait()

    @property
    def megabytes(self) -> float:
        """Resident memory of the process."""
        return _status(self.process.pid, "VmRSS") / 1000

    @property
    def peak_megabytes(self) -> float:
        """The most that was ever resident."""
        return _status(self.process.pid, "VmHWM") / 1000

    @property
    def threads(self) -> int:
        return _status(self.process.pid, "Threads")


@contextmanager
def stepsmith(data: Path, root: Path = ROOT, more: Mapping[str, str] | None = None) -> Iterator[Server]:
    """`stepsmith up` of the repository at `root`, `more` in its environment, all of it loaded; killed in the end."""
    session, port = credentials.read_or_make(data), _free_port()
    command = [sys.executable, "-m", "stepsmith.cli", "up", "--port", str(port), "--data", str(data)]
    folders = (root / "src", root / "tools/python", root)
    path = os.pathsep.join([*map(str, folders), *sys.path])
    environment = {**os.environ, "PYTHONPATH": path, **_BYTECODE, **(more or {})}
    with _served("Stepsmith", command, port, session, environment, "/_stepsmith/health") as server:
        server.wire().call("ListStateMachines")  # the health path is answered long before
        yield server


@contextmanager
def with_function(data: Path) -> Iterator[Server]:
    """The same endpoint with a function in its process (large.py)."""
    session, port = credentials.read_or_make(data), _free_port()
    command = [sys.executable, "-m", "benchmarks.endpoint.large", str(data), str(port)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with _served("Stepsmith", command, port, session, environment, "/_stepsmith/health") as server:
        yield server


@contextmanager
def moto() -> Iterator[Server]:
    """moto's server, with its interpreter."""
    port = _free_port()
    command = [str(Path(peers.environment("moto", MOTO)).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    session = Session("AKIATESTTESTTESTTEST", "secret", "", OWNER)
    with _served("moto", command, port, session, os.environ, "/moto-api/") as server:
        _configure(port, b'{"stepfunctions": {"execute_state_machine": true}}')
        yield server


def _configure(port: int, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/moto-api/config", body, headers)
    urllib.request.urlopen(request, timeout=10).close()


@contextmanager
def _served(
    name: str, command: Sequence[str], port: int, session: Session, environment: Mapping[str, str], path: str
) -> Iterator[Server]:
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=said, env=dict(environment))
        try:
            _wait_until_it_answers(process, port, path)
            yield Server(name, port, process, session, began, time.perf_counter() - began)
        except NeverAnswered:
            said.seek(0)
            sys.stderr.write(said.read().decode(errors="replace"))
            raise
        finally:
            process.kill()
            process.wait()


class NeverAnswered(Exception):
    """The process ended, or was too slow."""


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n".encode()
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(request)
                if connection.recv(12):
                    return
        except OSError:
            time.sleep(0.002)
    raise NeverAnswered(f"{process.args!r} does not answer at port {port}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _status(pid: int, name: str) -> int:
    """A number of /proc/PID/status: kilobytes, or a count."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
