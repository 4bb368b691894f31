"""Pictures of a run and of a classifier, as PNG files. Needs matplotlib (`seqkit[plot]`)."""

from seqkit.train.plots.calibration import plot_calibration
from seqkit.train.plots.confusion import plot_confusion
from seqkit.train.plots.curves import plot_curves
from seqkit.train.plots.ranking import plot_roc_pr

__all__ = ["plot_calibration", "plot_confusion", "plot_curves", "plot_roc_pr"]
