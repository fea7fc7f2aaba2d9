import sys

import matplotlib
import pytest

from . import charts

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def plt(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]  # A module.
    monkeypatch.setattr(matplotlib, "rcParams", matplotlib.rcParams.copy())
    import matplotlib.pyplot as plt

    plt.switch_backend(f"module://{charts.__name__}")
    yield plt
    plt.close("all")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Wins per million", "wins_per_million"),
        ("  Größe (in m²): 2000-2016! ", "größe_in_m2_2000_2016"),
        ("../../etc/passwd", "etc_passwd"),
        ("$$$", "chart"),
        ("x" * 200, "x" * 60),
    ],
)
def test_a_title_becomes_a_file_name(title: str, name: str) -> None:
    assert charts.chart_name(title) == name


def test_two_charts_of_one_title_have_two_names() -> None:
    assert charts.unique_names(["Wins", "wins!", "Pay"]) == ["wins.png", "wins_2.png", "pay.png"]


def test_an_open_figure_is_taken_under_its_title(plt) -> None:  # type: ignore[no-untyped-def]
    plt.bar(["a"], [1])
    plt.title("Wins per million")
    [(name, title, png)] = charts.take(10)
    assert (name, title, png[:8]) == ("wins_per_million.png", "Wins per million", PNG)


def test_a_chart_without_title_is_named_for_its_axes(plt) -> None:  # type: ignore[no-untyped-def]
    plt.plot([1, 2])
    plt.xlabel("year")
    plt.ylabel("wins")
    assert charts.take(10)[0][0] == "wins_by_year.png"


def test_the_title_of_the_whole_figure_comes_first(plt) -> None:  # type: ignore[no-untyped-def]
    _, axes = plt.subplots(1, 2)
    axes[0].set_title("left")
    plt.suptitle("Both")
    assert charts.title_of(plt.gcf()) == "Both"


def test_a_figure_that_the_cell_saved_is_not_taken_again(plt, tmp_path) -> None:  # type: ignore[no-untyped-def]
    plt.plot([1])
    plt.savefig(tmp_path / "own.svg")
    plt.show()
    assert charts.take(10) == []


def test_a_figure_with_nothing_drawn_is_not_taken(plt) -> None:  # type: ignore[no-untyped-def]
    plt.figure()
    assert charts.take(10) == []


def test_at_most_so_many_are_taken(plt) -> None:  # type: ignore[no-untyped-def]
    for _ in range(3):
        plt.figure()
        plt.plot([1])
    assert len(charts.take(2)) == 2


def test_matplotlib_is_not_imported_for_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot", raising=False)
    assert charts.take(10) == []
    assert "matplotlib.pyplot" not in sys.modules
