"""Claims on locations, and on the store in memory."""

import pytest

from stepsmith.objects import Location, MemoryObjects

PREFIX = Location("b", "artifacts/sql/r1/")


@pytest.fixture
def objects():
    return MemoryObjects()


@pytest.mark.parametrize("key", ["artifacts/sql/r1/a.csv", "artifacts/sql/r1/x/ü b.png"])
def test_an_object_under_the_prefix_is_under_it(key):
    assert Location.parse(f"s3://b/{key}").is_under(PREFIX)


@pytest.mark.parametrize(
    "location",
    [
        Location("other", "artifacts/sql/r1/a"),
        Location("b", "artifacts/sql/r2/a"),
        Location("b", "artifacts/sql/r10/a"),
        Location("b", "artifacts/sql/r1/"),
        Location("b", "artifacts/sql/r1/../r2/a"),
    ],
)
def test_another_bucket_run_or_way_out_is_not_under_it(location):
    assert not location.is_under(PREFIX)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "s3://",
        "s3://b",
        "s3:///k",
        "http://b/k",
        "s3://b/../k",
        "s3://b/a//k",
        "s3://b/a/./k",
        "s3://b/a%2e",
        "s3://b/\n",
    ],
)
def test_what_is_no_plain_uri_is_refused(uri):
    with pytest.raises(ValueError, match="is not a plain s3://bucket/key"):
        Location.parse(uri)


def test_an_object_is_read_back_as_it_was_written(objects):
    objects.put(PREFIX / "a.bin", b"\0\xff", "application/octet-stream")
    assert objects.get(str(PREFIX / "a.bin")) == b"\0\xff"
    assert objects.size(PREFIX / "a.bin") == 2


def test_what_is_not_there_is_said_with_its_uri(objects):
    with pytest.raises(FileNotFoundError, match="s3://b/artifacts/sql/r1/none"):
        objects.get(PREFIX / "none")
    assert not objects.exists(PREFIX / "none")


def test_create_does_not_overwrite(objects):
    objects.put(PREFIX / "a", b"1", "text/plain", mode="create")
    with pytest.raises(FileExistsError):
        objects.put(PREFIX / "a", b"2", "text/plain", mode="create")
    assert objects.get(PREFIX / "a") == b"1"


def test_a_listing_has_sizes_and_stays_under_its_prefix(objects):
    objects.put(PREFIX / "b", b"12", "text/plain")
    objects.put(PREFIX / "a/c", b"1", "text/plain")
    objects.put("s3://b/artifacts/sql/r2/a", b"1", "text/plain")
    assert objects.list(PREFIX) == [(PREFIX / "a/c", 1), (PREFIX / "b", 2)]
