import pytest
from hypothesis import given
from hypothesis import strategies as some

from .frames import BrokenFrame, Frame, pack, unpack


@given(some.dictionaries(some.text(), some.binary(), max_size=5), some.dictionaries(some.text(), some.integers()))
def test_a_frame_comes_out_as_it_went_in(blobs: dict[str, bytes], header: dict[str, int]) -> None:
    assert unpack(pack(Frame(header, blobs))) == Frame(header, blobs)


@given(some.binary())
def test_no_bytes_raise_anything_but_broken_frame(data: bytes) -> None:
    with pytest.raises(BrokenFrame):
        unpack(data)


@pytest.mark.parametrize(
    "header",
    [
        b'{"header": {}, "blobs": [["a", -1]]}',
        b'{"header": {}, "blobs": [["a", Infinity]]}',
        b'{"header": {}, "blobs": [["a", 1]]}',
        b'{"header": {}, "blobs": 7}',
        b'{"header": [], "blobs": []}',
        b'{"header": {}}',
        b"[" * 100_000,
    ],
)
def test_a_header_that_lies_is_a_broken_frame(header: bytes) -> None:
    with pytest.raises(BrokenFrame):
        unpack(b"%08x" % len(header) + header)


def test_a_frame_that_is_cut_off_is_broken() -> None:
    with pytest.raises(BrokenFrame):
        unpack(pack(Frame({}, {"a": b"12345"}))[:-1])
