"""The pictures of a ranking: ROC and precision-recall curves, model and baselines in one."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from seqkit.errors import DataError
from seqkit.metrics import average_precision, pr_curve, roc_auc, roc_curve
from seqkit.train.plots.canvas import COLOURS, DASHES, GREY, Path, new_figure, save, style
from seqkit.train.plots.lettering import drawable, families_for

__all__ = ["plot_roc_pr"]


def plot_roc_pr(curves: Mapping[str, tuple[ArrayLike, ArrayLike]], path: Path) -> None:
    """Draw the ROC and precision-recall curves of one or more systems side by side.

    Args:
        curves: name -> (gold, scores): gold 1 for positive and 0 for negative, (N,), scores of the
            positive class, (N,). The first one, drawn thickest, is the model in question.
        path: the PNG file, written whole or not at all.

    Raises:
        DataError: no curve, or gold without both classes.
        ConfigError: matplotlib is not installed.
    """
    if not curves:
        raise DataError("plot_roc_pr: no curves, expected one or more")
    figure = new_figure(11, 5 + 0.22 * len(curves))
    left, right = figure.subplots(1, 2)
    style(left, title="ROC", x="false positive rate", y="true positive rate")
    style(right, title="precision-recall", x="recall", y="precision")
    families = families_for(curves)
    for i, (name, (gold, scores)) in enumerate(curves.items()):
        look = {
            "color": COLOURS[i % 7],
            "linestyle": DASHES[i // 7 % 4],
            "linewidth": 1.4 if i else 2.6,
            "zorder": 2 if i else 3,
        }
        false, true, _ = roc_curve(gold, scores)
        precision, recall, _ = pr_curve(gold, scores)
        precision[-1] = precision[-2]  # the area under the steps drawn is the average precision
        shown = drawable(name, families=families, longest=40)
        # the figure comes first: a label that began with an underscore would be left out
        left.plot(false, true, label=f"AUC {roc_auc(gold, scores):.4f}  {shown}", **look)
        area = average_precision(gold, scores)
        right.step(recall, precision, where="post", label=f"AP {area:.4f}  {shown}", **look)
    left.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle=(0, (2, 3)), label="chance")
    shares = {float(np.mean(np.asarray(gold))) for gold, _ in curves.values()}
    if len(shares) == 1:
        right.axhline(
            *shares, color=GREY, linewidth=1, linestyle=(0, (2, 3)), label="share of positives"
        )
    for axes in (left, right):
        axes.set_xlim(-0.01, 1.01)
        axes.set_ylim(-0.01, 1.02)
        axes.legend(
            loc="upper left",
            bbox_to_anchor=(0, -0.13),
            frameon=False,
            prop={"family": families, "size": 9},
        )
    save(figure, path)
