"""Several processes over one data folder, and the death of one: what was answered is there, once."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stepsmith.local.moto import Fault, Moto
from stepsmith.local.moto.conftest import KEY

pytestmark = pytest.mark.asyncio

ADDS = """
import asyncio, pathlib, sys
from stepsmith.local.moto import Moto

async def main():
    moto = Moto(pathlib.Path(sys.argv[1]))
    for n in range(int(sys.argv[2])):
        add = {"UpdateExpression": "ADD n :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
        await moto.ask("dynamodb", "UpdateItem", {"TableName": "t", "Key": {"k": {"S": "sum"}}, **add})
        await moto.ask("secretsmanager", "CreateSecret", {"Name": f"{sys.argv[3]}-{n}", "SecretString": str(n)})
        print(n, flush=True)

asyncio.run(main())
"""


def adding(data: Path, times: int, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", ADDS, str(data), str(times), name], stdout=subprocess.PIPE, text=True
    )


async def total(moto: Moto) -> int:
    answer = await moto.ask("dynamodb", "GetItem", {"TableName": "t", "Key": {"k": {"S": "sum"}}})
    return int(answer["Item"]["n"]["N"])


async def test_two_processes_take_turns_and_lose_no_write(tmp_path: Path) -> None:
    moto = Moto(tmp_path)
    await moto.ask("dynamodb", "CreateTable", {"TableName": "t", **KEY})
    both = [adding(tmp_path, 8, name) for name in ("a", "b")]
    assert [process.wait() for process in both] == [0, 0]
    assert await total(moto) == 16
    listed = await moto.ask("secretsmanager", "ListSecrets", {"MaxResults": 100})
    assert len(listed["SecretList"]) == 16
    await moto.close()


async def test_what_was_answered_before_a_kill_is_there(tmp_path: Path) -> None:
    moto = Moto(tmp_path)
    await moto.ask("dynamodb", "CreateTable", {"TableName": "t", **KEY})
    await moto.close()
    process = adding(tmp_path, 1000, "a")
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == "5":
            break
    process.send_signal(signal.SIGKILL)
    answered = 6 + len(process.stdout.read().splitlines())
    process.wait()
    after = Moto(tmp_path)
    assert await total(after) in (answered, answered + 1)
    value = await after.ask("secretsmanager", "GetSecretValue", {"SecretId": f"a-{answered - 1}"})
    assert value["SecretString"] == str(answered - 1)
    await after.close()


async def test_a_request_that_cannot_be_recorded_has_not_happened(tmp_path: Path) -> None:
    moto = Moto(tmp_path)
    await moto.ask("ssm", "PutParameter", {"Name": "/a", "Value": "1", "Type": "String"})
    (tmp_path / "full.py").write_text(FULL)
    ran = subprocess.run([sys.executable, tmp_path / "full.py", tmp_path], capture_output=True, text=True, check=False)  # noqa: ASYNC221
    assert ran.stdout.split("\n")[:2] == ["503 ServiceUnavailable", "1"], ran.stderr
    await moto.close()


FULL = """
import asyncio, pathlib, sys, resource, signal
from stepsmith.local.moto import Fault, Moto
from stepsmith.local.moto.conftest import KEY

async def main():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    moto = Moto(pathlib.Path(sys.argv[1]))
    await moto.ask("ssm", "GetParameter", {"Name": "/a"})
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))  # no file may grow
    try:
        await moto.ask("ssm", "PutParameter", {"Name": "/a", "Value": "2", "Type": "String", "Overwrite": True})
    except Fault as fault:
        print(fault.status, fault.code, flush=True)
    found = await moto.ask("ssm", "GetParameter", {"Name": "/a"})
    print(found["Parameter"]["Value"], flush=True)

asyncio.run(main())
"""


async def test_seeds_are_made_once_and_before_the_first_request(tmp_path: Path) -> None:
    seeds = {"dynamodb": [("CreateTable", {"TableName": "t", **KEY})]}
    for _ in range(2):
        moto = Moto(tmp_path, seeds=seeds)
        assert (await moto.ask("dynamodb", "ListTables", {}))["TableNames"] == ["t"]
        await moto.close()
    moto = Moto(tmp_path, seeds=seeds)
    await moto.ask("dynamodb", "DeleteTable", {"TableName": "t"})
    await moto.close()
    again = Moto(tmp_path, seeds=seeds)
    with pytest.raises(Fault, match="Requested resource not found"):
        await again.ask("dynamodb", "DescribeTable", {"TableName": "t"})
    await again.close()
