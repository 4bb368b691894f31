"""spaCy's tokenisers: rules for some 70 languages, or those of an installed model."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from seqkit.errors import ConfigError, require
from seqkit.text.surrogates import well_formed
from seqkit.text.tokenizer import Token
from seqkit.text.word import join_words

__all__ = ["SpacyTokenizer"]


class SpacyTokenizer:
    """Tokens as spaCy cuts them, without its white-space tokens.

    >>> SpacyTokenizer("en")("I don't.")  # doctest: +SKIP
    ['I', 'do', "n't", '.']
    """

    name = "spacy"
    units = None
    keeps_space = False

    def __init__(self, model: str = "en") -> None:
        """Load a tokeniser; of a model's pipeline only that is loaded.

        Args:
            model: the name of an installed package such as `en_core_web_sm`, or a language code
                such as `en` for a blank pipeline.

        Raises:
            ConfigError: if it is neither, or spaCy or what it needs for the language is missing.
        """
        spacy = require("spacy", extra="spacy", purpose="the spacy tokenizer")
        self._model = model
        try:
            if spacy.util.is_package(model):
                self._nlp = spacy.load(model, config={"nlp.pipeline": []})
            else:
                self._nlp = spacy.blank(model)
        except ImportError as error:
            reason = " ".join(str(error).split())
            raise ConfigError(
                f"spacy model {model!r}: neither an installed package (python -m spacy download "
                f"NAME) nor a language that can be set up here: {reason}"
            ) from None
        self._nlp.max_length = sys.maxsize  # the limit protects a parser, and there is none

    def __call__(self, text: str) -> list[str]:
        """Return the tokens of one text."""
        return [token.text for token in self.spans(text)]

    def spans(self, text: str) -> list[Token]:
        """Return the same tokens with their offsets."""
        return _tokens(text, self._nlp(well_formed(text)))

    def many(self, texts: Iterable[str]) -> Iterator[list[str]]:
        """Yield the tokens of each text, through `nlp.pipe`."""
        pairs = ((well_formed(text), text) for text in texts)
        for doc, text in self._nlp.pipe(pairs, as_tuples=True):
            yield [token.text for token in _tokens(text, doc)]

    def join(self, tokens: Sequence[str]) -> str:
        """Return a readable text: see `join_words`."""
        return join_words(tokens)

    def options(self) -> dict[str, Any]:
        """Return the name of the model."""
        return {"model": self._model}

    def to_files(self) -> dict[str, bytes]:
        """Return no files: the language's rules or the model must be installed."""
        return {}


def _tokens(text: str, doc: Any) -> list[Token]:
    # words are taken from the text itself, in which a lone surrogate is still what it was
    spans = ((token.idx, token.idx + len(token)) for token in doc if not token.is_space)
    return [Token(text[start:end], start, end) for start, end in spans]
