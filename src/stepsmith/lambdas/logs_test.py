"""Lines out of a pipe, whatever is written into it."""

import os
from collections.abc import Iterator

import pytest
import pytest_asyncio

from stepsmith.lambdas.logs import MAX_CALL_BYTES, MAX_LINE_BYTES, Printed

pytestmark = pytest.mark.asyncio


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest_asyncio.fixture
async def printed(lines: list[str]) -> Printed:
    return Printed(lines.append)


@pytest.fixture(autouse=True)
def closed(printed: Printed) -> Iterator[None]:
    yield
    os.close(printed.writer)


async def test_a_drained_pipe_has_told_every_line(printed: Printed, lines: list[str]) -> None:
    os.write(printed.writer, "one\ntwø\n\nunfinished".encode())
    printed.drain()
    assert lines == ["one", "twø", "", "unfinished"]
    assert printed.tail == "one\ntwø\n\nunfinished"
    printed.close()


async def test_a_call_begins_with_an_empty_tail(printed: Printed, lines: list[str]) -> None:
    os.write(printed.writer, b"first\n")
    printed.drain()
    printed.begin()
    os.write(printed.writer, b"second\n")
    printed.drain()
    assert (lines, printed.tail) == (["first", "second"], "second\n")
    printed.close()


async def test_a_line_without_end_is_cut(printed: Printed, lines: list[str]) -> None:
    for _ in range(8):
        os.write(printed.writer, b"x" * 50_000)
        printed.drain()
    assert max(map(len, lines)) <= MAX_LINE_BYTES
    assert len(printed.tail) == 4096
    printed.close()


async def test_more_than_the_bound_is_said_once_and_the_next_call_is_heard(printed: Printed, lines: list[str]) -> None:
    for _ in range(2 * MAX_CALL_BYTES // 50_000):
        os.write(printed.writer, b"x" * 49_999 + b"\n")
        printed.drain()
    assert sum(map(len, lines)) < MAX_CALL_BYTES + 100
    assert [line for line in lines if not line.startswith("x")] == [lines[-1]]
    printed.begin()
    os.write(printed.writer, b"heard\n")
    printed.drain()
    assert lines[-1] == "heard"
    printed.close()
