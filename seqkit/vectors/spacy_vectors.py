"""Word vectors into a spaCy vocabulary, and those of a spaCy pipeline out of it."""

import logging
from typing import Any

import numpy as np

from seqkit.errors import DataError, require
from seqkit.text.surrogates import well_formed
from seqkit.vectors.word_vectors import WordVectors

__all__ = ["from_spacy", "to_spacy"]

logger = logging.getLogger(__name__)


def to_spacy(vectors: WordVectors, nlp: Any) -> None:
    """Make vectors those of a spaCy vocabulary: of `token.vector`, `doc.similarity` and the rest.

    spaCy looks a token up as it is written, and has no subwords in its table: a word without a
    vector of its own gets zeros, also where `vectors.vector(word)` would make one. The table is
    saved with the pipeline, by `nlp.to_disk`.

    Vectors that are there already are replaced, with a warning: components that were trained on
    them, such as those of `en_core_web_md`, give other results then. Words with a lone surrogate,
    which no Doc can hold, are left out.

    Args:
        vectors: what is put in, as float32.
        nlp: a pipeline or a vocabulary (`Language` or `Vocab`).
    """
    spacy = require("spacy.vectors", extra="spacy", purpose="to_spacy")
    thinc = require("thinc.api", extra="spacy", purpose="to_spacy")
    vocab = getattr(nlp, "vocab", nlp)
    if vocab.vectors.size:
        logger.warning(
            "vectors of %d numbers are replaced: components that were trained on them give other "
            "results now",
            vocab.vectors.shape[1],
        )
    rows = [row for row, word in enumerate(vectors.words) if well_formed(word) == word]
    keys = [vocab.strings.add(vectors.words[row]) for row in rows]
    table = thinc.get_current_ops().asarray(vectors.rows(np.array(rows, np.int64)))  # or on its GPU
    vocab.vectors = spacy.Vectors(strings=vocab.strings, data=table, keys=keys, name="seqkit")


def from_spacy(nlp: Any) -> WordVectors:
    """Take the vectors out of a spaCy pipeline, in the order of its table.

    Words that share a row there, as in a pruned table, get a copy each.

    Args:
        nlp: a pipeline or a vocabulary (`Language` or `Vocab`).

    Raises:
        DataError: it has no vectors, or floret's, which belong to no words.
    """
    thinc = require("thinc.util", extra="spacy", purpose="from_spacy")
    vocab = getattr(nlp, "vocab", nlp)
    table, meta = vocab.vectors, getattr(nlp, "meta", {})
    name = f"{meta['lang']}_{meta['name']} {meta['version']}" if meta else f"a {vocab.lang} Vocab"
    if table.mode == "floret":
        raise DataError(
            f"spaCy's {name}: floret vectors are rows of hashed subwords, of no words: use "
            "token.vector, or a pipeline with vectors in spaCy's default mode"
        )
    if not table.size or not table.key2row:
        raise DataError(
            f"spaCy's {name}: has no word vectors: load one that has, such as en_core_web_md"
        )
    strings = vocab.strings
    pairs = sorted((row, strings[key]) for key, row in table.key2row.items() if key in strings)
    if lost := len(table.key2row) - len(pairs):
        logger.warning("spaCy's %s: %d vectors left out, their words are not known", name, lost)
    rows, words = [row for row, _ in pairs], [word for _, word in pairs]
    return WordVectors(words, thinc.to_numpy(table.data)[rows], facts={"spacy": name})
