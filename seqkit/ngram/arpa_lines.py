"""The lines of an ARPA file, in blocks, with their numbers, and what is wrong with a bad one."""

import gzip
import itertools
import lzma
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np
import numpy.typing as npt

from seqkit.errors import DataError
from seqkit.ngram.arpa_scanning import LARGEST, scan_ngrams, slots_for

__all__ = ["ArpaNames", "ArpaSource", "Entries", "read_entries", "shown"]

_BLOCK = 1 << 22
_PIECE = 1 << 16
_LONGEST = 64 << 20
_BLANK = b" \t\r\n"
_NUMBER = re.compile(
    r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf(?:inity)?|nan)", re.IGNORECASE
)


def shown(line: bytes) -> str:
    """Show a line, or its beginning, in a message."""
    return repr(line[:60].decode("utf-8", "backslashreplace"))


class ArpaSource:
    """A file in blocks of whole lines, and a place in it."""

    def __init__(self, stream: IO[bytes], path: str) -> None:
        """Begin before the first line of a stream; `path` is for messages."""
        self._stream, self._path = stream, path
        self._rest = b""
        self.block = b""
        """Whole lines."""
        self.at = 0
        """Where in the block the next line begins."""
        self.line = 1
        """The number of that line, from 1 on."""

    def fault(self, what: str, line: int | None = None) -> DataError:
        """Say what is wrong with a line, the next one unless another is named."""
        return DataError(f"{self._path}:{self.line if line is None else line}: {what}")

    def fill(self) -> bool:
        """Read on if the block is used up; returns whether there is a next line.

        Raises:
            DataError: the file cannot be read, or its compressed form is damaged.
        """
        if self.at < len(self.block):
            return True
        pieces = [self._rest]
        while b"\n" not in pieces[-1]:
            try:
                pieces.append(self._stream.read(_BLOCK))
            except (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error) as error:
                raise self.fault(f"damaged or cut short ({error}): fetch it again") from None
            except OSError as error:
                raise self.fault(f"cannot be read: {error.strerror or error}") from None
            if not pieces[-1]:
                break
            if sum(map(len, pieces)) > _LONGEST + _BLOCK:
                raise self.fault(f"a line of more than {_LONGEST >> 20} MiB: not an ARPA file")
        content = b"".join(pieces)
        if content and not pieces[-1]:
            content += b"\n"  # which the last line lacks
        cut = content.rfind(b"\n") + 1
        self.block, self._rest, self.at = content[:cut], content[cut:], 0
        return bool(self.block)

    def next_line(self) -> bytes | None:
        """Go to the next line that is not blank and return it, stripped; None if there is none."""
        while self.fill():
            line = self.block[self.at : self.block.index(b"\n", self.at)].strip(_BLANK)
            if line:
                return line
            self.skip()
        return None

    def skip(self) -> None:
        """Go past a line."""
        self.at = self.block.index(b"\n", self.at) + 1
        self.line += 1


@dataclass(frozen=True, eq=False)
class ArpaNames:
    """The words of the unigrams as they stand in the file, by id; see `scan_ngrams`."""

    content: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]
    slots: npt.NDArray[np.uint64]

    @classmethod
    def of(cls, names: list[bytes]) -> "ArpaNames":
        """Take the name of each id, empty if it has none."""
        offsets = np.zeros(len(names) + 1, np.int64)
        np.cumsum([len(name) for name in names], out=offsets[1:])
        content = np.frombuffer(b"".join(names) + b"\n", np.uint8)  # never empty
        return cls(content, offsets, slots_for(content, offsets))

    def __contains__(self, name: bytes) -> bool:
        content, ends = self.content.tobytes(), self.offsets.tolist()
        return any(content[i:j] == name for i, j in itertools.pairwise(ends))


# no slots: `scan_ngrams` takes any word
_ANY = ArpaNames(np.frombuffer(b"\n", np.uint8), np.zeros(1, np.int64), np.zeros(0, np.uint64))


@dataclass(frozen=True, eq=False)
class Entries:
    """N-grams of consecutive lines; the arrays are used again for the next ones.

    Attributes:
        line: the number of the first line.
        ids: (n, k) uint32; of unigrams (n, 2), where in the block the word begins and ends.
        log_probs: (n,) float32, in nats.
        backoffs: (n,) float32, in nats.
    """

    line: int
    ids: npt.NDArray[np.uint32]
    log_probs: npt.NDArray[np.float32]
    backoffs: npt.NDArray[np.float32]


def read_entries(
    source: ArpaSource, order: int, sizes: list[int], names: ArpaNames | None
) -> Iterator[Entries]:
    """Read the n-grams of a section, up to the line that begins the next one.

    Args:
        source: the file, behind the header of the section.
        order: of the section.
        sizes: how many n-grams there should be of each order.
        names: the words; None for the section of unigrams.

    Raises:
        DataError: a line is no n-gram of this order, or there are more or fewer than there should.
    """
    known = _ANY if names is None else names
    ids = np.empty((_PIECE, max(order, 2)), np.uint32)
    log_probs, backoffs = np.empty(_PIECE, np.float32), np.empty(_PIECE, np.float32)
    tables = known.content, known.offsets, known.slots
    found = 0
    while source.fill():
        text = np.frombuffer(source.block, np.uint8)
        count, at = scan_ngrams(text, source.at, order, *tables, ids, log_probs, backoffs)
        if order == len(sizes) and (wrong := np.flatnonzero(backoffs[:count])).size:
            what = f"a back-off weight, expected none for {order}-grams, the longest"
            raise source.fault(what, source.line + int(wrong[0]))
        if count:
            yield Entries(source.line, ids[:count], log_probs[:count], backoffs[:count])
        found += count
        stopped = source.line = source.line + count
        source.at = at
        if count < _PIECE and at < len(source.block):
            line = source.next_line()
            if line is not None and line.startswith(b"\\"):
                break
            if line is not None and source.line == stopped:
                raise source.fault(_what_is_wrong(line, order, names))
    declared = sizes[order - 1]
    if source.fill() and found != declared:
        raise source.fault(f"{found} {order}-grams before this line, but {declared} are declared")


def _what_is_wrong(line: bytes, order: int, names: ArpaNames | None) -> str:
    """Say why a line was not read as an n-gram."""
    try:
        first, *rest = re.split(r"[ \t]+", line.decode())
    except UnicodeDecodeError as error:
        return f"invalid UTF-8: {error.reason} at byte {error.start} of the line"
    if not _NUMBER.fullmatch(first):
        return f"{first[:40]!r} is not a number, expected the log10 of a probability"
    log_prob = float(first)
    if np.isnan(log_prob):
        return "the log-probability is NaN"
    if log_prob > 0:
        return f"the log-probability {first[:40]} is positive, expected 0 or less"
    words, weights = rest[:order], rest[order:]
    if len(words) < order or len(weights) > 1:
        expected = f"{order} word{'s' * (order > 1)}"
        return f"{len(rest)} fields after the number, expected {expected} and perhaps a back-off"
    unknown = [word for word in words if names is not None and word.encode() not in names]
    if unknown:
        return f"the word {unknown[0][:40]!r} is not among the 1-grams"
    if weights and not _NUMBER.fullmatch(weights[0]):
        return f"the back-off {weights[0][:40]!r} is not a number"
    if weights and not float(weights[0]) < LARGEST:
        return f"the back-off is {weights[0]}, expected a finite number"
    return f"no n-gram as it should be: {shown(line)}"
