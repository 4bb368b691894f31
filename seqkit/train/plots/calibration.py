"""The picture of calibration: is what the model is sure of right as often as it says?"""

from numpy.typing import ArrayLike

from seqkit.metrics import calibration_error, reliability
from seqkit.train.plots.canvas import BLUE, GREY, SKY, Path, new_figure, save, style

__all__ = ["plot_calibration"]


def plot_calibration(
    gold: ArrayLike, probabilities: ArrayLike, path: Path, *, bins: int = 15
) -> None:
    """Draw how often the model is right against how sure it is, and how often it is how sure.

    Args:
        gold: class indices, (N,).
        probabilities: (N, C), rows that sum to 1.
        path: the PNG file, written whole or not at all.
        bins: number of bins of equal width over [0, 1].

    Raises:
        DataError: shapes that do not fit, or rows that are no distribution.
        ConfigError: fewer than one bin, or matplotlib is not installed.
    """
    table = reliability(gold, probabilities, bins=bins)
    filled = table.count > 0
    figure = new_figure(5.2, 5.8)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    error = calibration_error(gold, probabilities, bins=bins)
    style(above, title=f"calibration error {error:.4f}", x="", y="accuracy")
    above.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", label="perfect")
    above.bar(
        *(table.edges[:-1][filled], table.accuracy[filled]),
        width=1 / bins,
        align="edge",
        color=SKY,
        edgecolor="white",
        label="accuracy in the bin",
    )
    above.plot(
        *(table.confidence[filled], table.accuracy[filled]),
        **{"marker": "o", "markersize": 5, "color": BLUE, "linestyle": "none"},
        label="at its mean confidence",
    )
    above.set_ylim(0, 1.02)
    above.legend(frameon=False, fontsize=9, loc="upper left")
    style(below, title="", x="confidence (probability of the predicted label)", y="records")
    below.bar(
        *(table.edges[:-1], table.count),
        width=1 / bins,
        align="edge",
        color=SKY,
        edgecolor="white",
    )
    below.set_xlim(0, 1)
    save(figure, path)
