"""Batches of similar length, in an order that depends on the seed and the epoch alone."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from seqkit.batching.padded import padded_width
from seqkit.errors import ConfigError

__all__ = ["BucketSampler", "padding_share"]

_POOL = 50  # batches sorted together: enough to cut padding, few enough to keep epochs different


class BucketSampler:
    """Orders the records of each epoch into batches of similar length.

    An epoch is a seeded shuffle, cut into pools of 50 batches, each pool sorted by length and cut
    into batches, the batches shuffled. The order is a function of (seed, epoch): a resumed run
    asks for the same epoch again and skips the batches that it has seen.
    """

    def __init__(
        self,
        lengths: npt.NDArray[np.int64],
        *,
        batch_size: int,
        seed: int,
        weights: npt.NDArray[np.float64] | None = None,
    ) -> None:
        """Make a sampler.

        Args:
            lengths: (N,) length of each record.
            batch_size: records a batch; the last batch of an epoch may be smaller.
            seed: of every epoch's order.
            weights: (N,) relative frequencies to draw by, with replacement, N draws an epoch; None
                visits each record once. Inverse class frequencies make the sampling balanced.
        """
        if batch_size < 1:
            raise ConfigError(f"batch size {batch_size}: must be 1 or more")
        if seed < 0:
            raise ConfigError(f"seed {seed}: must be 0 or more")
        if weights is not None:
            weights = _frequencies(weights, len(lengths))
        self.lengths, self.batch_size, self.seed = lengths, batch_size, seed
        self.weights = weights

    def __len__(self) -> int:
        return -(-len(self.lengths) // self.batch_size)

    def batches(self, epoch: int) -> list[npt.NDArray[np.int64]]:
        """Return the record indices of each batch of an epoch."""
        rng = np.random.default_rng([self.seed, epoch])
        count = len(self.lengths)
        if self.weights is None:
            order = rng.permutation(count)
        else:
            order = rng.choice(count, size=count, p=self.weights)
        pool = self.batch_size * _POOL
        batches = []
        for start in range(0, count, pool):
            part = order[start : start + pool]
            part = part[np.argsort(self.lengths[part], kind="stable")]
            batches += [part[i : i + self.batch_size] for i in range(0, len(part), self.batch_size)]
        return [batches[i] for i in rng.permutation(len(batches))]


def _frequencies(weights: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.float64]:
    total = weights.sum() if weights.shape == (count,) and (weights >= 0).all() else 0.0
    if not 0 < total < np.inf:
        raise ConfigError(
            f"sampling weights: expected {count} numbers of 0 or more, not all 0, one a record"
        )
    return weights / total


def padding_share(
    lengths: npt.NDArray[np.int64], batches: Iterable[npt.NDArray[np.int64]]
) -> float:
    """Share of the positions of padded batches that hold padding, between 0 and 1.

    >>> padding_share(np.array([1, 2]), [np.array([0, 1])])
    0.25
    """
    cells = used = 0
    for batch in batches:
        cells += padded_width(int(lengths[batch].max())) * len(batch)
        used += int(lengths[batch].sum())
    return 1 - used / cells if cells else 0.0
