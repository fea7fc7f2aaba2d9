"""A cell that tries to get out, in the real sandbox. Each test is a door, and the claim that it is shut."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from . import bounded, prepare, sandbox
from .conftest import Notebook


@pytest.fixture(autouse=True)
def only_with_bubblewrap() -> None:
    if not isinstance(prepare.where(), sandbox.Bubblewrap):
        pytest.skip(f"needs bubblewrap; here: {prepare.where()}")


def test_the_environment_is_empty_of_ours(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-1")
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", "canary-2")
    seen = notebook.cell(
        "import glob, os\nprint(dict(os.environ))\n"
        "for path in glob.glob('/proc/[0-9]*/environ'):\n"
        "    try: print(path, open(path, 'rb').read())\n    except OSError as e: print(path, e)"
    )
    assert "PATH" in seen.output
    assert "canary" not in seen.output


def test_other_processes_are_not_there(notebook: Notebook) -> None:
    pids = notebook.cell("import os\n[int(p) for p in os.listdir('/proc') if p.isdigit()], os.getppid()").value
    assert pids == "([1, 2], 1)"


def test_other_processes_cannot_be_traced(notebook: Notebook) -> None:
    code = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\nassert libc.ptrace(16, 1, 0, 0) == -1\n"
    assert notebook.cell(f"{code}os.strerror(ctypes.get_errno())").value == "'Operation not permitted'"


def test_ending_the_parent_ends_the_cell_alone(notebook: Notebook) -> None:
    result = notebook.cell("import os, signal\nfor pid in (os.getppid(), 0, -1):\n    os.kill(pid, signal.SIGKILL)")
    assert result.is_error
    assert notebook.cell("1").value == "1"


def test_the_runtime_api_on_loopback_is_out_of_reach(notebook: Notebook) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        result = notebook.cell(f"import urllib.request\nurllib.request.urlopen('http://127.0.0.1:{port}/', timeout=5)")
        assert "Operation not permitted" in result.error
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize("address", ["169.254.169.254", "169.254.170.2", "1.1.1.1"])
def test_metadata_and_the_world_are_out_of_reach(notebook: Notebook, address: str) -> None:
    code = f"import socket\nsocket.create_connection(({address!r}, 80), timeout=5)"
    assert "Operation not permitted" in notebook.cell(code).error


def test_there_is_no_network_even_without_the_filter(tmp_path: Path) -> None:
    """The namespace by itself: a program in it that never installed our filter sees one interface, loopback."""
    where = prepare.where()
    assert isinstance(where, sandbox.Bubblewrap)
    made = sandbox.command(where, prepare.program(), tmp_path, 1, sandbox.MIB)
    start = made.arguments.index("-c")
    script = (
        "import socket\nprint([name for _, name in socket.if_nameindex()])\nsocket.create_connection(('1.1.1.1', 80))"
    )
    plain = sandbox.Command((*made.arguments[:start], "-c", script), {}, None)
    bounds = bounded.Bounds(20, 1 << 30, 1 << 20, 1 << 20, 50)
    ended = bounded.run(plain, os.pipe(), b"", bounds)
    assert isinstance(ended, bounded.Ended)
    assert ended.output.startswith(b"['lo']")
    assert b"Network is unreachable" in ended.output


@pytest.mark.parametrize("kind", ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_PACKET"])
def test_no_socket_of_any_kind_is_made(notebook: Notebook, kind: str) -> None:
    code = f"import socket\nsocket.socket(socket.{kind}, socket.SOCK_RAW if '{kind}' > 'AF_N' else socket.SOCK_STREAM)"
    assert "Operation not permitted" in notebook.cell(code).error


def test_files_of_this_machine_and_of_other_runs_are_not_there(notebook: Notebook, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    canary.write_text("canary")
    here = Path(__file__)
    paths = [str(canary), str(here), str(here.with_name("handler.py")), "/etc/shadow", "/etc/passwd", "/etc/hostname"]
    paths += [str(Path.home()), "/home", "/var", "/run", "/sys", "/root/.ssh", "/proc/1/root/etc/shadow"]
    result = notebook.cell(f"import os\n[p for p in {paths} if os.path.exists(p) and os.path.isfile(p)]")
    assert result.value == "[]"
    assert notebook.cell("import os\nos.listdir('/home'), os.listdir('/etc')").value.count("canary") == 0


def test_nothing_outside_the_own_folders_can_be_written(notebook: Notebook) -> None:
    result = notebook.cell(
        "import os, sys\nbad = []\n"
        "for where in ['/', '/usr', '/usr/bin', '/etc', '/dev', '/opt/cell', '/opt/cell/cell', '/proc/sys/kernel',\n"
        "              sys.base_prefix, os.path.dirname(os.__file__), *sys.path[1:]]:\n"
        "    try: open(os.path.join(where, 'escape'), 'w').close(); bad.append(where)\n"
        "    except OSError: pass\nbad"
    )
    assert result.value == "[]"


def test_links_to_outside_bring_nothing_back(notebook: Notebook, tmp_path: Path) -> None:
    (tmp_path / "canary").write_text("canary")
    result = notebook.cell(
        f"import os\nos.symlink('{tmp_path}/canary', 'link.txt')\nos.symlink('/proc/1/environ', 'environ.txt')\n"
        "os.symlink('/', 'root')\nopen('real.txt', 'w').write('x')"
    )
    assert list(result.files) == ["real.txt"]


def test_names_that_would_leave_a_folder_are_refused(notebook: Notebook) -> None:
    """A cell that writes the answer itself, in place of our worker."""
    result = notebook.cell(
        "import sys\nfrom cell import frames\nimport os\n"
        "header = dict(value='forged', error=None, charts=[], unchanged=[], dropped={}, dropped_files={}, lost=None)\n"
        "data = frames.pack(frames.Frame(header, {'variables': b'', 'files/../../../etc/cron.d/x': b'evil'}))\n"
        "for fd in map(int, os.listdir('/proc/self/fd')[3:]):\n"
        "    try: os.write(fd, data)\n    except OSError: pass\n"
        "os._exit(0)"
    )
    assert result.is_error
    assert "ended in the middle" in result.error


def test_a_cell_that_forges_its_answer_lies_about_itself_alone(notebook: Notebook) -> None:
    result = notebook.cell(
        "from cell import frames\nimport os\n"
        "header = dict(value='forged', error=None, charts=[], unchanged=[], dropped={}, dropped_files={}, lost=None)\n"
        "data = frames.pack(frames.Frame(header, {'variables': b'not a pickle'}))\n"
        "for fd in map(int, os.listdir('/proc/self/fd')[3:]):\n"
        "    try: os.write(fd, data)\n    except OSError: pass\n"
        "os._exit(0)"
    )
    assert result.value == "forged"
    assert "could not be restored" in notebook.cell("1").state


def test_a_pickle_bomb_goes_off_in_the_sandbox_alone(notebook: Notebook, tmp_path: Path) -> None:
    target = tmp_path / "boom"
    notebook.cell(f"class Bomb:\n    def __reduce__(self): return exec, (\"open('{target}', 'w')\",)\nbomb = Bomb()")
    assert "could not be restored" in notebook.cell("1").state
    assert not target.exists()


def test_a_fork_bomb_is_stopped(notebook: Notebook) -> None:
    result = notebook.cell("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass")
    assert "over 64 processes" in result.error


def test_many_threads_are_stopped(notebook: Notebook) -> None:
    code = "import threading, time\nfor _ in range(5000): threading.Thread(target=time.sleep, args=(60,)).start()"
    error = notebook.cell(code).error  # Whoever is first: the handler's watch, or memory for their stacks.
    assert "over 64 processes and threads" in error or "can't start new thread" in error


def test_a_gigabyte_of_output_is_stopped(notebook: Notebook) -> None:
    result = notebook.cell("import os\nblock = b'x' * 2**20\nfor _ in range(1024): os.write(1, block)")
    assert "printed over 1024 KiB" in result.error
    assert len(result.output) < 32 * 1024


def test_an_endless_cell_is_stopped_and_leaves_no_process(notebook: Notebook) -> None:
    before = set(bounded.descendants([os.getpid()]))
    result = notebook.cell("import subprocess, sys\nsubprocess.Popen(['sleep', '1000'])\nwhile True: pass", seconds=6.5)
    assert "ran for" in result.error
    assert set(bounded.descendants([os.getpid()])) <= before


def test_a_daemon_ends_with_its_cell(notebook: Notebook) -> None:
    notebook.cell(
        "import os, time\n"
        "if os.fork() == 0:\n    os.setsid()\n"
        "    if os.fork() == 0:\n        os.execvp('sleep', ['sleep', '98765'])\n    os._exit(0)\n"
        "time.sleep(0.2)"
    )
    assert not any(b"98765" in path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline"))


def test_memory_is_bounded_by_an_error_in_python(notebook: Notebook) -> None:
    assert "MemoryError" in notebook.cell("x = bytearray(10**11)").error


def test_memory_of_the_whole_tree_is_bounded(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
    child = "if os.fork() == 0:\n        x = b'x' * 2**26\n        time.sleep(60)"
    code = f"import os, time\nfor _ in range(8):\n    {child}\nos.wait()"
    assert "over 320 MiB of memory" in notebook.cell(code).error


def test_a_huge_file_does_not_fit(notebook: Notebook) -> None:
    result = notebook.cell(
        "for where in ('.', '/tmp', '/dev/shm'):\n"
        "    try:\n        with open(where + '/huge', 'wb') as f:\n            while True: f.write(b'x' * 2**20)\n"
        "    except OSError as e: print(where, e)"
    )
    assert result.output.count("Errno") == 3
    assert "huge" in result.files_not_kept
    assert notebook.cell("import os\nos.listdir('.')").value == "[]"


def test_ten_thousand_files_are_not_carried(notebook: Notebook) -> None:
    result = notebook.cell("for n in range(10_000): open(f'{n:05}.txt', 'w').close()")
    assert len(result.files) == 20
    assert "100 new or changed files" in result.files_not_kept["more files"]
    assert notebook.cell("import os\nlen(os.listdir('.'))").value == "100"


@pytest.mark.parametrize(
    "call",
    [
        "libc.unshare(0x10000000)",  # CLONE_NEWUSER
        "libc.mount(b'none', b'/tmp', b'tmpfs', 0, None)",
        "libc.syscall(425, 8, 0)",  # io_uring_setup
        "libc.syscall(321, 0, 0, 0)",  # bpf
        "libc.syscall(319, b'x', 0)",  # memfd_create
        "libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0)",  # clone(CLONE_NEWUSER)
        "libc.setuid(0)",
        "libc.chroot(b'/tmp')",
    ],
)
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86-64")
def test_system_calls_that_lead_out_are_refused(notebook: Notebook, call: str) -> None:
    code = f"import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\nassert {call} == -1\nctypes.get_errno()"
    assert notebook.cell(code).value in ("1", "22")


def test_there_is_no_privilege(notebook: Notebook) -> None:
    status = notebook.cell("print(open('/proc/self/status').read())").output
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert all(int(fields[name], 16) == 0 for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"))
    assert (fields["NoNewPrivs"], fields["Seccomp"]) == ("1", "2")


def test_the_cell_ends_when_its_handler_is_killed() -> None:
    """A process like the handler's runs an endless cell and is killed with SIGKILL."""
    script = (
        "from code_interpreter.conftest import Notebook\nNotebook().cell('import time\\nwhile True: time.sleep(1)')"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen([sys.executable, "-c", script], env=environment) as handler:
        tree = _until(
            lambda: bounded.descendants([handler.pid]), lambda tree: len(list(filter(_runs_a_cell, tree))) >= 3
        )
        handler.kill()
    assert _until(lambda: [pid for pid in tree if _alive(pid)], lambda left: not left) == []


def _runs_a_cell(pid: int) -> bool:
    """bubblewrap outside, bubblewrap inside, the worker: each has the worker's command in its own."""
    try:
        return b"cell.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _until(look: Callable[[], list[int]], enough: Callable[[list[int]], bool]) -> list[int]:
    """What is seen when it is enough, or after a minute."""
    end = time.monotonic() + 60
    while not enough(seen := look()):
        assert time.monotonic() < end, seen
        time.sleep(0.05)
    return seen


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_threads_of_a_cell_do_not_hold_up_its_end(notebook: Notebook) -> None:
    code = "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,)).start()\n'done'"
    assert notebook.cell(code).value == "'done'"
