"""Cells where there are no namespaces, as inside a Lambda: the same kernel, user and process table as the handler.

The handler runs in a process of its own here, without privileges (as on Lambda; root can read every process), and its
sandbox is named by the test: nothing but `prepare.where` differs from the real thing.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from . import prepare

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the filter and prctl are Linux's")

SWEPT = ("/tmp", "/dev/shm")
SCRIPT = """
import json, sys
from code_interpreter import prepare, sandbox
from code_interpreter.conftest import Notebook
prepare.where = lambda: getattr(sandbox, sys.argv[1])()
notebook = Notebook()
for code in json.load(sys.stdin):
    result = notebook.cell(code, seconds=15)
    print(json.dumps({**result.document, "handed_over": sorted(result.files)}))
"""


def cells(*codes: str, where: str = "MicroVm", **environment: str) -> list[dict[str, Any]]:
    command = [*_without_privileges(), sys.executable, "-c", SCRIPT, where]
    path = os.pathsep.join(entry for entry in sys.path if entry)
    ended = subprocess.run(
        command,
        input=json.dumps(codes),
        env={**os.environ, **environment, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


def _without_privileges() -> list[str]:
    """By way of bubblewrap: no capabilities, a view of everything, and a /tmp and /dev/shm of its own, because the
    handler sweeps these after a cell (on Lambda nobody else has files there)."""
    bwrap = prepare.find_bwrap()
    if bwrap is None or prepare.try_out(bwrap):
        pytest.skip("only bubblewrap gives the handler a /tmp of its own here, and this machine does not allow it")
    own = [word for place in SWEPT for word in ("--tmpfs", place)]
    kept = [word for entry in _entries() for word in ("--bind-try", entry, entry)]
    user = ["--unshare-user", "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL"]
    return [str(bwrap), *user, "--dev-bind", "/", "/", *own, *kept]


def _entries() -> list[str]:
    """What is there now: this test's own code may be among it."""
    return sorted(str(entry) for place in SWEPT for entry in Path(place).iterdir())


def test_state_files_and_charts_work_as_in_a_sandbox() -> None:
    first, second = cells(
        "import matplotlib.pyplot as plt\nx = 1\nopen('a.csv', 'w').write('1')\nplt.plot([1]); plt.title('Line')",
        "x, open('a.csv').read()",
    )
    assert first["handed_over"] == ["a.csv", "line.png"]
    assert second["value"] == "(1, '1')"


def test_the_handlers_environment_and_memory_are_closed() -> None:
    [seen] = cells(
        "import os\n"
        "for name in ('environ', 'mem', 'maps', 'fd/1'):\n"
        "    try: print(open(f'/proc/{os.getppid()}/{name}', 'rb').read(100))\n"
        "    except OSError as e: print(e.strerror)\n"
        "print(dict(os.environ))",
        AWS_SECRET_ACCESS_KEY="canary",
    )
    assert seen["output"].count("Permission denied") == 4
    assert "canary" not in seen["output"]


def test_no_socket_is_made_so_the_runtime_api_is_out_of_reach() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        [seen] = cells(f"import socket\nsocket.create_connection({address!r})")
        assert "Operation not permitted" in seen["error"]


def test_the_handler_cannot_be_signalled_or_traced() -> None:
    [seen, after] = cells(
        "import ctypes, os\n"
        "for pid in (os.getppid(), -1, 0, -os.getpgid(os.getppid())):\n"
        "    try: os.kill(pid, 0); print('reached')\n    except OSError as e: print(e.strerror)\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "print(libc.ptrace(16, os.getppid(), 0, 0), libc.syscall(434, os.getppid(), 0))",
        "1",
    )
    assert seen["output"] == "Operation not permitted\n" * 4 + "-1 -1\n"
    assert after["value"] == "1"


def test_a_process_may_still_signal_itself() -> None:
    [seen] = cells(
        "import signal, os\nsignal.signal(signal.SIGUSR1, lambda *_: print('got it'))\nos.kill(os.getpid(), 10)"
    )
    assert seen["output"] == "got it\n"


def test_a_daemon_ends_with_its_cell() -> None:
    cells(
        "import os, time\n"
        "if os.fork() == 0:\n    os.setsid()\n"
        "    if os.fork() == 0:\n        os.execvp('sleep', ['sleep', '97531'])\n    os._exit(0)\n"
        "time.sleep(0.2)",
        "1",
    )
    assert not any(b"97531" in path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline"))


def test_a_fork_bomb_is_stopped() -> None:
    bomb, after = cells("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", "1")
    assert "over 64 processes" in bomb["error"]
    assert after["value"] == "1"


def test_what_a_cell_leaves_in_tmp_is_gone_before_the_next() -> None:
    code = "import os\nos.makedirs('/tmp/left-13579/deep')\nopen('/tmp/left-13579.txt', 'w').write('x')"
    _, after = cells(code, "import os\nos.path.exists('/tmp/left-13579'), os.path.exists('/tmp/left-13579.txt')")
    assert after["value"] == "(False, False)"


def test_unsandboxed_by_choice_has_the_same_locks_on_its_process() -> None:
    [seen] = cells("import os, socket\nos.kill(os.getppid(), 0)", where="Open")
    assert "Operation not permitted" in seen["error"]
