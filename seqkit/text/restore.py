"""Make a tokeniser from its name, for a command line, or from what a saved model holds."""

from collections.abc import Mapping
from typing import Any

from seqkit.errors import ConfigError, choices
from seqkit.text.spacy_words import SpacyTokenizer
from seqkit.text.subword import SentencePieceTokenizer
from seqkit.text.tokenizer import Tokenizer
from seqkit.text.units import ByteTokenizer, CharTokenizer, WhitespaceTokenizer
from seqkit.text.word import WordTokenizer

__all__ = ["make_tokenizer"]

_WITHOUT_FILES = (ByteTokenizer, CharTokenizer, WhitespaceTokenizer, WordTokenizer)
_OPTIONS = {SpacyTokenizer.name: {"model"}, WhitespaceTokenizer.name: {"ascii"}}


def make_tokenizer(
    name: str, *, options: Mapping[str, Any], files: Mapping[str, bytes]
) -> Tokenizer:
    """Make the tokeniser whose `name`, `options()` and `to_files()` these are.

    Args:
        name: byte, char, sentencepiece, spacy, whitespace or word.
        options: spacy takes one, `model`; whitespace one, `ascii`.
        files: only sentencepiece needs one, `tokenizer.model`; others are ignored.

    Raises:
        ConfigError: if there is no such name or option, or the file is missing.
        DataError: if the file is damaged.
    """
    known = {tokenizer.name: tokenizer for tokenizer in _WITHOUT_FILES}
    names = [*known, SentencePieceTokenizer.name, SpacyTokenizer.name]
    if name not in names:
        raise ConfigError(choices("tokenizer", name, names))
    allowed = _OPTIONS.get(name, set())
    for option in options:
        if option not in allowed:
            takes = f"takes only {', '.join(allowed)}" if allowed else "takes no options"
            raise ConfigError(f"tokenizer {name}: option {option!r}: it {takes}")
    if name == SpacyTokenizer.name:
        return SpacyTokenizer(**options)
    if name == SentencePieceTokenizer.name:
        if "tokenizer.model" not in files:
            raise ConfigError(
                "tokenizer sentencepiece: tokenizer.model is missing: restore the file, "
                "or train one with SentencePieceTokenizer.train(texts)"
            )
        return SentencePieceTokenizer(files["tokenizer.model"])
    return known[name](**options)
