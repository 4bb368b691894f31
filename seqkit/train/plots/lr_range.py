"""The picture of a learning-rate range test."""

from seqkit.train.lr_range import LearningRateRange
from seqkit.train.plots.canvas import BLUE, RED, SKY, Path, new_figure, save, style

__all__ = ["plot_lr_range"]


def plot_lr_range(found: LearningRateRange, path: Path) -> None:
    """Draw the loss over the learning rate, with the rate suggested.

    Args:
        found: what the test saw.
        path: the PNG file, written whole or not at all.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    figure = new_figure(6.4, 4.2)
    axes = figure.subplots()
    end = "the loss exploded" if found.exploded else "the loss did not explode"
    style(axes, title=f"learning-rate range: {end}", x="learning rate", y="loss")
    axes.set_xscale("log")
    axes.plot(found.rates, found.losses, color=SKY, linewidth=0.7, alpha=0.6)
    axes.plot(found.rates, found.smoothed, color=BLUE, label="smoothed")
    if found.suggestion is not None:
        label = f"steepest descent, {found.suggestion:.3g}"
        axes.axvline(found.suggestion, color=RED, linestyle="--", label=label)
    lowest = found.smoothed.index(min(found.smoothed))
    low, high = found.smoothed[lowest], max(found.smoothed[: lowest + 1])
    if low < high:  # the explosion, drawn whole, would flatten all else
        axes.set_ylim(low - 0.1 * (high - low), high + 0.3 * (high - low))
    axes.legend(frameon=False, fontsize=9)
    save(figure, path)
