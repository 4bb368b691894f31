"""Look up the vectors of a vocabulary in a file or bundle, without holding all that is there."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from seqkit import bundle
from seqkit.errors import DataError
from seqkit.vectors.amounts import amount
from seqkit.vectors.coverage import Coverage
from seqkit.vectors.fallbacks import Fallback, other_forms
from seqkit.vectors.fasttext_model import read_fasttext
from seqkit.vectors.file_rows import file_rows
from seqkit.vectors.formats import VectorFormat, detect_format, open_vectors
from seqkit.vectors.stored import warn_of_repeated
from seqkit.vectors.subwords import Subwords

__all__ = ["read_vectors"]


@dataclass(frozen=True)
class _Found:
    """What a source has of the forms that it was asked for."""

    rows: dict[str, npt.NDArray[np.float32]] = field(default_factory=dict)
    subwords: Subwords | None = None


def read_vectors(
    path: str | os.PathLike[str],
    words: Sequence[str],
    *,
    fallbacks: Sequence[Fallback] = ("case",),
    lemmas: str | None = None,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_], Coverage]:
    """Look up the vectors of `words` in one pass.

    Sources: a bundle of seqkit (WordVectors), word2vec text and binary, GloVe, fastText's .vec and
    .bin; a file also packed by gzip or xz. A word that the source lacks takes the vector of another
    form of it, in the order of `fallbacks`, and else one made of its n-grams, where the source has
    them. Of a word that stands twice in a file the first row counts, with a warning.

    Args:
        path: the file, or the folder of the bundle.
        words: what to look up, all different.
        fallbacks: "case", the word in small letters, then Capitalised, then in CAPITALS; "lemma",
            its lemma.
        lemmas: name or folder of the spaCy pipeline that knows lemmas.

    Returns:
        Vectors (len(words), E) float32, zero where nothing was found; found (len(words),) bool;
        and the coverage.

    Raises:
        ConfigError: a fallback that is unknown or lacks its pipeline, see `other_forms`.
        BundleError: a folder that is no bundle, or a damaged one.
        DataError: no such file, another format, damaged, a row of another width (with its line), a
            value of a word asked for that is no finite number, a header with another count, or none
            of the words known.
    """
    forms = other_forms(words, fallbacks, lemmas)
    wanted = {*words, *(form for each in forms for _, form in each)}
    if Path(path).is_dir():
        found = _in_bundle(path, wanted)
    elif (format := detect_format(path)) == "fasttext-binary":
        found = _in_model(path, wanted)
    else:
        found = _in_rows(path, format, wanted)
    ways: Counter[str] = Counter()
    rows: dict[int, npt.NDArray[np.float32]] = {}
    for index, (word, others) in enumerate(zip(words, forms, strict=True)):
        for way, form in [("exact", word), *others]:
            if (row := found.rows.get(form)) is not None:
                rows[index] = row
                ways[way] += 1
                break
    if found.subwords is not None:
        missing = [index for index in range(len(words)) if index not in rows]
        sums, counts = found.subwords.sums([words[index] for index in missing])
        rows |= {at: sums[i] / counts[i] for i, at in enumerate(missing) if counts[i]}
        ways["subwords"] = int(np.count_nonzero(counts))
    if not rows:
        raise DataError(f"{path}: knows none of the vocabulary ({amount(len(words), 'word')})")
    vectors = np.zeros((len(words), len(next(iter(rows.values())))), np.float32)
    known = np.zeros(len(words), bool)
    known[list(rows)] = True
    vectors[list(rows)] = list(rows.values())
    return vectors, known, Coverage(words=len(words), **ways)


def _in_rows(path: str | os.PathLike[str], format: VectorFormat, wanted: set[str]) -> _Found:
    keys = {word.encode("utf-8", "surrogatepass"): word for word in wanted}
    found = _Found()
    repeated: list[tuple[str, bytes]] = []
    with open_vectors(path) as stream:
        for where, key, vector in file_rows(stream, path, format, wanted=keys):
            if found.rows.setdefault(keys[key], vector) is not vector:
                repeated.append((where, key))
    warn_of_repeated(path, repeated)
    return found


def _in_model(path: str | os.PathLike[str], wanted: set[str]) -> _Found:
    model = read_fasttext(path)
    at = [index for index, word in enumerate(model.words) if word in wanted]
    vectors = model.vectors(np.array(at, np.int64))
    return _Found({model.words[i]: row for i, row in zip(at, vectors, strict=True)}, model.subwords)


def _in_bundle(folder: str | os.PathLike[str], wanted: set[str]) -> _Found:
    kind = bundle.read(folder).kind
    if kind != "WordVectors":
        raise DataError(f"{folder}: a bundle of kind {kind}, expected WordVectors")
    vectors = bundle.load(folder)
    known = sorted(word for word in wanted if word in vectors)
    rows = vectors.rows([vectors.index(word) for word in known])
    return _Found(dict(zip(known, rows, strict=True)), vectors.subwords)
