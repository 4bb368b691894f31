"""An n-gram model in few bytes, in memory or mapped from disk."""

import mmap
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from seqkit.compiled import fixed
from seqkit.errors import ConfigError, DataError
from seqkit.files import atomic_write, refuse_full_disk
from seqkit.ngram.coding import Coding
from seqkit.ngram.frame import FORMAT, Frame, check_header
from seqkit.ngram.levels import Levels, NgramTable
from seqkit.ngram.packing import pieces
from seqkit.ngram.querying import fill_distributions, score_ids, unpack_level, unpack_unigrams
from seqkit.threads import thread_count

__all__ = ["PackedTrie"]

_QUANTIZE = (None, 8, 4)
_THREADED = 1 << 15  # ids that a thread is worth starting for
_COPIED = 1 << 19  # words at a time, whole pages
_NO_IDS = np.zeros(0, np.uint32)


class PackedTrie:
    """The n-grams of a model with their log-probabilities and back-off weights.

    Up to rounding it says what the table says: log-probabilities and weights are less than 1e-6
    nats off, unless they are quantised. It may be read by several threads at once.
    """

    def __init__(self, data: npt.NDArray[np.uint64], layout: Mapping[str, Any]) -> None:
        """Take the array and what is to be known of it; see `pack` and `open`."""
        self.layout = dict(layout)
        self.frame = _frame(layout)
        self.data = fixed(data)
        self.unseen_context = float(layout["unseen_context"])
        self.arrays = (self.data, *self.frame.arrays(), self.unseen_context)

    @classmethod
    def pack(
        cls,
        table: NgramTable,
        *,
        quantize: int | None = None,
        path: str | os.PathLike[str] | None = None,
    ) -> "PackedTrie":
        """Pack a model.

        Args:
            table: a model whose n-grams have all their prefixes and suffixes among them.
            quantize: bits of a log-probability and of a back-off weight from order 2 on, 8 or 4:
                each order and kind has so many values as codes differ (see `Coding.book`).
            path: a new file to which the model goes, piece by piece; otherwise it is in memory.

        Raises:
            ConfigError: another number of bits.
            DataError: the disk is full; nothing is left of the file.
        """
        if quantize not in _QUANTIZE:
            raise ConfigError(f"quantize {quantize!r}: choose from 8, 4 (bits), or leave it out")
        codings = []
        for k in range(1, table.levels.order):
            last = k + 1 == table.levels.order
            kinds = [table.log_probs[k]] if last else [table.log_probs[k], table.backoffs[k]]
            found = [Coding.book(v, quantize) if quantize else Coding.linear(v) for v in kinds]
            codings.append([*found, Coding(0, (0.0, 0.0))][:2])
        layout = {
            "format": FORMAT,
            "sizes": table.levels.sizes,
            "unseen_context": table.unseen_context,
            "quantize": quantize,
            "codings": [[coding.to_json() for coding in pair] for pair in codings],
        }
        frame = _frame(layout)
        if path is not None:
            _write(Path(path), pieces(table, frame), 8 * frame.words)
            return cls.open(path, layout)
        data, at = np.empty(frame.words, np.uint64), 0
        for piece in pieces(table, frame):
            data[at : at + len(piece)] = piece
            at += len(piece)
        return cls(data, layout)

    @classmethod
    def open(cls, path: str | os.PathLike[str], layout: Mapping[str, Any]) -> "PackedTrie":
        """Map a file that `pack` wrote; what is read of it is read when a query needs it.

        Args:
            layout: `layout` of the trie that was packed.

        Raises:
            DataError: the file is missing, cut short, of another tool or of a newer seqkit, or the
                layout is not that of this file.
        """
        path = Path(path)
        try:
            frame = _frame(layout)
            size = path.stat().st_size
            if size != 8 * frame.words:
                raise DataError(
                    f"{size} bytes, expected {8 * frame.words}: truncated, or of another model"
                )
            data = np.memmap(path, "<u8", mode="r")
            check_header(data)
        except OSError as error:
            raise DataError(f"{path}: {error.strerror or error}: train anew") from None
        except DataError as error:
            raise DataError(f"{path}: {error}") from None
        return cls(data, layout)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the model to a file that `open` maps.

        Raises:
            DataError: the disk is full; nothing is left of the file.
        """
        _write(Path(path), self._passing(), self.data.nbytes)

    def _passing(self) -> Iterator[npt.NDArray[np.uint64]]:
        """Yield the data piece by piece, and let go of what lies on disk: it is read once."""
        mapped: Any = self.data
        while isinstance(mapped, np.ndarray):
            mapped = mapped.base
        for start in range(0, len(self.data), _COPIED):
            yield self.data[start : start + _COPIED]
            if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
                size = min(8 * _COPIED, len(mapped) - 8 * start)
                mapped.madvise(mmap.MADV_DONTNEED, 8 * start, size)

    @property
    def order(self) -> int:
        """N, the length of the longest n-grams."""
        return len(self.frame.sizes)

    @property
    def vocabulary(self) -> int:
        """V, the number of ids."""
        return self.frame.sizes[0]

    def score(
        self, ids: npt.ArrayLike, context: Sequence[int] | npt.NDArray[np.uint32] = ()
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]:
        """Look up each id of a text after those before it in its line.

        A long text is shared among threads (see `thread_count`).

        Args:
            ids: (n,) uint32, lines that end with EOS; what follows EOS begins a line.
            context: the ids before them in their line, of which the last N - 1 count, BOS first
                where the line begins within these; none where a line begins with `ids`.

        Returns:
            Natural log-probabilities, float32 (n,), and the lengths of the n-grams that were found,
            uint8 (n,): N where nothing was backed off.

        Raises:
            ConfigError: an id that the model does not have.
        """
        ids = np.ascontiguousarray(ids, np.uint32)
        if not ids.flags.writeable:  # of another type, for which the loop would be compiled anew
            ids = ids.copy()
        before = np.array(context, np.uint32) if len(context) else _NO_IDS
        log_probs, matched = np.empty(len(ids), np.float32), np.empty(len(ids), np.uint8)
        if len(ids) <= _THREADED or thread_count() == 1:
            self._check(score_ids(*self.arrays, ids, before, log_probs, matched))
            return log_probs, matched

        def work(at: int) -> None:
            part = slice(at, at + _THREADED)
            known = ids[at - 8 : at] if at else before  # eight are enough for any order
            self._check(score_ids(*self.arrays, ids[part], known, log_probs[part], matched[part]))

        with ThreadPoolExecutor(thread_count()) as pool:
            list(pool.map(work, range(0, len(ids), _THREADED)))
        return log_probs, matched

    def distribution(self, contexts: npt.NDArray[np.uint32]) -> npt.NDArray[np.float32]:
        """Return the log-probability of every id after each context.

        Args:
            contexts: (B, N - 1) uint32, the last words of a line from its BOS on, PAD on the left
                where there are fewer.

        Returns:
            Natural log-probabilities, float32 (B, V); -inf for PAD and BOS.

        Raises:
            ConfigError: an id that the model does not have.
        """
        contexts = np.array(contexts, np.uint32, order="C")
        log_probs = np.empty((len(contexts), self.vocabulary), np.float32)
        self._check(fill_distributions(*self.arrays, contexts, log_probs))
        return log_probs

    def table(self) -> NgramTable:
        """Unpack the model."""
        data, shape, codes, unseen_context = self.arrays
        sizes, last = self.frame.sizes, self.order - 1
        words = [np.arange(self.vocabulary, dtype=np.uint32)]
        words += [np.empty(size, np.uint32) for size in sizes[1:]]
        log_probs = [np.empty(size, np.float32) for size in sizes]
        backoffs = [np.empty(size, np.float32) for size in sizes]
        starts = [np.empty(size + 1, np.uint32) for size in sizes]
        unpack_unigrams(data, shape, log_probs[0], backoffs[0], starts[0])
        for k in range(1, self.order):
            inner = slice(None if k < last else 0)
            of_contexts = backoffs[k][inner], starts[k][inner]
            unpack_level(data, shape, codes, k, words[k], log_probs[k], *of_contexts)
        levels = Levels(words, starts[:last])
        return NgramTable(levels, log_probs, backoffs[:last], unseen_context)

    def _check(self, unknown: int) -> None:
        if unknown >= 0:
            raise ConfigError(
                f"id {unknown}: this model has the ids 0 to {self.vocabulary - 1}: use those of "
                "its own vocabulary"
            )


def _frame(layout: Mapping[str, Any]) -> Frame:
    try:
        if layout["format"] > FORMAT:
            raise DataError(f"packed by a newer seqkit (format {layout['format']}): upgrade seqkit")
        codings = [tuple(map(Coding.from_json, pair)) for pair in layout["codings"]]
        return Frame.build(list(map(int, layout["sizes"])), codings)
    except (KeyError, TypeError) as error:
        raise DataError(f"the layout is damaged ({error}): train anew") from None


def _write(path: Path, parts: Iterable[npt.NDArray[np.uint64]], size: int) -> None:
    remedy = f"what was written is removed; free {size / 1e6:.1f} MB there, or give another folder"
    with refuse_full_disk(path.parent, remedy), atomic_write(path) as handle:
        for part in parts:
            handle.write(part.data)
