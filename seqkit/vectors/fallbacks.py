"""Other forms of a word, whose vector it may take: in other letters, or of its lemma."""

from collections.abc import Sequence
from typing import Literal, get_args

from seqkit.errors import ConfigError, choices, require
from seqkit.text.surrogates import well_formed

__all__ = ["FALLBACKS", "Fallback", "other_forms"]

Fallback = Literal["case", "lemma"]
FALLBACKS: tuple[Fallback, ...] = get_args(Fallback)
"""case: the word in small letters, then Capitalised, then in CAPITALS; lemma: what spaCy finds."""


def other_forms(
    words: Sequence[str], fallbacks: Sequence[Fallback], lemmas: str | None
) -> list[list[tuple[Fallback, str]]]:
    """Return the forms to try for each word, in their order, each with the fallback it comes from.

    Args:
        words: one by one: a lemma is that of the word without a sentence around it.
        fallbacks: which forms, in this order.
        lemmas: name or folder of a spaCy pipeline, for "lemma".

    Raises:
        ConfigError: an unknown fallback, lemmas without a pipeline or the other way round, spaCy
            or the pipeline not installed, a pipeline that finds no lemmas.
    """
    for fallback in fallbacks:
        if fallback not in FALLBACKS:
            raise ConfigError(choices("fallback", fallback, FALLBACKS))
    if ("lemma" in fallbacks) != (lemmas is not None):
        raise ConfigError(
            f"fallbacks {list(fallbacks)} with lemmas {lemmas!r}: lemma needs the name of a spaCy "
            "pipeline, such as en_core_web_sm, and a pipeline needs the fallback lemma"
        )
    found = _lemmas(words, lemmas) if lemmas is not None else [[]] * len(words)
    forms = []
    for word, lemma in zip(words, found, strict=True):
        by = {"case": [word.lower(), word.capitalize(), word.upper()], "lemma": lemma}
        forms.append([(kind, form) for kind in fallbacks for form in by[kind]])
    return forms


def _lemmas(words: Sequence[str], pipeline: str) -> list[list[str]]:
    """Return the lemma of each word, none where spaCy sees several words in it."""
    spacy = require("spacy", extra="spacy", purpose="the fallback lemma")
    try:
        nlp = spacy.load(pipeline, exclude=["parser", "ner"])
    except OSError as error:
        raise ConfigError(
            f"lemmas {pipeline!r}: needs an installed pipeline of spaCy (python -m spacy download "
            f"NAME) or its folder: {' '.join(str(error).split())}"
        ) from None
    if not {"lemmatizer", "attribute_ruler", "trainable_lemmatizer"} & {*nlp.pipe_names}:
        raise ConfigError(f"lemmas {pipeline!r}: this pipeline of spaCy has no lemmatizer")
    docs = nlp.pipe(map(well_formed, words))
    return [[doc[0].lemma_] if len(doc) == 1 and doc[0].lemma_ else [] for doc in docs]
