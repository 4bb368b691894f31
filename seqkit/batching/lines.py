"""A corpus as single lines, for training and scoring sentence by sentence."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import torch

from seqkit.batching.padded import Batch, pad
from seqkit.batching.shards import TokenShards
from seqkit.errors import DataError
from seqkit.text import Vocab

__all__ = ["Lines"]

_CHUNK = 1 << 20  # tokens searched for EOS at a time


class Lines:
    """The lines of a corpus by number; 8 bytes are kept of each.

    >>> lines = Lines(TokenShards.from_array([4, 5, 2, 2, 6, 2]))
    >>> len(lines), lines.lengths.tolist(), lines[0].tolist()
    (3, [2, 0, 1], [4, 5])
    """

    def __init__(self, tokens: TokenShards) -> None:
        """Look for the EOS that ends each line, reading the corpus once.

        Raises:
            DataError: there are no lines, or the last one has no EOS.
        """
        ends = [np.zeros(1, np.int64)]
        for start in range(0, len(tokens), _CHUNK):
            found = np.flatnonzero(tokens[start : start + _CHUNK] == Vocab.EOS)
            ends.append(found + start + 1)
        self._bounds = np.concatenate(ends)
        self._tokens = tokens
        if len(self) == 0 or self._bounds[-1] != len(tokens):
            raise DataError(f"{len(tokens):,} tokens that do not end with EOS: encode lines")

    def __len__(self) -> int:
        return len(self._bounds) - 1

    def __getitem__(self, index: int) -> npt.NDArray[np.int32]:
        """Return the ids of a line without its EOS."""
        return self._with_end(index)[:-1]

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """(N,) int64: tokens of each line, EOS not counted."""
        return np.diff(self._bounds) - 1

    def batch(self, indices: Iterable[int]) -> tuple[Batch, torch.Tensor]:
        """Return inputs, which begin with BOS, and targets (B, T) int64, which end with EOS.

        The lengths of the inputs, one more than those of the lines, hold for the targets too.
        """
        whole = [self._with_end(index) for index in indices]
        inputs = [np.concatenate([[Vocab.BOS], ids[:-1]]).astype(np.int32) for ids in whole]
        return pad(inputs), pad(whole).ids

    def _with_end(self, index: int) -> npt.NDArray[np.int32]:
        at = range(len(self))[index]  # counts from the end too, and refuses what is not there
        start, stop = self._bounds[at : at + 2].tolist()
        return self._tokens[start:stop].astype(np.int32)
