"""Pictures of a run and of a model, as PNG files. Needs matplotlib (`seqkit[plot]`)."""

from seqkit.train.plots.calibration import plot_calibration
from seqkit.train.plots.confusion import plot_confusion
from seqkit.train.plots.curves import plot_curves
from seqkit.train.plots.lags import plot_lags
from seqkit.train.plots.lr_range import plot_lr_range
from seqkit.train.plots.ngrams import plot_hits, plot_orders
from seqkit.train.plots.ranking import plot_roc_pr

__all__ = [
    "plot_calibration",
    "plot_confusion",
    "plot_curves",
    "plot_hits",
    "plot_lags",
    "plot_lr_range",
    "plot_orders",
    "plot_roc_pr",
]
