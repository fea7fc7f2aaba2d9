"""The client of the kits, `stepsmith.objects`, against this server: what one says the other understands."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from stepsmith.local import Role
from stepsmith.local.roles import OWNER
from stepsmith.local.s3 import ObjectServer
from stepsmith.local.s3.conftest import BUCKET, MB, ask
from stepsmith.objects import Location, ObjectsUnavailable, S3Objects

pytestmark = pytest.mark.asyncio
R = Location(BUCKET, "artifacts/r/")


@pytest.fixture
def objects(session: dict[str, str]) -> S3Objects:
    return S3Objects(session)


@pytest.mark.parametrize("key", ["a.txt", "a b+c&d=e.txt", "ünï/😀", "~tilde!'()*,;:@$", "x" * 200])
async def test_an_object_goes_round(objects: S3Objects, folder: Path, key: str) -> None:
    await ask(objects.put, uri=R / key, data=b"\0\xff", media_type="image/png")
    assert await ask(objects.get, uri=str(R / key)) == b"\0\xff" == (folder / BUCKET / "artifacts/r" / key).read_bytes()
    assert await ask(objects.size, uri=R / key) == 2
    assert await ask(objects.list, prefix=R) == [(R / key, 2)]


async def test_its_media_type_is_kept(objects: S3Objects, s3: Any) -> None:
    await ask(objects.put, uri=R / "a.csv", data=b"", media_type="text/csv")
    head = await ask(s3.head_object, Bucket=BUCKET, Key="artifacts/r/a.csv")
    assert (head["ContentType"], head["ContentLength"]) == ("text/csv", 0)


async def test_what_is_not_there_is_a_missing_file_for_who_may_list(objects: S3Objects, server: ObjectServer) -> None:
    with pytest.raises(PermissionError, match="AccessDenied"):
        await ask(objects.get, uri=R / "none")
    objects = S3Objects(server.session(OWNER))
    assert not await ask(objects.exists, uri=R / "none")
    with pytest.raises(FileNotFoundError, match=f"There is no object '{R}none'"):
        await ask(objects.get, uri=R / "none")


async def test_of_many_that_create_one_wins(objects: S3Objects) -> None:
    def create(number: int) -> Any:
        return ask(objects.put, uri=R / "once", data=str(number).encode(), media_type="text/plain", mode="create")

    answers = await asyncio.gather(*map(create, range(8)), return_exceptions=True)
    assert sum(isinstance(each, FileExistsError) for each in answers) == 7
    assert await ask(objects.get, uri=R / "once") == str(answers.index(None)).encode()


async def test_a_listing_of_more_than_a_page_is_whole(objects: S3Objects, folder: Path) -> None:
    there = folder / BUCKET / "artifacts/r"
    there.mkdir(parents=True)
    for number in range(1_050):
        (there / f"{number:04}").write_bytes(b"x" * (number % 3))
    listed = await ask(objects.list, prefix=R)
    assert listed == [(R / f"{number:04}", number % 3) for number in range(1_050)]


async def test_a_role_is_refused_also_when_much_is_sent(server: ObjectServer) -> None:
    objects = S3Objects(server.session(Role((f"{BUCKET}/artifacts/r/",))))
    await ask(objects.put, uri=R / "mine", data=b"x" * 10 * MB, media_type="text/plain")
    for size in (1, 10 * MB):
        with pytest.raises(PermissionError, match=f"may not reach 's3://{BUCKET}/transcripts/r/a'"):
            await ask(objects.put, uri=f"s3://{BUCKET}/transcripts/r/a", data=b"x" * size, media_type="text/plain")
    assert await ask(objects.size, uri=R / "mine") == 10 * MB


async def test_a_wrong_secret_is_told_by_its_code(session: dict[str, str]) -> None:
    with pytest.raises(PermissionError, match="SignatureDoesNotMatch"):
        await ask(S3Objects({**session, "AWS_SECRET_ACCESS_KEY": "other"}).get, uri=R / "a")


async def test_a_server_that_is_gone_is_unavailable(session: dict[str, str], server: ObjectServer) -> None:
    objects = S3Objects(session, sleep=lambda seconds: None)
    await ask(objects.put, uri=R / "a", data=b"1", media_type="text/plain")
    await server.__aexit__(None, None, None)
    with pytest.raises(ObjectsUnavailable, match="ConnectionRefusedError"):
        await ask(objects.get, uri=R / "a")
