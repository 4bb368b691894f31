"""Padded batches: raggedness travels as lengths."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

__all__ = ["Batch", "pad", "padded_width"]

_PAD = 0  # the id that fills; `lengths` says where it starts, never `ids != pad`


@dataclass(frozen=True)
class Batch:
    """A padded batch.

    Attributes:
        ids: (B, T) int64 token ids; what lies at or behind `lengths` is padding.
        lengths: (B,) int64.
    """

    ids: torch.Tensor
    lengths: torch.Tensor

    def __len__(self) -> int:
        return len(self.lengths)

    def to(self, device: torch.device) -> "Batch":
        """Move to a device; from pinned memory without waiting for the copy."""
        return Batch(
            self.ids.to(device, non_blocking=True), self.lengths.to(device, non_blocking=True)
        )

    def chunks(self, parts: int) -> "list[Batch]":
        """Cut into up to `parts` smaller batches, each trimmed to its longest sequence."""
        pieces = zip(self.ids.chunk(parts), self.lengths.chunk(parts), strict=True)
        return [Batch(ids[:, : max(1, int(n.max()))], n) for ids, n in pieces]


def padded_width(longest: int) -> int:
    """Round a width up by at most a sixteenth, so that few different ones occur.

    A kernel and its buffers are kept for each size that occurs: without this, training a `cnn` on
    texts of 60 to 400 words holds hundreds of them.

    >>> [padded_width(n) for n in (0, 20, 100, 101, 399)]
    [1, 20, 102, 102, 408]
    """
    step = max(1, longest // 16)
    return max(1, -(-longest // step) * step)


def pad(sequences: Sequence[npt.NDArray[np.int32]]) -> Batch:
    """Pad sequences of ids to the longest of them, rounded up as `padded_width` does.

    >>> pad([np.array([4, 5], np.int32), np.array([6], np.int32)]).ids.tolist()
    [[4, 5], [6, 0]]
    """
    lengths = np.fromiter(map(len, sequences), np.int64, len(sequences))
    width = padded_width(int(lengths.max(initial=0)))
    ids = np.full((len(sequences), width), _PAD, np.int64)
    if len(sequences):
        keep = np.arange(width) < lengths[:, None]
        ids[keep] = np.concatenate(sequences)
    return Batch(torch.from_numpy(ids), torch.from_numpy(lengths))
