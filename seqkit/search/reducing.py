"""Forms of a word to one term: Snowball's stems, or spaCy's lemmas."""

import importlib.metadata
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from seqkit.errors import ConfigError, choices, require
from seqkit.text import Token
from seqkit.text.surrogates import well_formed

__all__ = ["SpacyLemmas", "stemmer", "versions"]


def stemmer(language: str) -> Callable[[str], str]:
    """Return what cuts a word to its stem by Snowball's algorithm; it may be called from threads.

    Args:
        language: none, or a name that PyStemmer knows, such as english, german, porter.

    Raises:
        ConfigError: there is no such algorithm, or PyStemmer is not installed.
    """
    if language == "none":
        return lambda word: word
    library = require("Stemmer", extra="search", purpose=f"the stemmer {language!r}")
    if language not in library.algorithms():
        raise ConfigError(choices("stemmer", language, ["none", *library.algorithms()]))
    stem, lock = library.Stemmer(language).stemWord, threading.Lock()

    def reduce(word: str) -> str:
        with lock:
            return stem(well_formed(word)) or word

    return reduce


class SpacyLemmas:
    """A tokeniser whose tokens are the lemmas that a spaCy model finds.

    The lemma of a word depends on its sentence, so a word of a query by itself may get another.
    """

    def __init__(self, model: str) -> None:
        """Load the pipeline.

        Args:
            model: name of an installed package such as en_core_web_sm, or the folder of a model.

        Raises:
            ConfigError: there is none, or it gives no lemmas.
        """
        spacy = require("spacy", extra="spacy", purpose="lemmas")
        try:
            self._nlp = spacy.load(model, exclude=["parser", "ner"])
        except OSError as error:
            raise ConfigError(
                f"spacy_model {model!r}: lemmas need an installed model (python -m spacy download "
                f"NAME) or its folder: {' '.join(str(error).split())}"
            ) from None
        self._nlp.max_length = sys.maxsize
        if not {"lemmatizer", "attribute_ruler", "trainable_lemmatizer"} & {*self._nlp.pipe_names}:
            raise ConfigError(f"spacy_model {model!r}: it has no lemmatizer; choose a stemmer")

    def __call__(self, text: str) -> list[str]:
        """Return the lemmas of one text."""
        return [token.text for token in self.spans(text)]

    def spans(self, text: str) -> list[Token]:
        """Return the lemmas with the characters of the words that they stand for."""
        return _lemmas(self._nlp(well_formed(text)))

    def many(self, texts: Iterable[str]) -> Iterator[list[str]]:
        """Yield the lemmas of each text, through `nlp.pipe`."""
        for doc in self._nlp.pipe(map(well_formed, texts)):
            yield [token.text for token in _lemmas(doc)]


def _lemmas(doc: Any) -> list[Token]:
    words = [word for word in doc if not word.is_space]
    return [Token(word.lemma_ or word.text, word.idx, word.idx + len(word)) for word in words]


def versions(stemmer: str, *, spacy: bool) -> dict[str, str]:
    """Return the versions of the libraries that decide what a term is."""
    names = ["PyStemmer"] * (stemmer != "none") + ["spacy"] * spacy
    return {name: importlib.metadata.version(name) for name in names}
