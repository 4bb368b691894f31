"""Pictures of an n-gram model: perplexity by order, and by the length of what was found."""

import math
from collections.abc import Mapping

from seqkit.errors import DataError
from seqkit.train.plots.canvas import (
    BLUE,
    COLOURS,
    RED,
    Path,
    new_figure,
    save,
    style,
)

__all__ = ["plot_hits", "plot_orders"]


def plot_orders(perplexities: Mapping[str, Mapping[int, float]], path: Path) -> None:
    """Draw the perplexity of models of each order, a line a split.

    Args:
        perplexities: of each split, by order. What is not finite is not drawn.
        path: the PNG file, written whole or not at all.

    Raises:
        DataError: nothing to draw.
        ConfigError: matplotlib is not installed.
    """
    lines = {
        split: {order: value for order, value in values.items() if math.isfinite(value)}
        for split, values in perplexities.items()
    }
    if not any(lines.values()):
        raise DataError("plot_orders: no finite perplexity to draw")
    figure = new_figure(6.4, 4.2)
    axes = figure.subplots()
    style(axes, title="perplexity by order", x="longest n-gram", y="perplexity")
    axes.set_yscale("log")
    axes.xaxis.get_major_locator().set_params(integer=True)
    for (split, values), colour in zip(lines.items(), COLOURS, strict=False):
        axes.plot(values.keys(), values.values(), color=colour, marker="o", label=split)
        for order, value in values.items():
            top = value == max(other[order] for other in lines.values() if order in other)
            axes.annotate(
                f"{value:.4g}",
                (order, value),
                xytext=(0, 7 if top else -14),
                textcoords="offset points",
                ha="center",
                fontsize=8,
                color=colour,
            )
    axes.margins(0.08, 0.15)
    axes.yaxis.set_minor_formatter("{x:.3g}")
    axes.yaxis.set_major_formatter("{x:.3g}")
    axes.legend(frameon=False, fontsize=9)
    save(figure, path)


def plot_hits(shares: Mapping[int, float], perplexities: Mapping[int, float], path: Path) -> None:
    """Draw how many tokens were found in n-grams of each length, and their perplexity.

    Args:
        shares: of the tokens, between 0 and 1, by the length of the n-gram.
        perplexities: of these tokens. What is not finite is not drawn.
        path: the PNG file, written whole or not at all.

    Raises:
        DataError: nothing to draw.
        ConfigError: matplotlib is not installed.
    """
    if not shares:
        raise DataError("plot_hits: no token to draw")
    figure = new_figure(7.2, 3.6)
    left, right = figure.subplots(1, 2)
    lengths = [str(length) for length in shares]
    style(left, title="tokens", x="length of the n-gram found", y="share in %")
    bars = left.bar(lengths, [100 * share for share in shares.values()], color=BLUE)
    left.bar_label(bars, fmt="%.1f", fontsize=8)
    style(right, title="perplexity of them", x="length of the n-gram found", y="perplexity")
    finite = [value for value in perplexities.values() if math.isfinite(value)] or [1.0]
    low, high = min(finite) / 2, 2.5 * max(finite)
    right.set_yscale("log")
    right.set_ylim(low, high)
    for length, value in zip(lengths, perplexities.values(), strict=True):
        shown = value if math.isfinite(value) else high / 1.5
        label = f"{value:,.0f}" if 100 <= value < math.inf else f"{value:.3g}"
        right.plot([length], [shown], color=RED, marker="o" if shown == value else "")
        right.annotate(
            label,
            (length, shown),
            xytext=(0, 7),
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )
    for axes in (left, right):
        axes.grid(axis="x", visible=False)
        axes.margins(x=0.1)
    left.margins(y=0.12)
    save(figure, path)
