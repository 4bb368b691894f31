"""Where everything lies in a packed trie.

A trie is one array of little-endian uint64:

- two words of header: the magic number with the format, and the length of the array;
- the unigrams, two words for each id and two that close them: log-probability and back-off weight
  as float32, then the start of the children;
- for each order k from 2 on the records, all of the same number of bits, lowest bit first and one
  directly behind the other: word | log-probability | back-off weight | start of the children.
  The highest order has neither of the last two. Below it one more record closes the level, so that
  the children of a record end where those of the next one start. Each level begins at a whole word;
- two words of zeros, so that two can be read at any record, the one behind the last included.

All that belongs to an n-gram stands in one place: a query of a large model waits for memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seqkit.errors import DataError
from seqkit.ngram.coding import Coding

__all__ = ["FORMAT", "Frame", "LevelFrame", "check_header"]

FORMAT = 1
"""Version of this layout."""

_HEADER = 2  # words before the unigrams
_PADDING = 2  # words behind the last level
_MAGIC = int.from_bytes(b"seqtrie\0", "little")  # its highest byte is that of the format


@dataclass(frozen=True)
class LevelFrame:
    """Where the records of one order from 2 on lie, and the bits of their fields.

    Attributes:
        first: word of the array at which the level begins.
        records: how many there are, with the one that closes the level.
        word_bits: width of the id of the last word.
        start_bits: width of the start of the children, 0 in the highest order.
        log_prob: how log-probabilities are coded.
        backoff: how back-off weights are coded, in 0 bits in the highest order.
    """

    first: int
    records: int
    word_bits: int
    start_bits: int
    log_prob: Coding
    backoff: Coding

    @property
    def widths(self) -> tuple[int, int, int, int]:
        """Bits of the four fields of a record."""
        return self.word_bits, self.log_prob.bits, self.backoff.bits, self.start_bits

    @property
    def size(self) -> int:
        """Bits of a record."""
        return sum(self.widths)

    @property
    def end(self) -> int:
        """Word of the array at which the next level begins."""
        return self.first + -(-self.records * self.size // 64)


@dataclass(frozen=True)
class Frame:
    """Where each level of a packed trie lies.

    Attributes:
        sizes: n-grams of each order.
        levels: the orders from 2 on.
    """

    sizes: Sequence[int]
    levels: Sequence[LevelFrame]

    @classmethod
    def build(cls, sizes: Sequence[int], codings: Sequence[tuple[Coding, Coding]]) -> "Frame":
        """Lay the levels out one behind the other.

        Args:
            sizes: n-grams of each order.
            codings: for each order from 2 on, of log-probabilities and of back-off weights.
        """
        levels: list[LevelFrame] = []
        end = _HEADER + 2 * (sizes[0] + 1)
        for k, (log_prob, backoff) in enumerate(codings, 1):
            closed = k + 1 < len(sizes)
            levels.append(
                LevelFrame(
                    first=end,
                    records=sizes[k] + closed,
                    word_bits=max(1, (sizes[0] - 1).bit_length()),
                    start_bits=max(1, sizes[k + 1].bit_length()) if closed else 0,
                    log_prob=log_prob,
                    backoff=backoff,
                )
            )
            end = levels[-1].end
        return cls(sizes, levels)

    @property
    def words(self) -> int:
        """Length of the array."""
        last = self.levels[-1].end if self.levels else _HEADER + 2 * (self.sizes[0] + 1)
        return last + _PADDING

    @property
    def padding(self) -> npt.NDArray[np.uint64]:
        """The last words of the array."""
        return np.zeros(_PADDING, "<u8")

    @property
    def header(self) -> npt.NDArray[np.uint64]:
        """The first words of the array."""
        return np.array([_MAGIC + (FORMAT << 56), self.words], dtype="<u8")

    def arrays(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Return what the loops of `querying` need to know: `shape` and `codes`, read-only.

        Row 0 of `shape` is that of the unigrams: their first word and their number. Row k is that
        of the (k+1)-grams: first bit, bits of a record, of the word, the log-probability, the
        back-off weight and the start; first places in `codes` of the numbers that decode the two,
        and whether these are codebooks. The last number of each row is the size of the next order.
        """
        shape = np.zeros((len(self.sizes), 10), np.int64)
        shape[0, :2] = _HEADER, self.sizes[0]
        codes: list[float] = []
        for row, level in zip(shape[1:], self.levels, strict=True):
            at = len(codes), len(codes) + len(level.log_prob.numbers)
            codes += [*level.log_prob.numbers, *level.backoff.numbers]
            row[:9] = 64 * level.first, level.size, *level.widths, *at, level.log_prob.is_book
        shape[:-1, 9] = self.sizes[1:]
        numbers = np.array(codes, np.float64)
        shape.flags.writeable = numbers.flags.writeable = False
        return shape, numbers


def check_header(data: npt.NDArray[np.uint64]) -> None:
    """Refuse an array that is not a packed trie.

    Raises:
        DataError: it is of another tool, or of a newer seqkit.
    """
    magic, words = int(data[0]), int(data[1])
    if magic & ~(0xFF << 56) != _MAGIC or words != len(data):
        raise DataError("not the n-grams of a seqkit model: give the file that training wrote")
    if magic >> 56 > FORMAT:
        raise DataError(f"packed by a newer seqkit (format {magic >> 56}): upgrade seqkit")
