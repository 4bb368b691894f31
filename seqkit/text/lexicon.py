"""The words of a vocabulary in arrays: mapped from a file at once, looked up without a dict.

The file: 32 bytes of header (magic, format number, words, slots, bytes of all words), then the
table, the offsets and the bytes of the words; see `seqkit.text.scanning`. Little endian.
"""

import itertools
import os
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, SupportsIndex

import numpy as np
import numpy.typing as npt

from seqkit.errors import ConfigError, DataError
from seqkit.files import atomic_write
from seqkit.text import Vocab
from seqkit.text.scanning import (
    ASCII_SPACE,
    UNICODE_SPACE,
    encode_text,
    fill_table,
    find_word,
    words_with_prefix,
)

__all__ = ["Encoded", "Lexicon", "cut_words"]

_MAGIC, _FORMAT = b"skwords\n", 1
_HEADER = struct.Struct("<8sIIQQ")
_FIRST = len(Vocab.SPECIALS)


class Encoded(NamedTuple):
    """The lines of a text as ids."""

    ids: npt.NDArray[np.uint32]
    """(N,) those of each line, then EOS."""
    characters: npt.NDArray[np.int64]
    """(lines,) code points of each line with single spaces, its end counted as one more."""
    bytes: npt.NDArray[np.int64]
    """(lines,) the same in bytes of UTF-8."""


class Lexicon:
    r"""Words and their ids, those of a `Vocab` of the same words in the same order.

    >>> lexicon = Lexicon.from_words(["the", "cat"])
    >>> lexicon.encode(b"the cat\n the dog \n").ids.tolist()
    [4, 5, 2, 4, 3, 2]
    """

    def __init__(
        self,
        table: npt.NDArray[np.uint64],
        offsets: npt.NDArray[np.int64],
        blob: npt.NDArray[np.uint8],
    ) -> None:
        """Take the arrays; see `from_words` and `open`, which make them."""
        for array in (table, offsets, blob):
            array.flags.writeable = False  # one type for the compiled loops
        self.arrays = table, offsets, blob

    @classmethod
    def from_words(cls, words: Sequence[str]) -> "Lexicon":
        """Give each word the next id, from 4 on.

        Raises:
            DataError: if a word comes twice.
        """
        content = [word.encode("utf-8", "surrogatepass") for word in words]
        offsets = np.zeros(len(content) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, content), np.int64, len(content)), out=offsets[1:])
        blob = np.frombuffer(bytearray(b"".join(content)), np.uint8)
        table = np.zeros(1 << (2 * len(content)).bit_length(), np.uint64)
        repeated = fill_table(table, offsets, blob, len(content))
        if repeated >= 0:
            raise DataError(f"lexicon: the word {words[repeated]!r} comes twice, expected once")
        return cls(table, offsets, blob)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the one file that `open` maps, atomically."""
        table, offsets, blob = self.arrays
        header = _HEADER.pack(_MAGIC, _FORMAT, len(offsets) - 1, len(table), len(blob))
        with atomic_write(path) as handle:
            for part in (header, table, offsets, blob):
                handle.write(part)

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> "Lexicon":
        """Map what `write` wrote, reading none of it yet but the header.

        Raises:
            DataError: the file is no lexicon, cut short, damaged in its header, or of a newer
                seqkit.
        """
        path = Path(path)
        if not path.is_file():
            raise DataError(f"{path}: no such file: restore it, or train the model again")
        with open(path, "rb") as handle:
            header = handle.read(_HEADER.size)
        if len(header) < _HEADER.size or not header.startswith(_MAGIC):
            raise DataError(f"{path}: not a lexicon of seqkit: restore it, or train again")
        _, found, words, slots, length = _HEADER.unpack(header)
        if found > _FORMAT:
            raise DataError(f"{path}: format {found} is newer than {_FORMAT}: update seqkit")
        wanted = _HEADER.size + 8 * slots + 8 * (words + 1) + length
        size = path.stat().st_size
        if size != wanted or slots & (slots - 1) or slots <= words:
            raise DataError(
                f"{path}: {size:,} bytes, expected {wanted:,} for {words:,} words: it is damaged: "
                "restore it, or train again"
            )
        content = np.memmap(path, np.uint8, mode="r").view(np.ndarray)
        parts = np.cumsum([_HEADER.size, 8 * slots, 8 * (words + 1)])
        _, table, offsets, blob = np.split(content, parts)
        return cls(table.view(np.uint64), offsets.view(np.int64), blob)

    def __len__(self) -> int:
        """Return V, the number of ids, the four specials included."""
        return len(self.arrays[1]) - 1 + _FIRST

    def id(self, word: str) -> int:
        """Return the id of a word, UNK if it is not in the lexicon."""
        found: int = find_word(word.encode("utf-8", "surrogatepass"), *self.arrays)
        return found

    def word(self, id: SupportsIndex) -> str:
        """Return the word of an id; a special as `Vocab` shows it.

        Raises:
            IndexError: if there is no such id.
        """
        index = id.__index__()
        if not 0 <= index < len(self):
            raise IndexError(f"id {index}: this lexicon has the ids 0 to {len(self) - 1}")
        if index < _FIRST:
            return Vocab.SPECIALS[index]
        _, offsets, blob = self.arrays
        start, stop = offsets[index - _FIRST : index - _FIRST + 2].tolist()
        return blob[start:stop].tobytes().decode("utf-8", "surrogatepass")

    def words(self) -> list[str]:
        """Make the list of all words, in the order of their ids, without the specials."""
        return cut_words(self.arrays[2], self.arrays[1])

    def with_prefix(self, prefix: str) -> npt.NDArray[np.uint32]:
        """Return the ids of the words that begin so, ascending, as an array (n,) uint32."""
        _, offsets, blob = self.arrays
        ids = np.empty(len(offsets) - 1, np.uint32)
        count = words_with_prefix(prefix.encode("utf-8", "surrogatepass"), offsets, blob, ids)
        return ids[:count].copy()

    def encode(self, text: bytes, *, ascii: bool = False) -> Encoded:
        """Return the ids of the words of lines, cut as `str.split` cuts them.

        Args:
            text: UTF-8 (lone surrogates as three bytes each); every line ends with a line feed.
            ascii: cut at white space of ASCII alone.

        Raises:
            ConfigError: the last line has no end.
        """
        if text and text[-1] != 10:
            raise ConfigError(f"text that ends with {text[-20:]!r}: every line ends with '\\n'")
        lines = text.count(b"\n")
        ids = np.empty(len(text) // 2 + lines, np.uint32)  # a word has a byte and a space behind it
        sizes = np.empty((2, lines), np.int64)
        kinds = ASCII_SPACE if ascii else UNICODE_SPACE
        count = encode_text(text, *self.arrays, kinds, ids, sizes)
        return Encoded(ids[:count], sizes[0], sizes[1])


def cut_words(blob: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> list[str]:
    """Return the words that lie back to back in an array of bytes."""
    content, at = blob.tobytes(), offsets.tolist()
    return [
        content[start:stop].decode("utf-8", "surrogatepass")
        for start, stop in itertools.pairwise(at)
    ]
