import pytest

from .state import Before, Cell, before, cell_key, choose_inputs, effects_with, last_number


def cell(number: int, *effects: str) -> Cell:
    return Cell(number, effects, None, {}, {}, is_error=False)


def test_the_first_cell_starts_from_nothing() -> None:
    assert before(None) == Before(0, (), None, {})


def test_the_last_cell_is_the_one_with_the_highest_number() -> None:
    keys = [cell_key(9), cell_key(10), "execute_python/blobs/abc", "rows-1a2b3c4d.csv", "execute_python/cells/x.json"]
    assert last_number(keys) == 10
    assert last_number([]) == 0


@pytest.mark.parametrize(("effect", "number"), [("a", 5), ("b", 6), ("c", 7), ("d", None)])
def test_a_call_is_found_by_its_effect(effect: str, number: int | None) -> None:
    assert cell(7, "a", "b", "c").number_of(effect) == number


def test_the_remembered_effects_are_bounded() -> None:
    start = Before(100, tuple(map(str, range(64))))
    effects = effects_with(start, "new")
    assert (len(effects), effects[-1], effects[0]) == (64, "new", "1")
    assert cell(101, *effects).number_of("new") == 101


def test_a_cell_is_read_as_it_was_written() -> None:
    written = Cell(1, ("a",), "f00", {"a.csv": "b00"}, {"output": "x", "charts": ["a.png"]}, is_error=True)
    assert Cell.from_json(written.to_json()) == written


def test_files_that_the_code_names_come_first() -> None:
    sizes = {"a-00000001.csv": 10, "b-00000002.csv": 90, "c-00000003.csv": 20}
    chosen = choose_inputs(sizes, (), "read('b-00000002.csv')", 10, 100)
    assert chosen.names == ("b-00000002.csv", "a-00000001.csv")
    assert chosen.too_large == ()


def test_a_named_file_that_is_too_large_is_said() -> None:
    assert choose_inputs({"big.csv": 101}, (), "big.csv", 10, 100).too_large == ("big.csv",)


def test_pictures_come_only_when_named() -> None:
    sizes = {"chart-1a2b3c4d.png": 5}
    assert choose_inputs(sizes, (), "x", 10, 100).names == ()
    assert choose_inputs(sizes, (), "open('chart-1a2b3c4d.png')", 10, 100).names == ("chart-1a2b3c4d.png",)


def test_copies_of_the_cells_own_files_do_not_come_back() -> None:
    assert choose_inputs({"out-1a2b3c4d.csv": 5, "rows-1a2b3c4d.csv": 5}, ["out.csv"], "", 10, 100).names == (
        "rows-1a2b3c4d.csv",
    )


def test_there_are_at_most_so_many() -> None:
    assert len(choose_inputs({f"{n}.csv": 1 for n in range(20)}, (), "", 3, 100).names) == 3
