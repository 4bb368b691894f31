"""Figures of a corpus that are functions of sums over its sentences, as BLEU and error rates are.

A resample of the sentences then is a product with how often each was drawn: a thousand of them
take a moment.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seqkit.errors import DataError
from seqkit.metrics.resample import check_sampling, multinomial_draws
from seqkit.metrics.significance import Paired, paired_from_gaps

__all__ = ["CorpusFigure", "paired_figures"]


@dataclass(frozen=True, eq=False)
class CorpusFigure:
    """A figure of N sentences.

    >>> errors = CorpusFigure(np.array([[1, 4], [0, 6]]), lambda sums: sums[:, 0] / sums[:, 1])
    >>> errors.value
    0.1
    """

    by_sentence: npt.NDArray[np.number]
    """(N, K): what each sentence adds to the sums."""
    of_sums: Callable[[npt.NDArray[np.number]], npt.NDArray[np.float64]]
    """The figure of sums, (S, K) -> (S,)."""

    def __post_init__(self) -> None:
        if self.by_sentence.ndim != 2 or not len(self.by_sentence):
            raise DataError(
                f"figure of a corpus: shape {self.by_sentence.shape}, expected (N, K) with at "
                "least one sentence"
            )

    @property
    def value(self) -> float:
        """The figure of all sentences."""
        return float(self.of_sums(self.by_sentence.sum(axis=0, keepdims=True))[0])

    def part(self, rows: npt.NDArray[np.bool_]) -> "CorpusFigure":
        """Return the same figure of the sentences at these rows, (N,) bool; DataError if none."""
        return CorpusFigure(self.by_sentence[rows], self.of_sums)

    def interval(
        self, *, samples: int = 1000, level: float = 0.95, seed: int = 0
    ) -> tuple[float, float]:
        """Return the percentile interval of a bootstrap over sentences.

        Koehn 2004, "Statistical significance tests for machine translation evaluation".

        Args:
            samples: number of resamples.
            level: share of the resamples within the interval.
            seed: of the resampling.

        Raises:
            ConfigError: fewer than one sample, level outside (0, 1).
        """
        check_sampling(samples, level)
        sums = _resampled(self.by_sentence, samples, seed)
        values = np.concatenate([self.of_sums(drawn) for drawn in sums])
        low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)


def paired_figures(
    a: CorpusFigure, b: CorpusFigure, *, samples: int = 1000, level: float = 0.95, seed: int = 0
) -> Paired:
    """Compare a figure of two systems on the same sentences: that of a less that of b.

    The same sentences are drawn for both (Koehn 2004, section 4); interval and p as in
    `paired_bootstrap`.

    Args:
        a: the figure of the first system.
        b: of the second, of the same sentences in the same order.
        samples: number of resamples.
        level: share of the resamples within the interval.
        seed: of the resampling.

    Raises:
        ConfigError: fewer than one sample, level outside (0, 1).
        DataError: they have not as many sentences.
    """
    check_sampling(samples, level)
    if len(a.by_sentence) != len(b.by_sentence):
        raise DataError(
            f"paired_figures: {len(a.by_sentence)} sentences and {len(b.by_sentence)}: expected "
            "the same ones"
        )
    both, width = np.hstack([a.by_sentence, b.by_sentence]), a.by_sentence.shape[1]
    gaps = [
        a.of_sums(drawn[:, :width]) - b.of_sums(drawn[:, width:])
        for drawn in _resampled(both, samples, seed)
    ]
    return paired_from_gaps(a.value - b.value, np.concatenate(gaps), level=level)


def _resampled(
    by_sentence: npt.NDArray[np.number], samples: int, seed: int
) -> Iterator[npt.NDArray[np.float64]]:
    """Yield the sums (S, K) of resamples; sentences that add the same are drawn together."""
    kinds, count = np.unique(by_sentence, axis=0, return_counts=True)
    kinds = kinds.astype(np.float64)
    for drawn in multinomial_draws(count, samples, np.random.default_rng(seed), classes=1):
        yield drawn @ kinds
