"""`stepsmith up` as a process of its own, and boto3 against it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import boto3
import pytest
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60.0
KEYS = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL", "DATABASE_URL")
ROLE = "arn:aws:iam::000000000000:role/test"


class Up:
    """A running endpoint. `stdout` and `stderr` are what it has said so far."""

    def __init__(self, words: list[str], environment: dict[str, str], data: Path) -> None:
        self.words, self.data = words, data
        self.process = subprocess.Popen(
            words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        self.said: list[str] = []
        self._lines: Queue[str | None] = Queue()
        for stream in (self.process.stdout, self.process.stderr):
            threading.Thread(target=self._listen, args=(stream,), daemon=True).start()

    def _listen(self, stream: Any) -> None:
        for line in stream:
            self._lines.put(line)
        self._lines.put(None)

    def until(self, sign: str) -> str:
        """The next line with `sign` in it."""
        while True:
            try:
                line = self._lines.get(timeout=PATIENCE_SECONDS)
            except Empty:
                raise AssertionError(f"{sign!r} was not said: {self.said}") from None
            assert line is not None, f"{sign!r} was not said: {self.said}"
            self.said.append(line)
            if sign in line:
                return line

    def rest(self) -> str:
        """All that it says to its end."""
        ends = 0
        while ends < 2:
            line = self._lines.get(timeout=PATIENCE_SECONDS)
            ends += line is None
            self.said.append(line or "")
        return "".join(self.said)

    @property
    def url(self) -> str:
        return str(json.loads((self.data / "endpoint.json").read_text())["url"])

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)

    def client(self, service: str = "stepfunctions", **changed: Any) -> Any:
        key = json.loads((self.data / "credentials").read_text())
        given = {"aws_access_key_id": key["access_key"], "aws_secret_access_key": key["secret_key"], **changed}
        config = Config(retries={"total_max_attempts": 1}, inject_host_prefix=False, max_pool_connections=50)
        return boto3.client(service, region_name="us-east-1", endpoint_url=self.url, config=config, **given)


@pytest.fixture
def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in KEYS and not name.startswith("AWS_")}
    path = os.pathsep.join([*(str(ROOT / each) for each in ("src", "tools/python", ".")), *sys.path])
    return kept | {"PYTHONPATH": path, "NO_COLOR": "1", "COLUMNS": "200"}


Start = Callable[..., Up]


@pytest.fixture
def start(tmp_path: Path, environment: dict[str, str]) -> Iterator[Start]:
    """Starts `up` in the test's data folder, at a free port; all are killed in the end."""
    started: list[Up] = []

    def begin(*words: str, ready: bool = True, **variables: str) -> Up:
        data = tmp_path / "data"
        command = [sys.executable, "-m", "stepsmith.cli", "up", "--data", str(data), "--port", "0", *words]
        up = Up(command, environment | variables, data)
        started.append(up)
        if ready:
            up.until("stepsmith env")
        return up

    yield begin
    for up in started:
        up.process.kill()
        up.process.wait()


@pytest.fixture
def up(start: Start) -> Up:
    return start()


@pytest.fixture
def stepsmith(tmp_path: Path, environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Another command on the same data folder."""

    def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "stepsmith.cli", *words, "--data", str(tmp_path / "data")]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=120, check=False, env=environment | variables
        )

    return run


def create(states: Any, name: str, definition: dict[str, Any]) -> str:
    """The ARN of a new state machine."""
    made = states.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)
    return str(made["stateMachineArn"])
