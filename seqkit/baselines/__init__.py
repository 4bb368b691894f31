"""The cheap baselines that every classifier is shown beside.

    from seqkit import baselines
    model = baselines.fit("nb-svm", texts, labels)
    model.probabilities(["a text"])     # (1, C), columns in the order of model.labels

scikit-learn trains the linear ones; predicting with any but the nearest neighbours needs numpy
alone, so a stored baseline does not depend on the scikit-learn that wrote it.
"""

from seqkit.baselines.baseline import Baseline
from seqkit.baselines.families import NAMES, NEED_SKLEARN
from seqkit.baselines.fitting import fit

__all__ = ["NAMES", "NEED_SKLEARN", "Baseline", "fit"]
