"""A corpus as contiguous streams, for truncated back-propagation through time."""

from collections.abc import Sequence
from typing import overload

import numpy as np
import numpy.typing as npt
import torch

from seqkit.batching.shards import TokenShards
from seqkit.errors import ConfigError, DataError

__all__ = ["Streams", "Windows"]

_AHEAD = 1 << 18  # tokens of all streams together that are read at once: 2 MB
_FULL = 0.95  # share of the windows that vary about the whole size, not about half of it
_SPREAD = 5
_LEAST = 5


class Windows(Sequence[tuple[int, int]]):
    """The windows (start, size) of an epoch, in order; 8 bytes each."""

    def __init__(self, bounds: npt.NDArray[np.int64]) -> None:
        """Take the windows between bounds (n + 1,), which rise."""
        self._bounds = bounds

    def __len__(self) -> int:
        return len(self._bounds) - 1

    @overload
    def __getitem__(self, index: int) -> tuple[int, int]: ...

    @overload
    def __getitem__(self, index: slice) -> "Windows": ...

    def __getitem__(self, index: int | slice) -> "tuple[int, int] | Windows":
        at = range(len(self))[index]
        if isinstance(at, int):
            start, stop = self._bounds[at : at + 2].tolist()
            return start, stop - start
        if at.step != 1:
            raise ConfigError(f"windows[::{at.step}]: a slice of windows has no step")
        return Windows(self._bounds[at.start : max(at.start, at.stop) + 1])

    def __repr__(self) -> str:
        return f"Windows({list(self)})"


class Streams:
    """A corpus cut into `batch` streams of the same length, read window by window.

    Stream b holds the tokens from `b * length` on. The input of a window is what stands before
    each of its targets in the corpus, so a token is predicted from its true predecessor even
    where a stream begins.

    >>> streams = Streams(TokenShards.from_array([4, 5, 6, 2, 7, 8, 2]), batch=2, first=2)
    >>> streams.length, streams.dropped
    (3, 1)
    >>> inputs, targets = streams.window(0, 2)
    >>> inputs.tolist(), targets.tolist()
    ([[2, 4], [6, 2]], [[4, 5], [2, 7]])
    """

    def __init__(self, tokens: TokenShards, *, batch: int, first: int, least: int = 1) -> None:
        """Cut a corpus.

        Args:
            tokens: the corpus.
            batch: how many streams.
            first: the id that precedes the corpus; EOS, since a corpus begins as a line does.
            least: tokens that each stream must have: the window, where a model is trained.

        Raises:
            ConfigError: a number that is not positive.
            DataError: the corpus is too short.
        """
        for name, value in (("batch", batch), ("least", least)):
            if value < 1:
                raise ConfigError(f"{name} {value}: must be 1 or more")
        self.tokens, self.batch, self.first = tokens, batch, first
        self.length = len(tokens) // batch
        """Tokens of each stream."""
        self.dropped = len(tokens) - self.length * batch
        """Tokens at the end of the corpus that no stream holds."""
        if self.length < least:
            streams = "1 stream" if batch == 1 else f"{batch:,} streams"
            window = "" if least == 1 else f", shorter than a window of {least:,}"
            raise DataError(
                f"a corpus of {len(tokens):,} tokens makes {streams} of {self.length:,}{window}: "
                "give more text, a smaller batch or a shorter window"
            )
        self._ahead = (0, np.zeros((batch, 0), np.int64))  # where it starts, and the ids from there

    def window(self, start: int, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return inputs and targets, each (B, T) int64, of T = min(size, length - start) steps.

        Windows in order are sliced from a block that is read ahead; any other order works too.

        Raises:
            ConfigError: the window is empty or begins outside the streams.
        """
        if size < 1 or not 0 <= start < self.length:
            raise ConfigError(
                f"window of {size} at {start}: expected 1 or more, within {self.length} tokens"
            )
        stop = min(start + size, self.length)
        begin, block = self._ahead
        if start < begin or stop > begin + block.shape[1] - 1:
            begin, block = start, self._read(start, max(stop, start + _AHEAD // self.batch))
            self._ahead = begin, block
        window = torch.from_numpy(block[:, start - begin : stop - begin + 1])
        return window[:, :-1].clone(), window[:, 1:].clone()

    def windows(self, size: int, *, vary: bool, seed: int, epoch: int) -> Windows:
        """Cover the streams with windows, in order.

        Args:
            size: of each but the last.
            vary: as in AWD-LSTM (Merity et al. 2018, section 5): each window is about `size` long
                with a probability of .95, else about half of it, drawn from a normal distribution
                of standard deviation 5, and at least 5; so that the same tokens do not end a
                window in every epoch. The learning rate is to be scaled by its length.
            seed, epoch: of the lengths that vary.

        Raises:
            ConfigError: `size` is not positive.
        """
        if size < 1:
            raise ConfigError(f"window {size}: must be 1 or more")
        if vary:
            ends = self._varied_ends(size, np.random.default_rng([seed, epoch]))
        else:
            ends = np.arange(size, self.length, size, dtype=np.int64)
        return Windows(np.concatenate([[0], ends, [self.length]]))

    def _varied_ends(self, size: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
        ends, at = [], 0
        while at < self.length:
            count = 1 + (self.length - at) // max(_LEAST, size)
            means = np.where(rng.random(count) < _FULL, size, size / 2)
            sizes = np.maximum(rng.normal(means, _SPREAD).astype(np.int64), _LEAST)
            ends.append(at + sizes.cumsum())
            at = int(ends[-1][-1])
        joined = np.concatenate(ends)
        return joined[joined < self.length]

    def _read(self, start: int, stop: int) -> npt.NDArray[np.int64]:
        """Read the tokens from the one before `start` to `stop` of all streams: (B, 1 + T)."""
        stop = min(stop, self.length)
        block = np.empty((self.batch, stop - start + 1), np.int64)
        for row, begin in zip(block, range(0, self.batch * self.length, self.length), strict=True):
            if begin + start:
                row[:] = self.tokens[begin + start - 1 : begin + stop]
            else:
                row[0], row[1:] = self.first, self.tokens[:stop]
        return block
