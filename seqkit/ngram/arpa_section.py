"""Read a section of an ARPA file, of bigrams or longer n-grams, into a level of a model."""

from bisect import bisect_right

import numpy as np
import numpy.typing as npt

from seqkit.ngram.arpa_lines import ArpaNames, ArpaSource, read_entries
from seqkit.ngram.table_builder import TableBuilder
from seqkit.text import Vocab

__all__ = ["read_section"]

_ORPHAN, _USELESS = -1, -2  # keys: the prefix is missing; no line asks for it


def read_section(
    source: ArpaSource, order: int, sizes: list[int], names: ArpaNames, builder: TableBuilder
) -> int:
    """Add a level to a model, with what the lower ones lack of prefixes.

    Args:
        source: the file, behind the header of the section.
        order: of the section, 2 or more.
        sizes: how many n-grams there should be of each order.
        names: the words.
        builder: the levels below.

    Returns:
        How many n-grams were added to the levels below.

    Raises:
        DataError: a line is no n-gram of this order, or one that has come before, or there are more
            or fewer than there should.
    """
    section = _Section(source, order, sizes, names, builder)
    ranks = np.argsort(section.keys)
    keys = section.keys[ranks]
    first = int(np.searchsorted(keys, 0))
    ranks, keys = ranks[first:], keys[first:]
    section.refuse_repeats(ranks, keys[1:] == keys[:-1])
    builder.append(keys, *section.values(ranks))
    ids = section.orphans
    if not len(ids):
        return 0
    ranks = np.flatnonzero(section.keys == _ORPHAN)
    order_of_ids = np.lexsort(ids.T[::-1])
    ranks, ids = ranks[order_of_ids], ids[order_of_ids]
    section.refuse_repeats(ranks, (ids[1:] == ids[:-1]).all(axis=1))
    added = builder.ensure(ids[:, :-1])
    builder.insert(ids, *section.values(ranks))
    return added


class _Section:
    """The n-grams of a section as they stand in the file, n of them."""

    def __init__(
        self,
        source: ArpaSource,
        order: int,
        sizes: list[int],
        names: ArpaNames,
        builder: TableBuilder,
    ) -> None:
        self._source, self._order = source, order
        self._firsts: list[int] = []  # of each run of consecutive lines, its first n-gram
        self._lines: list[int] = []  # and the line where that one stands
        keys, log_probs, backoffs = [_NO_KEYS], [_NO_FLOATS], [_NO_FLOATS]
        orphans = [np.empty((0, order), np.uint32)]
        for entries in read_entries(source, order, sizes, names):
            ids = entries.ids
            self._firsts.append(self._firsts[-1] + len(keys[-1]) if self._firsts else 0)
            self._lines.append(entries.line)
            nodes = builder.find(ids[:, :-1])
            key = nodes * builder.vocabulary + ids[:, -1]
            key[nodes < 0] = _ORPHAN
            key[(ids[:, 1:] == Vocab.BOS).any(1) | (ids[:, :-1] == Vocab.EOS).any(1)] = _USELESS
            orphans.append(ids[key == _ORPHAN])
            keys.append(key)
            log_probs.append(entries.log_probs.copy())
            if order < len(sizes):
                backoffs.append(entries.backoffs.copy())
        self.keys = np.concatenate(keys)
        """(n,) int64: the number of the prefix times V plus the last id, or _ORPHAN or _USELESS."""
        self.orphans = np.concatenate(orphans)
        """(m, k) uint32: the ids of those whose key is _ORPHAN."""
        self._log_probs = np.concatenate(log_probs)
        self._backoffs = np.concatenate(backoffs) if order < len(sizes) else None

    def values(
        self, ranks: npt.NDArray[np.intp]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32] | None]:
        """Return the log-probabilities and back-off weights of n-grams, in that order."""
        return self._log_probs[ranks], None if self._backoffs is None else self._backoffs[ranks]

    def refuse_repeats(self, ranks: npt.NDArray[np.intp], same: npt.NDArray[np.bool_]) -> None:
        """Raise DataError if an n-gram is the same as the next one in the order of `ranks`."""
        pairs = np.sort(np.stack([ranks[:-1][same], ranks[1:][same]]), axis=0)
        if pairs.size:
            first, second = (self._line(int(at)) for at in pairs[:, pairs[1].argmin()])
            what = f"the same {self._order}-gram as on line {first}"
            raise self._source.fault(what, second)

    def _line(self, at: int) -> int:
        run = bisect_right(self._firsts, at) - 1
        return self._lines[run] + at - self._firsts[run]


_NO_KEYS, _NO_FLOATS = np.empty(0, np.int64), np.empty(0, np.float32)
