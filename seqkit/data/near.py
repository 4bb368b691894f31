"""Near-duplicates: MinHash over word 5-grams, and banding to find the pairs worth comparing.

Broder, On the resemblance and containment of documents, 1997: under a random order of all
shingles, two texts have the same least shingle with the probability of their Jaccard similarity
J = |A & B| / |A | B|; the share of equal minima among many orders estimates J.

A pair is compared if all 3 minima of at least one of 32 bands agree, which happens with
1 - (1 - J^3)^32: .22 at J = .2, .89 at .4, .986 at .5, .9996 at .6. It counts as near if the
estimate is at least the threshold of .5; with 96 minima its standard error there is .05. So a pair
with J of .6 is found with a probability of 97%, one of .7 nearly always, one of .4 in 3% of cases.
"""

import zlib

import numpy as np

from seqkit.data.content import content_text
from seqkit.data.mixing import mix

__all__ = ["MinHashes", "join_groups"]

_SHINGLE = 5
_BANDS, _ROWS = 32, 3
_HASHES = _BANDS * _ROWS
_THRESHOLD = 0.5
_CHUNK = 1 << 15  # pairs compared at a time
_PART = 1 << 12  # shingles hashed at a time, 3 MB of them

_ODD = mix(np.arange(_HASHES, dtype=np.uint64)) | np.uint64(1)
_SHIFT = mix(np.arange(_HASHES, 2 * _HASHES, dtype=np.uint64))
_PLACE = mix(np.arange(2 * _HASHES, 2 * _HASHES + _SHINGLE, dtype=np.uint64)) | np.uint64(1)


class MinHashes:
    """The signatures of a growing list of texts: 384 bytes a text, whatever its length."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def add(self, text: str) -> None:
        """Append the signature of a text."""
        self._bytes += _signature(text).tobytes()

    def pairs(self) -> np.ndarray:
        """Find the near pairs among the texts added.

        Returns:
            (P, 2) int64: positions of near texts, each row (earlier, later), sorted, no row twice.
            Within a set of like texts not every pair is listed, but all are linked through others.
        """
        signatures = np.frombuffer(self._bytes, dtype=np.uint32).reshape(-1, _HASHES)  # (N, 96)
        candidates = [
            _candidates(signatures[:, at : at + _ROWS]) for at in range(0, _HASHES, _ROWS)
        ]
        found = np.unique(np.concatenate(candidates), axis=0)  # (P, 2)
        near = [
            (signatures[part[:, 0]] == signatures[part[:, 1]]).mean(axis=1) >= _THRESHOLD
            for part in np.array_split(found, len(found) // _CHUNK + 1)
        ]
        return found[np.concatenate(near)]


def join_groups(groups: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Join groups along pairs of their members.

    Args:
        groups: (N,) of any integer type, the group of each record.
        pairs: (P, 2) int64 of positions in `groups`; the groups of a pair become one.

    Returns:
        (N,) of the same type: each group that was joined to others takes the least of their values.
    """
    parent: dict[int, int] = {}

    def root(group: int) -> int:
        while (above := parent.get(group, group)) != group:
            parent[group] = parent.get(above, above)  # halves the path for the next time
            group = above
        return group

    for first, second in groups[pairs].tolist():
        low, high = sorted((root(first), root(second)))
        parent[high] = low
    if not parent:
        return groups
    joined = np.array(sorted(parent), dtype=groups.dtype)
    roots = np.array([root(group) for group in joined.tolist()], dtype=groups.dtype)
    at = np.searchsorted(joined, groups).clip(max=len(joined) - 1)
    return np.where(joined[at] == groups, roots[at], groups)


def _signature(text: str) -> np.ndarray:
    """Return the least hash of the text's shingles under each of 96 functions: (96,) uint32.

    A text of fewer than five words has one shingle, all of it.
    """
    words = content_text(text).encode("utf-8", "surrogatepass").split()
    hashes = mix(np.array([zlib.crc32(word) for word in words], dtype=np.uint64))  # (W,)
    width = min(_SHINGLE, len(hashes))
    count = len(hashes) - width + 1
    shingles = np.zeros(count, dtype=np.uint64)
    for place in range(width):  # a sum of products, so that the order of the words counts
        shingles += hashes[place : place + count] * _PLACE[place]
    return _least(mix(np.unique(shingles)))


def _least(shingles: np.ndarray) -> np.ndarray:
    """Multiply-shift hashing (Dietzfelbinger et al., 1997): the high half of a*x + b mod 2^64."""
    least = [
        (_ODD[:, None] * part + _SHIFT[:, None]).min(axis=1)  # (96, part) -> (96,)
        for part in np.array_split(shingles, len(shingles) // _PART + 1)
    ]
    return (np.min(least, axis=0) >> np.uint64(32)).astype(np.uint32)


def _candidates(band: np.ndarray) -> np.ndarray:
    """Pair each text with the one before it, and with the first, that has the same band: (P, 2)."""
    key = np.zeros(len(band), dtype=np.uint64)
    for column in band.T:  # mixing 64 bits: texts of unlike bands share a key once in 10^19
        key = mix(key ^ column)
    order = np.argsort(key, kind="stable")  # within a key, by position
    repeats = np.flatnonzero(key[order][1:] == key[order][:-1]) + 1
    starts = np.ones(len(key), dtype=bool)
    starts[repeats] = False
    first = np.maximum.accumulate(np.where(starts, np.arange(len(key)), 0))
    before = np.stack([order[repeats - 1], order[repeats]], axis=1)
    to_first = np.stack([order[first[repeats]], order[repeats]], axis=1)
    return np.concatenate([before, to_first]).astype(np.int64)
