"""BLEU and chrF, by sacrebleu and with its signatures. Needs the extra `metrics`."""

from collections.abc import Sequence
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from seqkit.errors import ConfigError, DataError, choices, require
from seqkit.metrics.corpus import CorpusFigure

__all__ = ["BLEU_TOKENIZERS", "Measured", "bleu", "bleu_figure", "chrf", "chrf_figure"]

BLEU_TOKENIZERS = ("13a", "char", "intl", "none", "zh")
"""How BLEU may cut texts into words: those of sacrebleu that need nothing more to be installed."""

_ORDERS = 4  # of the n-grams of words in BLEU
_LETTERS = 6  # of those of characters in chrF
_BETA = 2  # recall counts so many times as much as precision


class Measured(NamedTuple):
    """A score from 0 to 100, and what has to be told with it."""

    score: float
    signature: str
    """As sacrebleu prints it."""


def bleu(
    hypotheses: Sequence[str], references: Sequence[Sequence[str]], *, tokenize: str = "13a"
) -> Measured:
    """Return the BLEU of detokenised texts, cased (Papineni et al. 2002; Post 2018).

    Args:
        hypotheses: N texts.
        references: for each of them its alternatives, one or more; not all need have as many.
        tokenize: one of BLEU_TOKENIZERS; `zh` for Chinese, `char` for other scripts that put no
            spaces between words.

    Raises:
        ConfigError: no such tokeniser, or sacrebleu is not installed.
        DataError: nothing to measure, lengths that differ, or a text without a reference.
    """
    return _measured(_bleu(tokenize), hypotheses, references)


