"""The picture of a confusion matrix: all of up to 100 labels, of more those with most errors."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqkit.errors import DataError
from seqkit.train.plots.canvas import BLACK, Path, new_figure, save
from seqkit.train.plots.lettering import drawable, families_for

__all__ = ["plot_confusion"]

_BOTH = 30  # labels up to which a cell has room for count and share
_MOST = 100  # labels up to which all are drawn: more take minutes, and nobody could read them
_WORST = 50  # labels drawn where there are more
_LETTER = 0.62  # width of a letter in units of its size, on average


def plot_confusion(matrix: ArrayLike, labels: Sequence[str], path: Path) -> None:
    """Draw a confusion matrix: counts, and as colour (as number too, where it fits) row shares.

    Of more than 100 labels the 50 with the most errors are drawn, which the title says.

    Args:
        matrix: counts, (C, C), a row for each gold label.
        labels: the C labels.
        path: the PNG file, written whole or not at all.

    Raises:
        DataError: the matrix is not (C, C) counts.
        ConfigError: matplotlib is not installed.
    """
    counts = np.asarray(matrix)
    n = len(labels)
    if counts.shape != (n, n) or counts.dtype.kind not in "iu" or not n or counts.min() < 0:
        raise DataError(
            f"plot_confusion: {counts.dtype} of shape {counts.shape}, "
            f"expected counts of shape ({n}, {n})"
        )
    support = counts.sum(axis=1, keepdims=True)
    title = ""
    if n > _MOST:
        title = f"the {_WORST} of {n} labels with the most errors"
        chosen = _most_errors(counts)
        counts, support = counts[np.ix_(chosen, chosen)], support[chosen]
        labels, n = [labels[i] for i in chosen], _WORST
    shares = counts / np.maximum(support, 1)

    cell, letters = _sizes(n)
    families = families_for(labels)
    names = [drawable(label, families=families) for label in labels]
    longest = max(map(len, names)) * _LETTER * letters  # points
    flat = longest < 0.9 * cell
    side = cell * n / 72
    figure = new_figure(side + longest / 72 + 1.7, side + (0.0 if flat else longest / 72) + 0.9)
    axes = figure.subplots()
    if title:
        axes.set_title(title, fontsize=11, loc="left")
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    beside = axes.inset_axes([1 + 10 / (cell * n), 0, 12 / (cell * n), 1])  # 12 points wide
    figure.colorbar(image, cax=beside).set_label("share of the gold label")
    font = {"fontfamily": families, "fontsize": letters}
    axes.set_xticks(range(n), names, rotation=0 if flat else 90, **font)
    axes.set_yticks(range(n), names, **font)
    axes.set_xlabel("predicted")
    axes.set_ylabel("gold")
    axes.set_xticks(np.arange(n + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(n + 1) - 0.5, minor=True)
    axes.tick_params(which="both", length=0)
    axes.grid(which="minor", color="#e6e6e6", linewidth=0.5)
    places = list(zip(*np.nonzero(counts), strict=True))
    texts = [_cell_text(int(counts[place]), shares[place], n) for place in places]
    width = max([2, *(len(line) for text in texts for line in text.split("\n"))])
    for (row, column), text in zip(places, texts, strict=True):
        number = axes.text(
            *(column, row, text),
            ha="center",
            va="center",
            fontsize=min(11, 0.85 * cell / (_LETTER * width)),
            color="white" if shares[row, column] > 0.5 else BLACK,
        )
        number.set_in_layout(False)  # it is inside its cell: nothing to make room for
    save(figure, path)


def _most_errors(counts: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return the indices, ascending, of the labels most often missed or given wrongly."""
    errors = counts.sum(axis=0) + counts.sum(axis=1) - 2 * counts.diagonal()
    return np.sort(np.argsort(-errors.astype(np.int64), kind="stable")[:_WORST])


def _sizes(n: int) -> tuple[float, int]:
    """Return the side of a cell and the size of the labels for n of them, in points."""
    if n <= 4:
        return 76, 10
    if n <= 15:
        return 45, 10
    return (36, 9) if n <= _BOTH else (17, 7)


def _cell_text(count: int, share: float, n: int) -> str:
    """Write count and share where there is room, else the count in four characters."""
    if n <= _BOTH:
        return f"{count}\n{share:.1%}"
    if count < 10_000:
        return str(count)
    return f"{count / 1000:.0f}k" if count < 999_500 else f"{count / 1e6:.0f}M"
