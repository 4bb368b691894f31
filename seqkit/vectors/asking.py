"""From words to vectors, and back: what every question to `WordVectors` begins and ends with."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from seqkit.errors import ConfigError, DataError
from seqkit.vectors.assembly import Parts
from seqkit.vectors.neighbours import Found, Neighbour, nearest_rows, unit_rows
from seqkit.vectors.spellings import nearest_spellings
from seqkit.vectors.words import word_list

__all__ = [
    "add_up",
    "known_vectors",
    "look_up",
    "nearest_words",
    "rows_of",
    "unknown_word",
    "vector_of",
]

Vector = npt.NDArray[np.floating]
Operand = str | Vector
"""A word, or a vector (E,)."""
Operands = Operand | Iterable[Operand]


def look_up(
    parts: Parts, words: Sequence[str]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Return vectors (N, E) float32, zeros where nothing is known, and known (N,) bool.

    Raises:
        ConfigError: one str instead of a list, or what is no str among them.
    """
    words = word_list(words)
    find = parts.words.rows.get
    found = np.fromiter((find(word, -1) for word in words), np.int64, len(words))
    known = found >= 0
    vectors = np.zeros((len(words), parts.matrix.shape[1]), np.float32)
    vectors[known] = parts.matrix[found[known]]
    if parts.subwords is not None:
        places = np.flatnonzero(~known)
        sums, counts = parts.subwords.sums([words[place] for place in places])
        some = places[counts > 0]
        vectors[some] = sums[counts > 0] / counts[counts > 0, None].astype(np.float32)
        known[some] = True
    return vectors, known


def vector_of(parts: Parts, word: str) -> npt.NDArray[np.float32]:
    """Return the vector (E,) of a word, of its subwords where it has none of its own.

    Raises:
        ConfigError: what is no str.
        DataError: an unknown word.
    """
    row = parts.words.rows.get(*word_list([word]))
    if row is None:
        return known_vectors(parts, [word])[0]
    return np.array(parts.matrix[row])


def known_vectors(parts: Parts, words: Sequence[str]) -> npt.NDArray[np.float32]:
    """Return the vectors (N, E) of words that must all be known.

    Raises:
        ConfigError: no words, one str, or what is none among them.
        DataError: an unknown word.
    """
    words = word_list(words)
    vectors, known = look_up(parts, words)
    if not known.all():
        raise unknown_word(parts, words[int(np.argmin(known))])
    if not words:
        raise ConfigError("no words: give one at least")
    return vectors


def add_up(
    parts: Parts, positive: Operands, negative: Operands
) -> tuple[npt.NDArray[np.float64], set[int]]:
    """Add operands of length 1, less others.

    Returns:
        The sum at length 1 (1, E), and the rows of the words among the operands.

    Raises:
        ConfigError: no operand, one that is neither word nor vector, or a vector of another width.
        DataError: an unknown word.
    """
    added, removed = _operands(positive), _operands(negative)
    if not added and not removed:
        raise ConfigError("most_similar: nothing asked for: give a word or a vector")
    vectors = [_vector(parts, operand) for operand in [*added, *removed]]
    signs = np.repeat([1.0, -1.0], [len(added), len(removed)])
    query = signs[:, None] * unit_rows(np.stack(vectors))
    if len(query) > 1:  # one by itself stays the same to the last bit
        query = unit_rows(query.mean(axis=0, keepdims=True))
    return query, rows_of(parts, [word for word in [*added, *removed] if isinstance(word, str)])


def nearest_words(
    parts: Parts,
    queries: npt.NDArray[np.float64],
    asked: Sequence[set[int]],
    *,
    k: int,
    among: Iterable[str] | None = None,
    search: Callable[..., Found] | None = None,
) -> list[list[Neighbour]]:
    """Find the words nearest to each query.

    Args:
        parts: of the vectors.
        queries: (N, E) float64, of length 1 each.
        asked: the rows that each query is made of, which are no answers.
        k: how many words.
        among: words that may be answers, all by default.
        search: finds the rows in place of `nearest_rows`, among all.

    Raises:
        ConfigError: k is no whole number, or below 1; `among` is one str, or has what is none.
    """
    if not isinstance(k, int | np.integer) or k < 1:
        raise ConfigError(f"k {k!r}: expected a whole number, at least 1")
    wanted = k + max(map(len, asked))
    if search is not None:
        found = search(queries, k=wanted)
    else:
        chosen = (
            None if among is None else np.array(sorted(rows_of(parts, word_list(among))), np.int64)
        )
        found = nearest_rows(parts.matrix, parts.lengths, queries, k=wanted, among=chosen)
    words = parts.words.spelled
    return [
        [
            Neighbour(words[row], score)
            for row, score in zip(rows.tolist(), scores.tolist(), strict=True)
            if row not in own
        ][:k]
        for (rows, scores), own in zip(found, asked, strict=True)
    ]


def rows_of(parts: Parts, words: Iterable[str]) -> set[int]:
    """Return the rows of those words that have one."""
    rows = parts.words.rows
    return {rows[word] for word in words if word in rows}


def unknown_word(parts: Parts, word: str) -> DataError:
    """Make the error that tells the words spelled most like one that has no vector."""
    near = nearest_spellings(word, parts.words.spelled)
    hint = f"nearest spellings: {', '.join(near)}" if near else "and none is spelled like it"
    return DataError(f"{word!r} has no vector{';' if near else ','} {hint}")


def _operands(given: Operands) -> list[Operand]:
    if isinstance(given, str) or (isinstance(given, np.ndarray) and given.ndim < 2):
        return [given]
    if not isinstance(given, Iterable):
        raise ConfigError(f"{given!r:.40}: expected a word or a vector, or several")
    return list(given)


def _vector(parts: Parts, operand: Operand) -> Vector:
    if isinstance(operand, str):
        return vector_of(parts, operand)
    try:
        vector = np.asarray(operand, np.float64)
    except (TypeError, ValueError):
        raise ConfigError(f"{operand!r:.40}: expected a word or a vector") from None
    width = parts.matrix.shape[1]
    if vector.shape != (width,) or not np.isfinite(vector).all():
        raise ConfigError(
            f"a vector of shape {vector.shape}: expected ({width},), of finite numbers"
        )
    return vector