def chrf(hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> Measured:
    """Return the chrF2 of detokenised texts (Popović 2015): n-grams of 1 to 6 characters.

    Arguments and errors as in `bleu`.
    """
    return _measured(_sacrebleu().CHRF(), hypotheses, references)


def bleu_figure(
    hypotheses: Sequence[str], references: Sequence[Sequence[str]], *, tokenize: str = "13a"
) -> CorpusFigure:
    """Return BLEU with what each text adds to it, for intervals and paired comparisons.

    Its value is that of `bleu`; arguments and errors too.
    """
    metric = _bleu(tokenize, effective_order=True)  # which a single text needs
    _check(hypotheses, references)
    rows = []
    for hypothesis, alternatives in zip(hypotheses, references, strict=True):
        found = metric.sentence_score(hypothesis, list(alternatives))
        rows.append([found.sys_len, found.ref_len, *found.counts, *found.totals])
    return CorpusFigure(np.array(rows, np.int64), _bleu_of_sums)


def chrf_figure(hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> CorpusFigure:
    """Return chrF2 with what each text adds to it, for intervals and paired comparisons.

    Its value is that of `chrf`; of several references the one with the best chrF of the text
    counts. Sacrebleu is not needed. Errors as in `bleu`.
    """
    _check(hypotheses, references)
    rows = []
    for hypothesis, alternatives in zip(hypotheses, references, strict=True):
        ours = _letter_ngrams(hypothesis)
        matches = np.array([_matches(ours, _letter_ngrams(text)) for text in alternatives])
        rows.append(matches[np.argmax(_chrf_of_sums(matches))])
    return CorpusFigure(np.array(rows, np.int64), _chrf_of_sums)


def _sacrebleu() -> ModuleType:
    return require("sacrebleu.metrics", extra="metrics", purpose="BLEU and chrF")


def _bleu(tokenize: str, *, effective_order: bool = False) -> Any:
    if tokenize not in BLEU_TOKENIZERS:
        raise ConfigError(choices("BLEU tokenizer", tokenize, BLEU_TOKENIZERS))
    # force: no advice on standard error where texts look tokenised, which the report tells
    return _sacrebleu().BLEU(tokenize=tokenize, effective_order=effective_order, force=True)


def _check(hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> None:
    if isinstance(hypotheses, str) or any(isinstance(given, str) for given in references):
        raise DataError(
            "hypotheses and references: one string where texts are expected: write [text] and "
            "[[reference]]"
        )
    if len(hypotheses) != len(references) or not len(hypotheses):
        raise DataError(
            f"{len(hypotheses)} hypotheses, references of {len(references)} texts: expected as "
            "many, one or more"
        )
    for number, alternatives in enumerate(references):
        if not alternatives:
            raise DataError(f"text {number} has no reference: expected one or more of each text")


def _measured(
    metric: Any, hypotheses: Sequence[str], references: Sequence[Sequence[str]]
) -> Measured:
    _check(hypotheses, references)
    most = max(map(len, references))
    # a stream for the first reference of each text, one for the second; None where there is none
    streams = [[of[i] if i < len(of) else None for of in references] for i in range(most)]
    score = metric.corpus_score(list(hypotheses), streams).score
    return Measured(min(float(score), 100.0), str(metric.get_signature()))  # 100.00000000000004


def _bleu_of_sums(sums: npt.NDArray[np.number]) -> npt.NDArray[np.float64]:
    """Return BLEU, (S,), of hypothesis and reference lengths, matches and totals of each order.

    The geometric mean of the precisions times the brevity penalty (Papineni et al. 2002); an order
    without a match counts as half a match, a fourth, and so on, the smoothing of mteval-v13a.
    """
    ours, theirs = sums[:, 0].astype(np.float64), sums[:, 1].astype(np.float64)
    matches, totals = sums[:, 2 : 2 + _ORDERS], sums[:, 2 + _ORDERS :]
    missing = matches == 0
    smoothed = np.where(missing, 0.5 ** np.cumsum(missing, axis=1), matches)
    precisions = smoothed / np.maximum(totals, 1)
    mean = np.exp(np.log(precisions).mean(axis=1))
    penalty = np.exp(np.minimum(0.0, 1 - theirs / np.maximum(ours, 1)))
    whole = matches.any(axis=1) & totals.all(axis=1)  # no n-gram of an order: BLEU is 0
    return np.where(whole, np.minimum(100 * penalty * mean, 100.0), 0.0)


def _letter_ngrams(text: str) -> list[dict[str, int]]:
    """Count the n-grams of each order, white space apart."""
    letters = "".join(text.split())
    found: list[dict[str, int]] = []
    for order in range(1, _LETTERS + 1):
        counts: dict[str, int] = {}
        for start in range(len(letters) - order + 1):
            ngram = letters[start : start + order]
            counts[ngram] = counts.get(ngram, 0) + 1
        found.append(counts)
    return found


def _matches(ours: Sequence[dict[str, int]], theirs: Sequence[dict[str, int]]) -> list[int]:
    """Return n-grams of the hypothesis, of the reference, and of both, order by order."""
    row = []
    for mine, yours in zip(ours, theirs, strict=True):
        both = sum(min(count, yours.get(ngram, 0)) for ngram, count in mine.items())
        # as in sacrebleu: where the reference has none of an order, the hypothesis has none either
        row += [sum(mine.values()) if yours else 0, sum(yours.values()), both]
    return row


def _chrf_of_sums(sums: npt.NDArray[np.number]) -> npt.NDArray[np.float64]:
    """Return chrF, (S,): F-beta of the mean precision and recall, of orders that both have."""
    ours, theirs, both = (sums[:, kind::3].astype(np.float64) for kind in range(3))
    counted = (ours > 0) & (theirs > 0)
    orders = np.maximum(counted.sum(axis=1), 1)
    precision = np.where(counted, both / np.maximum(ours, 1), 0).sum(axis=1) / orders
    recall = np.where(counted, both / np.maximum(theirs, 1), 0).sum(axis=1) / orders
    below = _BETA**2 * precision + recall
    return 100 * (1 + _BETA**2) * precision * recall / np.where(below > 0, below, 1)
