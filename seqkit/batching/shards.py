"""Token ids of a whole corpus in files, so that a corpus may be larger than memory.

A folder holds `tokens-00000.bin` and so on, which are ids back to back without a header, unsigned
and little endian, of 16 bits where the vocabulary allows it and of 32 bits otherwise; and
`tokens.json`, which says how many are in each. It is written last: without it there is nothing.

The files are memory-mapped: their pages are the system's to keep or to let go, and no memory of the
process.
"""

import functools
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from seqkit.errors import ConfigError, DataError
from seqkit.files import atomic_write, read_json, sha256, write_json

__all__ = ["TokenShards", "write_shards"]

_FORMAT = 1
_INDEX = "tokens.json"
_DTYPES = {"uint16": np.dtype("<u2"), "uint32": np.dtype("<u4")}
_BLOCK = 1 << 16  # ids turned into one array at a time


class _Shard(Protocol):
    tokens: int

    def read(self, start: int, stop: int) -> npt.NDArray[np.int64]: ...


@dataclass(frozen=True, eq=False)
class _File:
    path: Path
    tokens: int
    sha256: str
    dtype: np.dtype[Any]

    def read(self, start: int, stop: int) -> npt.NDArray[np.int64]:
        return self._ids[start:stop].astype(np.int64)

    @functools.cached_property
    def _ids(self) -> npt.NDArray[Any]:
        try:
            mapped = np.memmap(self.path, self.dtype, mode="r", shape=(self.tokens,))
        except OSError as error:
            raise DataError(f"{self.path}: {error.strerror or error}: encode it again") from None
        except ValueError:
            said = f"{self.path}: shorter than it was when opened: encode it again"
            raise DataError(said) from None
        return mapped.view(np.ndarray)  # whose slices cost a tenth


@dataclass(frozen=True)
class _Array:
    ids: npt.NDArray[np.int64]

    @property
    def tokens(self) -> int:
        return len(self.ids)

    def read(self, start: int, stop: int) -> npt.NDArray[np.int64]:
        return self.ids[start:stop].copy()


class TokenShards:
    """The ids of a corpus, one after the other, from maps of their files.

    >>> tokens = TokenShards.from_array([4, 5, 2, 6, 2])
    >>> len(tokens), tokens[1:4]
    (5, array([5, 2, 6]))
    """

    def __init__(self, shards: Sequence[_Shard], fingerprint: str) -> None:
        """Join shards; see `open` and `from_array`."""
        self._shards = shards
        self._starts = np.cumsum([0, *(shard.tokens for shard in shards)])
        self._fingerprint = fingerprint

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> "TokenShards":
        """Open what `write_shards` wrote, reading no ids yet.

        Raises:
            DataError: the folder is not whole, not ours, of a newer seqkit, or a file has changed
                its size.
        """
        shards, fingerprint = _read_index(Path(folder) / _INDEX)
        for shard in shards:
            wanted = shard.tokens * shard.dtype.itemsize
            found = shard.path.stat().st_size if shard.path.is_file() else None
            if found != wanted:
                what = "no such file" if found is None else f"{found:,} bytes, expected {wanted:,}"
                raise DataError(f"{shard.path}: {what}: encode the text again")
        return cls(shards, fingerprint)

    @classmethod
    def from_array(cls, ids: npt.ArrayLike) -> "TokenShards":
        """Hold ids in memory under the same interface, for small texts."""
        kept = np.array(ids, dtype=np.int64)
        digest = hashlib.sha256(kept.astype(_DTYPES["uint32"]).tobytes())
        return cls([_Array(kept)], digest.hexdigest())

    def __len__(self) -> int:
        """Return the number of tokens."""
        return int(self._starts[-1])

    def __getitem__(self, index: slice) -> npt.NDArray[np.int64]:
        """Return the ids of a slice without a step, as an int64 array of its own.

        Raises:
            ConfigError: the slice has a step.
            DataError: a file is gone or was cut short before the first of it was read.
        """
        start, stop, step = index.indices(len(self))
        if step != 1:
            raise ConfigError(f"tokens[::{step}]: a slice of tokens has no step")
        first = int(np.searchsorted(self._starts, start, side="right")) - 1
        parts = []
        while start < stop:
            shard, begin = self._shards[first], int(self._starts[first])
            end = min(stop, begin + shard.tokens)
            parts.append(shard.read(start - begin, end - begin))
            start, first = end, first + 1
        return parts[0] if len(parts) == 1 else np.concatenate([np.zeros(0, np.int64), *parts])

    def fingerprint(self) -> str:
        """Return the sha256 of the ids, as 64 hexadecimal digits, however they are cut up."""
        return self._fingerprint

    def verify(self) -> None:
        """Read the files and compare them with the hashes that were taken when writing.

        Raises:
            DataError: a file has changed.
        """
        for shard in self._shards:
            if isinstance(shard, _File) and sha256(shard.path) != shard.sha256:
                raise DataError(f"{shard.path}: changed since it was written: encode it again")


