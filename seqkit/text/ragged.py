"""Many id sequences of different lengths in one flat array."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from seqkit.errors import ConfigError, choices

__all__ = ["KEEP", "Keep", "Ragged"]

Keep = Literal["head", "tail", "ends"]
KEEP: tuple[str, ...] = get_args(Keep)

_CHUNK = 4096  # sequences turned into one array at a time: bounds the Python integers alive


@dataclass(frozen=True)
class Ragged:
    """Id sequences back to back: sequence i is `flat[offsets[i]:offsets[i + 1]]`.

    Four bytes a token, where a list of lists of Python integers takes eight and more.

    Attributes:
        flat: (sum of lengths,) int32.
        offsets: (N + 1,) int64, the first 0.
    """

    flat: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]

    @classmethod
    def from_sequences(cls, sequences: Iterable[Sequence[int]]) -> "Ragged":
        """Gather sequences of ids from an iterator.

        >>> Ragged.from_sequences([[4, 5], [], [6]]).lengths.tolist()
        [2, 0, 1]
        """
        flats, lengths = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)]
        source = iter(sequences)
        while chunk := list(itertools.islice(source, _CHUNK)):
            lengths.append(np.fromiter(map(len, chunk), np.int64, len(chunk)))
            flats.append(
                np.fromiter(itertools.chain.from_iterable(chunk), np.int32, int(lengths[-1].sum()))
            )
        offsets = np.concatenate([np.zeros(1, np.int64), *lengths]).cumsum()
        return cls(np.concatenate(flats), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> npt.NDArray[np.int32]:
        index = range(len(self))[index]  # counts from the end too, and refuses what is not there
        return self.flat[self.offsets[index] : self.offsets[index + 1]]

    def __iter__(self) -> Iterator[npt.NDArray[np.int32]]:
        return (self[index] for index in range(len(self)))

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """(N,) int64: the length of each sequence."""
        return np.diff(self.offsets)

    def select(self, rows: npt.NDArray[np.int64]) -> "Ragged":
        """Take the given sequences, in that order."""
        return Ragged.from_sequences([self[row] for row in rows])

    def truncate(self, max_tokens: int | None, *, keep: str = "head") -> "Ragged":
        """Cut the sequences that are longer than `max_tokens`; None cuts nothing.

        Args:
            max_tokens: the longest length that stays, 1 or more.
            keep: which part stays: `head`, `tail`, or `ends` (the first half and the last).

        >>> Ragged.from_sequences([[1, 2, 3, 4, 5]]).truncate(3, keep="ends")[0].tolist()
        [1, 4, 5]
        """
        if keep not in KEEP:
            raise ConfigError(choices("keep", keep, KEEP))
        if max_tokens is not None and max_tokens < 1:
            raise ConfigError(f"max tokens {max_tokens}: must be 1 or more")
        if max_tokens is None or not len(self) or self.lengths.max() <= max_tokens:
            return self
        head = {"head": max_tokens, "tail": 0, "ends": max_tokens // 2}[keep]
        tail = max_tokens - head
        offsets = np.concatenate([[0], np.minimum(self.lengths, max_tokens)]).cumsum()
        flat = np.empty(offsets[-1], np.int32)
        for row, start, end in zip(self, offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
            if len(row) <= max_tokens:
                flat[start:end] = row
            else:
                flat[start : start + head] = row[:head]
                flat[start + head : end] = row[len(row) - tail :]
        return Ragged(flat, offsets)
