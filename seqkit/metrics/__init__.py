"""Measures of models, and how far to trust them. Lists and arrays in, numpy alone behind.

BLEU and chrF are by sacrebleu, the extra `metrics`.
"""

from seqkit.metrics.classification import classification_report
from seqkit.metrics.corpus import CorpusFigure, paired_figures
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
from seqkit.metrics.edit import ErrorRate, edit_distance, error_rate
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
from seqkit.metrics.translation import (
    BLEU_TOKENIZERS,
    Measured,
    bleu,
    bleu_figure,
    chrf,
    chrf_figure,
)

__all__ = [
    "BLEU_TOKENIZERS",
    "RETRIEVAL_MEASURES",
    "CorpusFigure",
    "ErrorRate",
    "Measured",
    "Paired",
    "Reliability",
    "RetrievalScores",
    "Threshold",
    "accuracy",
    "average_precision",
    "balanced_accuracy",
    "bits_per",
    "bleu",
    "bleu_figure",
    "blocked",
    "bootstrap_interval",
    "calibration_error",
    "caught",
    "choose_threshold",
    "chrf",
    "chrf_figure",
    "classification_report",
    "clopper_pearson_upper",
    "confusion",
    "edit_distance",
    "error_rate",
    "fit_weights",
    "intervals_for",
    "log_loss",
    "macro_f1",
    "mcc",
    "mcnemar",
    "mean_interval",
    "mix",
    "paired_bootstrap",
    "paired_figures",
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