def write_shards(
    folder: str | os.PathLike[str],
    sequences: Iterable[Sequence[int]],
    *,
    vocabulary: int,
    shard_tokens: int = 1 << 24,
) -> TokenShards:
    """Write ids to a folder, holding no more than about 65,536 of them and one sequence.

    Args:
        folder: made if need be; shards that lie in it already are replaced.
        sequences: ids of one line each, its EOS included where it should have one.
        vocabulary: every id is less than it.
        shard_tokens: tokens of each file but the last.

    Raises:
        ConfigError: a limit that is not positive.
        DataError: an id outside the vocabulary; a sequence's own errors. Nothing is left then.
    """
    for name, value in (("vocabulary", vocabulary), ("shard_tokens", shard_tokens)):
        if value < 1:
            raise ConfigError(f"{name} {value}: must be 1 or more")
    folder = Path(folder)
    name = "uint16" if vocabulary <= 1 << 16 else "uint32"
    whole = hashlib.sha256()
    shards = []
    _clear(folder)
    try:
        pieces = _pieces(_blocks(sequences, vocabulary), shard_tokens)
        for number, group in groupby(pieces, key=lambda piece: piece[0]):
            path = folder / f"tokens-{number:05}.bin"
            tokens, digest = 0, hashlib.sha256()
            with atomic_write(path) as handle:
                for _, ids in group:
                    content = ids.astype(_DTYPES[name]).tobytes()
                    handle.write(content)
                    digest.update(content)
                    whole.update(ids.astype(_DTYPES["uint32"]).tobytes())
                    tokens += len(ids)
            shards.append({"file": path.name, "tokens": tokens, "sha256": digest.hexdigest()})
    except BaseException:
        _clear(folder)
        raise
    index = {"format": _FORMAT, "dtype": name, "vocabulary": vocabulary}
    write_json(folder / _INDEX, {**index, "fingerprint": whole.hexdigest(), "shards": shards})
    return TokenShards.open(folder)


def _clear(folder: Path) -> None:
    """Remove the shards of a folder, what makes them valid first, and what a killed writer left."""
    shards = [*folder.glob("tokens-*.bin"), *folder.glob(".tokens-*.bin.*.tmp")]
    for path in (folder / _INDEX, *shards):
        path.unlink(missing_ok=True)


def _blocks(sequences: Iterable[Sequence[int]], vocabulary: int) -> Iterator[npt.NDArray[np.int64]]:
    """Gather sequences into arrays of about `_BLOCK` ids."""
    waiting: list[Sequence[int]] = []
    count = 0
    for sequence in chain(sequences, [None]):
        if sequence is not None:
            waiting.append(sequence)
            count += len(sequence)
        if count and (sequence is None or count >= _BLOCK):
            ids = np.fromiter(chain.from_iterable(waiting), np.int64, count)
            for wrong in (int(ids.min()), int(ids.max())):
                if not 0 <= wrong < vocabulary:
                    raise DataError(
                        f"id {wrong}: the vocabulary has the ids 0 to {vocabulary - 1}: the text "
                        "was encoded with another one"
                    )
            yield ids
            waiting, count = [], 0


def _pieces(
    blocks: Iterable[npt.NDArray[np.int64]], size: int
) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    """Cut blocks where a shard ends; yield each piece with the number of its shard."""
    at = 0
    for block in blocks:
        start = 0
        while start < len(block):
            stop = min(len(block), start + size - at % size)
            yield at // size, block[start:stop]
            at += stop - start
            start = stop


def _read_index(path: Path) -> tuple[list[_File], str]:
    """Return the files that an index names, and the fingerprint of all ids."""
    try:
        index = read_json(path)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file: the tokens were not written to the end") from None
    except ValueError as error:
        raise DataError(f"{path}: not JSON ({error}): encode the text again") from None
    try:
        if index["format"] > _FORMAT:
            raise DataError(
                f"{path}: format {index['format']} is newer than {_FORMAT}: update seqkit"
            )
        dtype = _DTYPES[index["dtype"]]
        files = [
            _File(path.parent / each["file"], each["tokens"], each["sha256"], dtype)
            for each in index["shards"]
        ]
        return files, index["fingerprint"]
    except (KeyError, TypeError):
        raise DataError(f"{path}: not an index of token shards: encode the text again") from None
