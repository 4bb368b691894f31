"""Documents as bags of words, in files that are mapped: how often each word is in each document."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from seqkit.errors import DataError
from seqkit.files import refuse_full_disk

__all__ = ["Bags", "choose_bag_words", "select_bags", "word_counts", "write_bags"]

_BLOCK = 4096  # documents that are held at a time
_ROOM = "free some space: bags take 8 bytes for each distinct word of each document"


@dataclass(frozen=True, eq=False)
class Bags:
    """Bags of words, a document after the other; numbers stay on disk."""

    words: Sequence[str]
    """(V,), by their ids."""
    ids: npt.NDArray[np.int32]
    """(N,) the words of the first document, in the order in which it has them, then the next."""
    counts: npt.NDArray[np.int32]
    """(N,) how often the document has the word."""
    starts: npt.NDArray[np.int64]
    """(D + 1,) where in `ids` each document begins, and the end."""

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, row: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Return the ids and counts of one document, each (n,)."""
        start, stop = self.starts[row], self.starts[row + 1]
        return self.ids[start:stop], self.counts[start:stop]

    def __iter__(self) -> Iterator[tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]]:
        """Yield the ids and counts of each document."""
        return map(self.__getitem__, range(len(self)))


def write_bags(documents: Iterable[Sequence[str]], folder: Path, *, name: str = "bags") -> Bags:
    """Write the bags of tokenised documents; memory holds the distinct words.

    Args:
        documents: the tokens of each; read once. One without tokens is an empty bag.
        folder: for the two files, which stay as long as the bags are used.
        name: what the files are called.

    Raises:
        DataError: the disk is full.
    """
    numbers: dict[str, int] = {}

    def numbered() -> Iterator[tuple[Sequence[int], Sequence[int]]]:
        for tokens in documents:
            bag = Counter(tokens)
            yield [numbers.setdefault(word, len(numbers)) for word in bag], [*bag.values()]

    ids, counts, starts = _write(numbered(), folder, name)
    return Bags([*numbers], ids, counts, starts)


def word_counts(
    bags: Bags, rows: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return in how many of the documents `rows` each word is, and how often in all: (V,), (V,)."""
    size = len(bags.words)
    documents, times = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for start in range(0, len(rows), _BLOCK):
        block = [bags[row] for row in rows[start : start + _BLOCK].tolist()]
        ids = np.concatenate([ids for ids, _ in block])
        counts = np.concatenate([counts for _, counts in block])
        documents += np.bincount(ids, minlength=size)
        times += np.bincount(ids, counts, size).astype(np.int64)  # exact: doubles hold 2**53
    return documents, times


def choose_bag_words(
    bags: Bags,
    rows: npt.NDArray[np.int64],
    *,
    min_documents: int = 5,
    max_share: float = 0.5,
    max_vocab: int | None = None,
    keep: Callable[[str], bool] = lambda word: True,
) -> list[int]:
    """Return the ids of the words that tell documents apart: the most frequent first.

    Words of one frequency are in the order of their spelling.

    Args:
        bags: the documents.
        rows: those of them that are counted.
        min_documents: words in fewer documents are left out.
        max_share: words in a larger share of the documents are left out.
        max_vocab: no more words than this.
        keep: says of a word whether it may stay.

    Raises:
        DataError: fewer than two words are left.
    """
    documents, times = word_counts(bags, rows)
    most = max_share * len(rows)
    found = np.flatnonzero((documents >= min_documents) & (documents <= most)).tolist()
    found = [id for id in found if keep(bags.words[id])]
    if len(found) < 2:
        left = "no word is left" if not found else "one word is left, two are needed"
        raise DataError(
            f"{left}: documents: {len(rows):,}, distinct words: {int((documents > 0).sum()):,}; "
            f"those in fewer than {min_documents} documents, in more than {max_share:.0%} of them, "
            "stop words and the like are left out: lower min_documents, raise max_share, or give "
            "more documents"
        )
    found.sort(key=lambda id: (-times[id], bags.words[id]))
    return found[:max_vocab]


def select_bags(
    bags: Bags, rows: npt.NDArray[np.int64], words: Sequence[int], folder: Path, *, name: str
) -> tuple[Bags, npt.NDArray[np.int64]]:
    """Write some of the documents again, with some of the words, which are numbered anew.

    Args:
        bags: the documents.
        rows: of those that are wanted.
        words: ids of the words that stay, in their new order.
        folder: for the files.
        name: what they are called.

    Returns:
        The bags that have a word left, and their rows in the old ones, (D,).

    Raises:
        DataError: the disk is full.
    """
    numbers = np.full(len(bags.words), -1, np.int32)
    numbers[list(words)] = np.arange(len(words))
    kept = array("q")

    def renumbered() -> Iterator[tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]]:
        for row in rows.tolist():
            ids, counts = bags[row]
            ids = numbers[ids]
            stays = ids >= 0
            if stays.any():
                kept.append(row)
                yield ids[stays], counts[stays]

    ids, counts, starts = _write(renumbered(), folder, name)
    spelled = [bags.words[id] for id in words]
    return Bags(spelled, ids, counts, starts), np.array(kept, np.int64)


def _write(
    documents: Iterable[tuple[Sequence[int], Sequence[int]]] | Iterable[tuple[np.ndarray, ...]],
    folder: Path,
    name: str,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Write the ids and counts of documents, and map them."""
    paths = [folder / f"{name}-ids.bin", folder / f"{name}-counts.bin"]
    ends = array("q", [0])
    with (
        refuse_full_disk(folder, _ROOM),
        open(paths[0], "wb") as id_file,
        open(paths[1], "wb") as count_file,
    ):
        for ids, counts in documents:
            id_file.write(np.asarray(ids, "<i4").tobytes())
            count_file.write(np.asarray(counts, "<i4").tobytes())
            ends.append(ends[-1] + len(ids))
    ids, counts = (  # plain arrays over the files: slices of a memmap take ten times as long
        np.asarray(np.memmap(path, "<i4", "r")) if ends[-1] else np.zeros(0, np.int32)
        for path in paths
    )
    return ids, counts, np.array(ends, np.int64)
