"""A Map Run whose process is killed, again and again, at any turn of its loop: every item is read once and run once."""

import subprocess
import sys
from pathlib import Path

CHILDREN, ITEMS = 40, 12
TURNS = (2, 4, 5, 6, 8)
"""After how many turns of the event loop each process is killed: while it reads, and among the children."""

PROCESS = """
import asyncio, os, signal, sys
from pathlib import Path
from stepsmith.local import Runtime
from stepsmith.local.conftest import chain
from stepsmith.local.maps.conftest import BUCKET, M, distributed, put, reader, writer

async def main(data, turns):
    async with Runtime(data, is_resident=True) as runtime:
        if not runtime.list():
            put(runtime.objects, "rows.csv", b"n\\n" + b"".join(b"%d\\n" % n for n in range({items})))
            read = reader("rows.csv", "CSV", CSVHeaderLocation="FIRST_ROW")
            batch, out = {{"MaxItemsPerBatch": {batch}}}, writer(Transformation="FLATTEN")
            double = {{"Type": "Pass", "Output": "{{% $states.input.Items.n %}}"}}
            one = distributed(double, MaxConcurrency=3, ItemReader=read, ItemBatcher=batch, ResultWriter=out)
            runtime.start(M, chain(one), {{}}, "r")
        if turns:
            for _ in range(turns):
                await asyncio.sleep(0)
            os.kill(os.getpid(), signal.SIGKILL)
        while runtime.ending("r") is None:
            await asyncio.sleep(0.01)
        written = runtime.ending("r").result["ResultWriterDetails"]
        _, file = runtime.objects.open(written["Bucket"], written["Key"].replace("manifest", "SUCCEEDED_0"))
        children = [row.source.child for row in runtime.list(1000) if row.source.map_run]
        print(file.read().decode(), sorted(children), sep="\\n")

asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
"""


def ran(data: Path, turns: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROCESS.format(items=CHILDREN * ITEMS, batch=ITEMS), str(data), str(turns)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_map_run_survives_its_process_however_often_that_dies(tmp_path: Path) -> None:
    for turns in TURNS:
        killed = ran(tmp_path, turns)
        assert killed.returncode == -9, killed.stderr
    whole = ran(tmp_path, 0)
    assert whole.returncode == 0, whole.stderr
    results, children = whole.stdout.splitlines()
    assert results == "[" + ",".join(f'"{n}"' for n in range(CHILDREN * ITEMS)) + "]"
    assert children == str(list(range(CHILDREN)))
