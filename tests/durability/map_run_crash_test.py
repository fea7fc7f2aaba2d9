"""A Map Run whose process is killed, again and again, at any turn of its loop: every item is read once and run once.

The process that dies is this very file as a program: DATA, and after how many turns (0: it ends by itself).
"""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from stepsmith.local import Runtime
from stepsmith.local.conftest import chain
from stepsmith.local.maps.conftest import M, children, distributed, put, reader, writer, written

CHILDREN, ITEMS = 40, 12
TURNS = (2, 4, 6)
"""After how many turns of the event loop each process is killed: while it reads, and among the children."""


def test_a_map_run_survives_its_process_however_often_that_dies(tmp_path: Path) -> None:
    for turns in TURNS:
        killed = ran(tmp_path, turns)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
    whole = ran(tmp_path, 0)
    assert whole.returncode == 0, whole.stderr
    results, numbers = whole.stdout.splitlines()
    assert results == str([str(n) for n in range(CHILDREN * ITEMS)])
    assert numbers == str(list(range(CHILDREN)))


def ran(data: Path, turns: int) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, __file__, str(data), str(turns)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)


async def main(data: Path, turns: int) -> None:
    async with Runtime(data, is_resident=True) as runtime:
        if not runtime.list():
            put(runtime.objects, "rows.csv", b"n\n" + b"".join(b"%d\n" % n for n in range(CHILDREN * ITEMS)))
            runtime.start(M, chain(machine()), {}, "r")
        if turns:
            for _ in range(turns):
                await asyncio.sleep(0)
            os.kill(os.getpid(), signal.SIGKILL)
        while (ending := runtime.ending("r")) is None:
            await asyncio.sleep(0.01)
        key = ending.result["ResultWriterDetails"]["Key"]
        print(written(runtime, key.replace("manifest", "SUCCEEDED_0")))
        print(sorted(row.source.child or 0 for row in children(runtime)))


def machine() -> dict[str, Any]:
    """A child's output are the numbers of its batch."""
    work = {"Type": "Pass", "Output": "{% $states.input.Items.n %}"}
    read = reader("rows.csv", "CSV", CSVHeaderLocation="FIRST_ROW")
    fields: dict[str, Any] = {"ItemReader": read, "ItemBatcher": {"MaxItemsPerBatch": ITEMS}, "MaxConcurrency": 3}
    return distributed(work, ResultWriter=writer(Transformation="FLATTEN"), **fields)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
