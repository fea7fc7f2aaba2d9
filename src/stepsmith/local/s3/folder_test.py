"""Objects as files: people find them, people may put them, and nothing leads out of the folder."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stepsmith.local.s3 import listing
from stepsmith.local.s3.conditions import IfNone, Wish
from stepsmith.local.s3.faults import Fault
from stepsmith.local.s3.folder import Buckets
from stepsmith.local.s3.records import About, Object

BUCKET = "stepsmith-local"


@pytest.fixture
def buckets(tmp_path: Path) -> Buckets:
    made = Buckets(tmp_path / "s3")
    made.create(BUCKET)
    return made


def put(buckets: Buckets, key: str, data: bytes = b"data", wish: Wish = None) -> Object:
    written = buckets.temporary()
    written.write(data)
    return buckets.commit(written, BUCKET, key, About("e7a9", "text/plain", {"who": "me"}), wish)


def read(buckets: Buckets, key: str) -> bytes:
    with buckets.open(BUCKET, key)[1] as file:
        return file.read()


def test_an_object_is_the_file_of_its_name(buckets: Buckets, tmp_path: Path) -> None:
    put(buckets, "artifacts/sql/a b.csv")
    assert (tmp_path / "s3" / BUCKET / "artifacts/sql/a b.csv").read_bytes() == b"data"
    assert buckets.path(BUCKET, "artifacts/sql/a b.csv") == tmp_path / "s3" / BUCKET / "artifacts/sql/a b.csv"
    assert buckets.find(BUCKET, "artifacts/sql/a b.csv").about == About("e7a9", "text/plain", {"who": "me"})


def test_a_file_that_a_person_put_is_an_object(buckets: Buckets, tmp_path: Path) -> None:
    (tmp_path / "s3" / BUCKET / "mine.png").write_bytes(b"png")
    assert buckets.find(BUCKET, "mine.png").about.content_type == "image/png"
    assert buckets.keys(BUCKET) == ["mine.png"]


def test_an_edited_file_is_another_object(buckets: Buckets, tmp_path: Path) -> None:
    put(buckets, "a.txt")
    (tmp_path / "s3" / BUCKET / "a.txt").write_bytes(b"edited")
    assert buckets.find(BUCKET, "a.txt").about.etag != "e7a9"


def test_a_key_and_keys_below_it_live_side_by_side(buckets: Buckets) -> None:
    put(buckets, "a", b"first")
    put(buckets, "a/b", b"below")
    put(buckets, "a/b/c/d", b"deep")
    put(buckets, "a", b"again")
    assert [read(buckets, key) for key in ("a", "a/b", "a/b/c/d")] == [b"again", b"below", b"deep"]
    assert buckets.keys(BUCKET) == ["a", "a/b", "a/b/c/d"]
    assert buckets.find(BUCKET, "a").about.content_type == "text/plain"
    buckets.delete(BUCKET, "a")
    assert buckets.keys(BUCKET) == ["a/b", "a/b/c/d"]


def test_the_last_object_takes_its_folders_with_it(buckets: Buckets, tmp_path: Path) -> None:
    put(buckets, "a/b/c")
    buckets.delete(BUCKET, "a/b/c")
    buckets.delete(BUCKET, "a/b/c")
    assert list((tmp_path / "s3" / BUCKET).iterdir()) == []


def test_a_new_object_is_not_written_over_an_old_one(buckets: Buckets) -> None:
    put(buckets, "a", b"first", IfNone())
    with pytest.raises(Fault, match="pre-conditions") as refused:
        put(buckets, "a", b"second", IfNone())
    assert refused.value.code == "PreconditionFailed"
    assert read(buckets, "a") == b"first"
    assert list(buckets.uploads.iterdir()) == []


def test_who_reads_goes_on_reading_what_he_opened(buckets: Buckets) -> None:
    put(buckets, "a", b"old")
    _, file = buckets.open(BUCKET, "a")
    put(buckets, "a", b"newer")
    with file:
        assert file.read() == b"old"


def test_bytes_are_read_with_their_own_record_while_others_write(buckets: Buckets, tmp_path: Path) -> None:
    def write(own: Buckets) -> None:
        for number in range(150):
            written = own.temporary()
            written.write(b"%03d" % number)
            own.commit(written, BUCKET, "a", About(f"{number:03}"))

    put(buckets, "a", b"000")
    with ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(write, Buckets(tmp_path / "s3")) for _ in range(3)]
        seen = []
        while not all(writer.done() for writer in writers):
            found, file = buckets.open(BUCKET, "a")
            with file:
                seen.append((found.about.etag, file.read().decode()))
    assert [each for each in seen if each[0] != each[1] and each != ("e7a9", "000")] == []


def test_files_of_one_size_and_one_tick_are_told_apart(buckets: Buckets) -> None:
    def state() -> tuple[int, int]:
        stat = buckets.path(BUCKET, "a").stat()
        return stat.st_size, stat.st_mtime_ns

    states = set()
    for _ in range(3):
        written = buckets.temporary()
        os.utime(written.name, ns=(10**18, 10**18))
        buckets.commit(written, BUCKET, "a", About("e7a9"))
        states.add(state())
    assert len(states) == 3


def test_keys_are_listed_in_the_order_of_their_bytes_below_any_prefix(buckets: Buckets) -> None:
    keys = ["a-b", "a.b", "a/b", "a0", "b/é", "b/\U0001f600", "b//x", "x" * 300]
    for key in keys:
        put(buckets, key)
    assert buckets.keys(BUCKET) == sorted(keys, key=str.encode)
    for prefix in ("a", "a/", "b/", "b//", "x" * 250, "nothing/here", "/"):
        assert buckets.keys(BUCKET, prefix) == [key for key in buckets.keys(BUCKET) if key.startswith(prefix)]


def test_what_a_killed_process_left_half_written_is_swept_up(buckets: Buckets) -> None:
    left = Path(buckets.temporary().name)
    buckets.sweep(left.stat().st_mtime)
    assert left.exists()
    buckets.sweep(left.stat().st_mtime + 1)
    assert list(buckets.uploads.iterdir()) == []


def test_several_processes_use_one_folder_at_once(buckets: Buckets, tmp_path: Path) -> None:
    def work(name: str) -> None:
        own = Buckets(tmp_path / "s3")
        for _ in range(60):
            put(own, f"a/b/c/{name}")
            own.delete(BUCKET, f"a/b/c/{name}")
            own.sweep(0)
            own.keys(BUCKET, "a/")
            listing.objects_2(own, BUCKET, {})

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, ["x", "y", "z"]))
    assert buckets.keys(BUCKET) == []


def test_symbolic_links_are_not_followed(buckets: Buckets, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    base = tmp_path / "s3" / BUCKET
    (base / "file").symlink_to(tmp_path / "secret")
    (base / "folder").symlink_to(tmp_path)
    for key in ("file", "folder/secret"):
        for act in (buckets.open, buckets.find, buckets.delete):
            with pytest.raises(Fault) as refused:
                act(BUCKET, key)
            assert refused.value.code == "AccessDenied"
    for key in ("file", "folder/new", "folder/deep/new"):
        with pytest.raises(Fault):
            put(buckets, key)
    assert list(buckets.uploads.iterdir()) == []
    assert buckets.keys(BUCKET) == buckets.keys(BUCKET, "folder/") == []
    assert sorted(os.listdir(tmp_path)) == ["s3", "secret"]


@pytest.mark.parametrize("bucket", ["..", ".about", ".uploads", "a/b", "Upper", "ab", ""])
def test_no_other_folder_is_a_bucket(buckets: Buckets, bucket: str) -> None:
    with pytest.raises(Fault, match="bucket"):
        buckets.find(bucket, "key")
