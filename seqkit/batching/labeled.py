"""Padded batches of sequences that have a class."""

from dataclasses import dataclass

import torch

from seqkit.batching.padded import Batch

__all__ = ["LabeledBatch"]


@dataclass(frozen=True)
class LabeledBatch:
    """A padded batch of B texts with their classes.

    Attributes:
        texts: (B, T) ids with lengths.
        gold: (B,) int64, the class of each.
    """

    texts: Batch
    gold: torch.Tensor

    def __len__(self) -> int:
        return len(self.texts)

    def to(self, device: torch.device) -> "LabeledBatch":
        """Move to a device; from pinned memory without waiting for the copy."""
        return LabeledBatch(self.texts.to(device), self.gold.to(device, non_blocking=True))

    def chunks(self, parts: int) -> "list[LabeledBatch]":
        """Cut into up to `parts` smaller batches, each trimmed to its longest text."""
        pieces = zip(self.texts.chunks(parts), self.gold.chunk(parts), strict=True)
        return [LabeledBatch(texts, gold) for texts, gold in pieces]
