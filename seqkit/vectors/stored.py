"""Word vectors as a file of another tool stores them, read whole."""

import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seqkit.errors import ConfigError, DataError
from seqkit.vectors.fasttext_model import read_fasttext
from seqkit.vectors.file_rows import Row, file_rows
from seqkit.vectors.formats import detect_format, open_vectors
from seqkit.vectors.subwords import Subwords

__all__ = ["StoredVectors", "read_vector_file", "warn_of_repeated"]

logger = logging.getLogger(__name__)

_FIRST_ROWS = 1024  # that there is room for before the array grows


@dataclass(frozen=True)
class StoredVectors:
    """What a file of word vectors holds, in its order."""

    words: list[str]
    """All different."""
    vectors: npt.NDArray[np.float32]
    """(V, E), finite."""
    counts: npt.NDArray[np.int64] | None = None
    """(V,) how often each word stood in the training text, where the file says it."""
    subwords: Subwords | None = None
    """The vectors of n-grams, of a fastText model that has them."""


def read_vector_file(path: str | os.PathLike[str], *, limit: int | None = None) -> StoredVectors:
    """Read a file of word vectors whole, in a format found by its content.

    Formats: word2vec text and binary, GloVe (no header), fastText's .vec and .bin; each also
    packed by gzip or xz. Of a word that stands twice the first row is kept, with a warning. The
    n-grams of an unpacked .bin stay in the file and are mapped into memory.

    Args:
        path: the file.
        limit: keep the first so many words; then a count in the header is not checked.

    Raises:
        DataError: no such file, another format, damaged, a row of another width, a word that is
            not UTF-8, a value that is no finite number, a header with another count or width.
    """
    if limit is not None and limit < 1:
        raise ConfigError(f"limit {limit}: give 1 or more, or None for all words")
    format = detect_format(path)
    if format == "fasttext-binary":
        return _read_model(path, limit)
    with open_vectors(path) as stream:
        stored, repeated = _read_rows(file_rows(stream, path, format), limit)
    if not stored.words:
        raise DataError(f"{path}: holds no word vectors")
    warn_of_repeated(path, repeated)
    return stored


def warn_of_repeated(path: str | os.PathLike[str], repeated: Sequence[tuple[str, bytes]]) -> None:
    """Warn of words that a file has more than once, by the places of their later rows."""
    if not repeated:
        return
    where, key = repeated[0]
    logger.warning(
        "%s: rows that repeat a word: %d, the first at %s (%r): the first vector of each is kept",
        path, len(repeated), where, key.decode("utf-8", "surrogatepass"),
    )  # fmt: skip


def _read_model(path: str | os.PathLike[str], limit: int | None) -> StoredVectors:
    model = read_fasttext(path)
    kept = np.arange(len(model.words))[:limit]
    try:
        vectors = model.vectors(kept)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    return StoredVectors(model.words[:limit], vectors, model.counts[:limit], model.subwords)


def _read_rows(
    rows: Iterator[Row], limit: int | None
) -> tuple[StoredVectors, list[tuple[str, bytes]]]:
    words: list[str] = []
    vectors = np.empty((0, 0), np.float32)
    seen: set[bytes] = set()
    repeated: list[tuple[str, bytes]] = []
    for where, key, vector in rows:
        if key in seen:
            repeated.append((where, key))
            continue
        seen.add(key)
        if len(words) == len(vectors):
            room = max(_FIRST_ROWS, len(vectors) + len(vectors) // 2)
            vectors.resize((room, len(vector)), refcheck=False)
        try:
            words.append(key.decode())
        except UnicodeDecodeError:
            raise DataError(f"{where}: its word {key!r} is not UTF-8") from None
        vectors[len(words) - 1] = vector
        if len(words) == limit:
            break
    vectors.resize((len(words), vectors.shape[1]), refcheck=False)
    return StoredVectors(words, vectors), repeated
