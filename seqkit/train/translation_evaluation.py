"""Measure answers to sequences against their references, and set systems side by side."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from seqkit import metrics
from seqkit.errors import ConfigError, DataError, choices
from seqkit.metrics import CorpusFigure, ErrorRate, Paired
from seqkit.text import scripts
from seqkit.train.markdown import p_value

__all__ = [
    "TRANSLATION_KINDS",
    "TranslationResult",
    "compare_translations",
    "length_rows",
    "measure_translations",
    "translation_rows",
    "unspaced_warning",
]

TRANSLATION_KINDS = ("sequence", "translation")
"""What answers are: sequences that are right or wrong, or texts that can be said in many ways."""

_GROUPS = 5  # of lengths
_FEWEST = 10  # texts on which systems are compared
_LOOKED_AT = 1000  # texts whose script is looked at
_BY_SPACES = ("13a", "intl", "none")  # what cuts words of BLEU at white space
_UNSPACED = re.compile(f"[{scripts.UNSPACED}]")
_PIECE = 4  # characters of such a script between white space, above which no word ends there


@dataclass(frozen=True, kw_only=True, eq=False)
class TranslationResult:
    """What one system answered to N sources, and how good that is."""

    name: str
    kind: str
    """One of TRANSLATION_KINDS."""
    hypotheses: Sequence[str]
    errors: ErrorRate
    """By sequence; of a translation, edits of its tokens."""
    figures: Mapping[str, CorpusFigure]
    """What `metrics` holds of each figure, with what each answer adds to it."""
    bleu_tokenizer: str | None = None
    """How BLEU cuts words; None of `kind` "sequence"."""
    metrics: Mapping[str, Any]
    """Of `kind` "sequence": wer (share of sequences that equal none of their references), per
    (edits for each token of the nearest one) and exact (1 - wer). Of "translation": bleu and chrf,
    0 to 100, with their `signatures`, token_error and exact. `intervals` {name: [low, high]} at
    95%, and the number of `texts`."""

    @property
    def leading(self) -> str:
        """The figure that decides."""
        return "bleu" if self.kind == "translation" else "wer"


def measure_translations(
    name: str,
    hypotheses: Sequence[str],
    alternatives: Sequence[Sequence[str]],
    *,
    kind: str,
    tokenize: Callable[[str], Sequence[str]] = str.split,
    bleu_tokenizer: str = "13a",
    seed: int = 0,
) -> TranslationResult:
    """Measure answers, with 95% bootstrap intervals.

    Args:
        name: what to call the system.
        hypotheses: N answers.
        alternatives: the references of each, one or more.
        kind: one of TRANSLATION_KINDS.
        tokenize: cuts a text into the tokens whose errors are counted: phones at white space;
            `list` for letters.
        bleu_tokenizer: of BLEU alone, one of `metrics.BLEU_TOKENIZERS`.
        seed: of the bootstrap.

    Raises:
        ConfigError: no such kind or tokeniser; of translations, sacrebleu is not installed.
        DataError: no answers, not as many references, an answer without one, or no token in any.
    """
    if kind not in TRANSLATION_KINDS:
        raise ConfigError(choices("kind of answers", kind, TRANSLATION_KINDS))
    errors = metrics.error_rate(
        [tokenize(text) for text in hypotheses],
        [[tokenize(text) for text in texts] for texts in alternatives],
    )
    spread = errors.intervals(seed=seed)
    low, high = spread["sequence"]
    token = "token_error" if kind == "translation" else "per"
    values: dict[str, Any] = {"exact": _exact(errors.edits), token: errors.token}
    intervals = {"exact": [1 - high, 1 - low], token: list(spread["token"])}
    figures = {token: errors.token_figure}
    if kind == "sequence":
        values["wer"], intervals["wer"] = errors.sequence, [low, high]
        figures["wer"] = errors.sequence_figure
    else:
        bleu = metrics.bleu(hypotheses, alternatives, tokenize=bleu_tokenizer)
        chrf = metrics.chrf(hypotheses, alternatives)
        figures["bleu"] = metrics.bleu_figure(hypotheses, alternatives, tokenize=bleu_tokenizer)
        figures["chrf"] = metrics.chrf_figure(hypotheses, alternatives)
        values |= {"bleu": bleu.score, "chrf": chrf.score}
        values["signatures"] = {"bleu": bleu.signature, "chrf": chrf.signature}
        intervals |= {key: list(figures[key].interval(seed=seed)) for key in ("bleu", "chrf")}
    return TranslationResult(
        name=name,
        kind=kind,
        hypotheses=tuple(hypotheses),
        errors=errors,
        figures=figures,
        bleu_tokenizer=bleu_tokenizer if kind == "translation" else None,
        metrics={**values, "intervals": intervals, "texts": len(hypotheses)},
    )


def compare_translations(
    first: TranslationResult, second: TranslationResult, *, seed: int = 0
) -> Paired | None:
    """Compare two systems on the same sources: BLEU, or the share of wrong sequences.

    Returns:
        That of the first less that of the second, with its 95% interval and p-value, of a paired
        bootstrap over texts (Koehn 2004); None of fewer than 10 texts, which are too few: to
        resample them gives small p-values by chance.

    Raises:
        DataError: the results are of different kinds, or not of as many texts.
    """
    if first.kind != second.kind:
        raise DataError(
            f"{first.name} was measured as {first.kind} and {second.name} as {second.kind}: "
            "expected the same"
        )
    name = first.leading
    if len(first.hypotheses) == len(second.hypotheses) < _FEWEST:
        return None
    return metrics.paired_figures(first.figures[name], second.figures[name], seed=seed)


def translation_rows(results: Sequence[TranslationResult], *, seed: int = 0) -> list[list[str]]:
    """Lay out results on the same sources: a heading, then each figure with its interval.

    The last column is the p-value of a paired comparison with the first result, if there are 10
    texts or more.
    """
    first = results[0]
    columns = _columns(first.kind)
    rows = [["", *columns.values(), f"p (against {first.name})"]]
    for result in results:
        cells = [
            "{} ({} to {})".format(
                *(_written(name, value) for value in (result.metrics[name], *spread))
            )
            for name in columns
            for spread in [result.metrics["intervals"][name]]
        ]
        versus = "" if result is first else _p(compare_translations(first, result, seed=seed))
        rows.append([result.name, *cells, versus])
    return rows


def length_rows(result: TranslationResult, lengths: Sequence[int]) -> list[list[str]]:
    """Lay out the figures of a result by the length of the source, in up to five groups alike.

    Args:
        result: of N texts.
        lengths: of their sources, (N,).

    Raises:
        DataError: there are not as many lengths as texts.
    """
    columns = _columns(result.kind)
    rows = [["length of the source", "texts", *columns.values()]]
    for low, high, chosen in _groups(np.asarray(lengths), len(result.hypotheses)):
        cells = []
        for name in columns:
            if name == "exact":
                value = _exact(result.errors.edits[chosen])
            else:
                value = result.figures[name].part(chosen).value
            cells.append(_written(name, value))
        span = f"{low}" if low == high else f"{low} to {high}"
        rows.append([span, f"{int(chosen.sum()):,}", *cells])
    return rows


def unspaced_warning(texts: Sequence[str], bleu_tokenizer: str) -> str | None:
    """Say that BLEU would take whole sentences for words; None where it does not.

    Args:
        texts: references; of many a thousand, evenly over them, are looked at.
        bleu_tokenizer: one of `metrics.BLEU_TOKENIZERS`.
    """
    if bleu_tokenizer not in _BY_SPACES:
        return None
    joined = "\n".join(texts[:: max(1, len(texts) // _LOOKED_AT)])
    unspaced, letters = len(_UNSPACED.findall(joined)), sum(map(str.isalpha, joined))
    if 2 * unspaced <= letters or unspaced <= _PIECE * len(joined.split()):
        return None
    return (
        "most references are in a script without spaces between words: BLEU with the tokeniser "
        f"{bleu_tokenizer} counts whole sentences as words: choose --bleu-tokenizer zh for "
        "Chinese, char for others"
    )


def _p(versus: Paired | None) -> str:
    return "too few to compare" if versus is None else p_value(versus.p)


def _groups(
    lengths: npt.NDArray[np.int64], texts: int
) -> Iterator[tuple[int, int, npt.NDArray[np.bool_]]]:
    """Yield the shortest, the longest and the rows (N,) bool of each group."""
    if len(lengths) != texts:
        raise DataError(f"lengths of {len(lengths)} sources, expected those of {texts} texts")
    bounds = np.unique(np.quantile(lengths, np.arange(1, _GROUPS + 1) / _GROUPS, method="lower"))
    below = -1
    for bound in bounds.tolist():
        chosen = (lengths > below) & (lengths <= bound)
        yield int(lengths[chosen].min()), int(bound), chosen
        below = bound


def _exact(edits: npt.NDArray[np.int64]) -> float:
    return float((edits == 0).mean())


def _columns(kind: str) -> dict[str, str]:
    if kind == "translation":
        return {"bleu": "BLEU", "chrf": "chrF", "exact": "exact %"}
    return {"wer": "sequences wrong %", "per": "token errors %"}


def _written(name: str, value: float) -> str:
    return f"{value if name in ('bleu', 'chrf') else 100 * value:.2f}"
