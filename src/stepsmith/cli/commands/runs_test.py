"""Long names of runs leave room for the rest of the table, and still find their run."""

from .runs import beginnings

UUID = "40877ac8-f8f5-4373-8c67-55dd39bc893c"


def test_a_long_name_is_cut_where_it_is_alone() -> None:
    assert beginnings([UUID, "order-1"]) == {UUID: UUID[:20], "order-1": "order-1"}


def test_names_that_begin_alike_are_cut_where_they_differ() -> None:
    names = ["invoices-of-november-2026-001", "invoices-of-november-2026-002", "invoices-of-november-2026-0021"]
    assert list(beginnings(names).values()) == names


def test_no_names_are_no_beginnings() -> None:
    assert beginnings([]) == {}
