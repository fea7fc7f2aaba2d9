"""Charts: every figure of matplotlib that is open when a cell ends becomes a PNG file, named for its title.

A figure that the cell saved itself is not saved again: its file is in the working folder. To know that, the cell runs
on a backend of ours, Agg with a memory (``MPLBACKEND=module://cell.charts``: "module://my_backend" is matplotlib's
documented way to name one). As in a notebook, `plt.show()` shows nothing by itself.
"""

from __future__ import annotations

import io
import re
import sys
import unicodedata
import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOTS_PER_INCH = 150
MAX_NAME = 60


def chart_name(title: str) -> str:
    """A title as a file name: ``Wins per million`` is ``wins_per_million``.

    >>> chart_name("Wins / million $ (2000-2016)")
    'wins_million_2000_2016'
    """
    plain = unicodedata.normalize("NFKC", title).lower()
    return re.sub(r"[\W_]+", "_", plain)[:MAX_NAME].strip("_") or "chart"


def unique_names(titles: list[str]) -> list[str]:
    """One file name for each title; the second of a name gets ``_2``."""
    names: list[str] = []
    for title in titles:
        name = chart_name(title)
        again = sum(1 for other in titles[: len(names)] if chart_name(other) == name)
        names.append(f"{name}_{again + 1}.png" if again else f"{name}.png")
    return names


def title_of(figure: Figure) -> str:
    """The figure's own title, else those of its axes, else what its axes are labelled."""
    axes = figure.get_axes()
    own = figure.get_suptitle()
    titles = [axis.get_title(loc=side) for axis in axes for side in ("center", "left", "right")]
    labels = [" by ".join(filter(None, [axis.get_ylabel(), axis.get_xlabel()])) for axis in axes]
    return next((text.strip() for text in [own, *titles, *labels] if text.strip()), "chart")


def open_figures() -> list[Figure]:
    """Those that have something drawn and were not saved by the cell; matplotlib is not imported for the question."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return []
    figures = [pyplot.figure(number) for number in pyplot.get_fignums()]
    return [figure for figure in figures if figure.get_axes() and figure not in _saved]


def take(limit: int) -> list[tuple[str, str, bytes]]:
    """File name, title and PNG of each open figure, at most `limit` of them."""
    figures = open_figures()[:limit]
    titles = [title_of(figure) for figure in figures]
    named = zip(unique_names(titles), titles, figures, strict=True)
    return [(name, title, _png(figure)) for name, title, figure in named]


def _png(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=DOTS_PER_INCH, bbox_inches="tight")
    return file.getvalue()


_saved: weakref.WeakSet[Any] = weakref.WeakSet()


def __getattr__(name: str) -> Any:
    """`FigureCanvas` and `FigureManager`: made when matplotlib asks, since this module is imported without it."""
    if name not in ("FigureCanvas", "FigureManager"):
        raise AttributeError(name)
    canvas, manager = _backend()
    globals().update(FigureCanvas=canvas, FigureManager=manager)
    return globals()[name]


def _backend() -> tuple[type, type]:
    from matplotlib.backend_bases import FigureManagerBase
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    class Manager(FigureManagerBase):
        def show(self) -> None:
            """Figures are shown when the cell ends."""

    class Canvas(FigureCanvasAgg):
        manager_class = Manager

        def print_figure(self, filename: Any, *arguments: Any, **options: Any) -> Any:
            if not hasattr(filename, "write"):
                _saved.add(self.figure)
            return super().print_figure(filename, *arguments, **options)

    return Canvas, Manager
