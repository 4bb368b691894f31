"""The picture of gradient flow: how much of the gradient reaches how far back."""

from collections.abc import Mapping, Sequence

import numpy as np

from seqkit.errors import DataError
from seqkit.train.plots.canvas import COLOURS, DASHES, Path, new_figure, save, style

__all__ = ["plot_lags"]


def plot_lags(lags: Mapping[str, Sequence[Sequence[float]]], path: Path) -> None:
    """Draw the norm of the gradient by lag: a colour a layer, a dash for each time of measuring.

    Args:
        lags: when it was measured, such as "before training", and for each layer the norms from
            lag 0 on, as of `gradient_by_lag`. What is 0 or not finite is not drawn.
        path: the PNG file, written whole or not at all.

    Raises:
        DataError: nothing to draw.
        ConfigError: matplotlib is not installed.
    """
    figure = new_figure(6.4, 4.2)
    axes = figure.subplots()
    style(axes, title="gradient of the last loss", x="tokens back", y="norm at the state")
    axes.set_yscale("log")
    axes.xaxis.get_major_locator().set_params(integer=True)
    drawn = False
    for number, (when, layers) in enumerate(lags.items()):
        for layer, norms in enumerate(layers):
            values = np.array(norms, dtype=np.float64)
            shown = np.isfinite(values) & (values > 0)
            drawn |= bool(shown.any())
            axes.plot(
                *(np.flatnonzero(shown), values[shown]),
                color=COLOURS[layer % len(COLOURS)],
                linestyle=DASHES[(len(lags) - 1 - number) % len(DASHES)],
                label=f"layer {layer + 1}, {when}",
            )
    if not drawn:
        raise DataError("plot_lags: no norm above 0 to draw")
    axes.legend(frameon=False, fontsize=9)
    save(figure, path)
