"""What an epoch of a language model reads: windows of streams, or batches of lines."""

from collections.abc import Iterator, Sequence

import torch

from seqkit.batching.buckets import BucketSampler
from seqkit.batching.lines import Lines
from seqkit.batching.shards import TokenShards
from seqkit.batching.streams import Streams

__all__ = ["LineSource", "StreamSource"]


class StreamSource:
    """Windows of contiguous streams, in order: the state is to be carried from one to the next."""

    def __init__(
        self, tokens: TokenShards, *, batch: int, window: int, vary: bool, first: int, seed: int
    ) -> None:
        """Cut the corpus; the arguments are those of `Streams` and its `windows`."""
        self.streams = Streams(tokens, batch=batch, first=first, least=window)
        self.window, self.vary, self.seed = window, vary, seed

    def steps(self, epochs: int) -> int:
        """Count the windows of the first epochs."""
        if not self.vary:
            return epochs * len(self._windows(0))
        return sum(len(self._windows(epoch)) for epoch in range(epochs))

    def sizes(self, epoch: int) -> Sequence[int]:
        """Return the length of each window of an epoch."""
        return [size for _, size in self._windows(epoch)]

    def batches(self, epoch: int, begin: int = 0) -> Iterator[tuple[torch.Tensor, ...]]:
        """Yield inputs and targets, (B, T) int64 each, from window number `begin` on."""
        return (self.streams.window(*each) for each in self._windows(epoch)[begin:])

    def _windows(self, epoch: int) -> Sequence[tuple[int, int]]:
        return self.streams.windows(self.window, vary=self.vary, seed=self.seed, epoch=epoch)


class LineSource:
    """Batches of whole lines of about the same length: the state begins anew with each."""

    def __init__(self, tokens: TokenShards, *, batch: int, seed: int) -> None:
        """Look for the lines; `batch` is how many make an update."""
        self.lines = Lines(tokens)
        self.sampler = BucketSampler(self.lines.lengths + 1, batch_size=batch, seed=seed)

    def steps(self, epochs: int) -> int:
        """Count the batches of the first epochs."""
        return epochs * len(self.sampler)

    def sizes(self, epoch: int) -> Sequence[int]:
        """Return the number of lines of each batch of an epoch."""
        return [len(chosen) for chosen in self.sampler.batches(epoch)]

    def batches(self, epoch: int, begin: int = 0) -> Iterator[tuple[torch.Tensor, ...]]:
        """Yield inputs, targets (B, T) int64 and what of them counts (B, T) bool."""
        for chosen in self.sampler.batches(epoch)[begin:]:
            inputs, targets = self.lines.batch(chosen.tolist())
            counts = torch.arange(targets.shape[1]) < inputs.lengths[:, None]
            yield inputs.ids, targets, counts
