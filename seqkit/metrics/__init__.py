"""Measures of models, and how far to trust them. Lists and arrays in, numpy alone behind."""

from seqkit.metrics.classification import classification_report
from seqkit.metrics.curves import average_precision, pr_curve, roc_auc, roc_curve
from seqkit.metrics.decisions import (
    accuracy,
    balanced_accuracy,
    blocked,
    caught,
    confusion,
    macro_f1,
    mcc,
    per_class,
    precision_recall_f1,
)
from seqkit.metrics.intervals import bootstrap_interval, intervals_for
from seqkit.metrics.mixture import fit_weights, mix
from seqkit.metrics.perplexity import (
    bits_per,
    paired_perplexity,
    perplexity,
    perplexity_interval,
)
from seqkit.metrics.probabilities import Reliability, calibration_error, log_loss, reliability
from seqkit.metrics.proportions import clopper_pearson_upper, wilson
from seqkit.metrics.retrieval import (
    RETRIEVAL_MEASURES,
    RetrievalScores,
    mean_interval,
    paired_means,
    rank_documents,
    score_run,
)
from seqkit.metrics.significance import Paired, mcnemar, paired_bootstrap, paired_randomization
from seqkit.metrics.threshold import Threshold, choose_threshold

__all__ = [
    "RETRIEVAL_MEASURES",
    "Paired",
    "Reliability",
    "RetrievalScores",
    "Threshold",
    "accuracy",
    "average_precision",
    "balanced_accuracy",
    "bits_per",
    "blocked",
    "bootstrap_interval",
    "calibration_error",
    "caught",
    "choose_threshold",
    "classification_report",
    "clopper_pearson_upper",
    "confusion",
    "fit_weights",
    "intervals_for",
    "log_loss",
    "macro_f1",
    "mcc",
    "mcnemar",
    "mean_interval",
    "mix",
    "paired_bootstrap",
    "paired_means",
    "paired_perplexity",
    "paired_randomization",
    "per_class",
    "perplexity",
    "perplexity_interval",
    "pr_curve",
    "precision_recall_f1",
    "rank_documents",
    "reliability",
    "roc_auc",
    "roc_curve",
    "score_run",
    "wilson",
]
