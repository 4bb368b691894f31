"""Padded batches of pairs of sequences: what an encoder reads and a decoder is to write."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from seqkit.batching.padded import Batch, pad
from seqkit.errors import DataError
from seqkit.text import Vocab

__all__ = ["PairBatch", "pad_pairs"]


@dataclass(frozen=True)
class PairBatch:
    """A padded batch of B pairs; T stands for the width of `target.ids`.

    Attributes:
        source: (B, S) ids, without BOS and EOS.
        target: (B, T) ids, without BOS and EOS.

    >>> batch = pad_pairs([np.array([7, 8]), np.array([9])], [np.array([5]), np.array([5, 6])])
    >>> batch.inputs.tolist(), batch.gold.tolist(), batch.tokens
    ([[1, 5, 0], [1, 5, 6]], [[5, 2, 0], [5, 6, 2]], 5)
    """

    source: Batch
    target: Batch

    def __len__(self) -> int:
        return len(self.source)

    @property
    def tokens(self) -> int:
        """Tokens that are predicted, each pair's end with them: what a summed loss is divided by.

        To be asked on the CPU: on a GPU it waits for the device.
        """
        return int(self.target.lengths.sum()) + len(self)

    @property
    def inputs(self) -> torch.Tensor:
        """(B, T + 1) int64: BOS, then the target; what comes before each token of `gold`."""
        first = self.target.ids.new_full((len(self), 1), Vocab.BOS)
        return torch.cat([first, self.target.ids], 1)

    @property
    def gold(self) -> torch.Tensor:
        """(B, T + 1) int64: the target, then EOS at each row's own end."""
        ids = torch.nn.functional.pad(self.target.ids, (0, 1), value=Vocab.PAD)
        return ids.scatter_(1, self.target.lengths[:, None], Vocab.EOS)

    @property
    def keep(self) -> torch.Tensor:
        """(B, T + 1) bool: what of `gold` counts, the ends included."""
        lengths = self.target.lengths
        return torch.arange(self.target.ids.shape[1] + 1, device=lengths.device) <= lengths[:, None]

    def to(self, device: torch.device) -> "PairBatch":
        """Move to a device; from pinned memory without waiting for the copy."""
        return PairBatch(self.source.to(device), self.target.to(device))

    def chunks(self, parts: int) -> "list[PairBatch]":
        """Cut into up to `parts` smaller batches, each trimmed to its longest sequences."""
        pieces = zip(self.source.chunks(parts), self.target.chunks(parts), strict=True)
        return [PairBatch(source, target) for source, target in pieces]


def pad_pairs(
    source: Sequence[npt.NDArray[np.int32]], target: Sequence[npt.NDArray[np.int32]]
) -> PairBatch:
    """Pad pairs of id sequences without BOS and EOS, each side to a width of its own.

    Raises:
        DataError: the sides differ in number.
    """
    if len(source) != len(target):
        raise DataError(f"{len(source)} sources and {len(target)} targets: pairs have one of each")
    return PairBatch(pad(source), pad(target))
