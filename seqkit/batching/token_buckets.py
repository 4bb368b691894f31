"""Batches of pairs of similar lengths that fill a number of positions, not of rows."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from seqkit.batching.padded import padded_width
from seqkit.errors import ConfigError

__all__ = ["TokenSampler", "pair_padding_share"]

_POOL = 500  # batches sorted together: pairs alike on both sides are found among many only
_PADDING = 0.09  # share of a pool's positions at most, where the pairs allow it
_ROWS = 8  # of a batch, before its padding may end it


class TokenSampler:
    """Orders the pairs of each epoch into batches of similar lengths and about the same work.

    An epoch is a seeded shuffle, cut into pools of some 500 batches, each pool sorted by length of
    target, then of source, and cut into batches, the batches shuffled. Pairs of the same lengths
    stay in the order of the shuffle, so that batches differ from epoch to epoch. Where pairs are
    few, and a pool cut into full batches would be more than 9% padding, its batches of 8 rows or
    more end before they are so. The order is a function of (seed, epoch): a resumed run asks for
    the same epoch again and skips the batches that it has seen.
    """

    def __init__(
        self,
        source_lengths: npt.NDArray[np.int64],
        target_lengths: npt.NDArray[np.int64],
        *,
        batch_tokens: int,
        seed: int,
    ) -> None:
        """Make a sampler.

        Args:
            source_lengths: (N,) tokens of each source.
            target_lengths: (N,) tokens of each target, its end not counted.
            batch_tokens: padded positions of a batch at most, of both sides together:
                (source width + target width + 1) * rows. A longer pair is a batch by itself.
            seed: of every epoch's order.
        """
        if batch_tokens < 1:
            raise ConfigError(f"batch_tokens {batch_tokens}: must be 1 or more")
        if seed < 0:
            raise ConfigError(f"seed {seed}: must be 0 or more")
        if len(source_lengths) != len(target_lengths):
            raise ConfigError(
                f"lengths of {len(source_lengths)} sources and {len(target_lengths)} targets: "
                "pairs have one of each"
            )
        self.source_lengths, self.target_lengths = source_lengths, target_lengths
        self.batch_tokens, self.seed = batch_tokens, seed
        longest = max(source_lengths.max(initial=0), target_lengths.max(initial=0))
        self._widths = np.array([padded_width(length) for length in range(longest + 1)])
        self._counts: dict[int, int] = {}

    def batches(self, epoch: int) -> list[npt.NDArray[np.int64]]:
        """Return the pair indices of each batch of an epoch."""
        rng = np.random.default_rng([self.seed, epoch])
        order = rng.permutation(len(self.source_lengths))
        tokens = int(self.source_lengths.sum() + self.target_lengths.sum()) + len(order)
        pool = max(1, _POOL * self.batch_tokens * len(order) // max(1, tokens))
        batches = []
        for start in range(0, len(order), pool):
            batches += self._cut(self._sorted(order[start : start + pool]))
        self._counts[epoch] = len(batches)
        return [batches[i] for i in rng.permutation(len(batches))]

    def steps(self, epochs: int) -> int:
        """Count the batches of the first epochs; each epoch is counted once."""
        for epoch in range(epochs):
            if epoch not in self._counts:
                self.batches(epoch)
        return sum(self._counts[epoch] for epoch in range(epochs))

    def _sorted(self, pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Sort by target, then source, up and down in turn: neighbours are alike in both."""
        source, target = self.source_lengths[pairs], self.target_lengths[pairs]
        return pairs[np.lexsort((np.where(target % 2, -source, source), target))]

    def _cut(self, pairs: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
        """Cut a row of pairs into batches, full ones unless they would be padding for too much."""
        full = self._fill(pairs, padding=1.0)
        if pair_padding_share(self.source_lengths, self.target_lengths, full) <= _PADDING:
            return full
        return self._fill(pairs, padding=_PADDING)

    def _fill(self, pairs: npt.NDArray[np.int64], *, padding: float) -> list[npt.NDArray[np.int64]]:
        """Cut a row of pairs into batches, each as long as it may be.

        Args:
            pairs: in their order.
            padding: share of the positions of a batch that ends it, after eight rows.
        """
        used = self.source_lengths[pairs] + self.target_lengths[pairs] + 1
        batches = []
        start = 0
        while start < len(pairs):
            cells = self._cells(pairs[start : start + 1])[0]
            near = pairs[start : start + max(1, self.batch_tokens // cells)]
            cells = self._cells(near)
            over = cells > self.batch_tokens
            if padding < 1:
                padded = 1 - np.cumsum(used[start : start + len(near)]) / cells
                over[_ROWS:] |= padded[_ROWS:] > padding
            rows = max(1, int(over.argmax())) if over.any() else len(near)
            batches.append(near[:rows])
            start += rows
        return batches

    def _cells(self, pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the positions of a batch of the first pair, of the first two, and so on."""
        source = np.maximum.accumulate(self.source_lengths[pairs])
        target = np.maximum.accumulate(self.target_lengths[pairs])
        widths = self._widths[source] + self._widths[target] + 1
        return widths * np.arange(1, len(pairs) + 1)


def pair_padding_share(
    source_lengths: npt.NDArray[np.int64],
    target_lengths: npt.NDArray[np.int64],
    batches: Iterable[npt.NDArray[np.int64]],
) -> float:
    """Share of the positions of both sides that hold padding, between 0 and 1; ends are no padding.

    >>> pair_padding_share(np.array([1, 2]), np.array([2, 2]), [np.array([0, 1])])
    0.1
    """
    cells = used = 0
    for batch in batches:
        source, target = source_lengths[batch], target_lengths[batch]
        width = padded_width(int(source.max())) + padded_width(int(target.max())) + 1
        cells += width * len(batch)
        used += int(source.sum() + target.sum()) + len(batch)
    return (cells - used) / cells if cells else 0.0
