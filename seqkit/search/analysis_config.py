"""The options of an analysis."""

from dataclasses import dataclass
from typing import Literal

from seqkit.errors import ConfigError, choices
from seqkit.text import Normalizer

__all__ = ["AnalysisConfig"]


@dataclass(frozen=True, kw_only=True)
class AnalysisConfig:
    """How a text becomes terms: of documents and of queries alike."""

    tokenizer: Literal["word", "whitespace", "char", "spacy"] = "word"
    """What a text is cut into; whitespace for text that is tokenised already."""
    spacy_model: str = "en"
    """spacy: a language code (blank pipeline) or an installed model."""
    lemmas: bool = False
    """spacy: terms are the lemmas that the model finds; it must be one that has a lemmatizer."""
    unicode: Literal["none", "nfc", "nfkc"] = "nfc"
    """Unicode normalisation form."""
    case: Literal["keep", "lower", "fold"] = "lower"
    """Whether capitals count."""
    cjk: Literal["bigrams", "words"] = "bigrams"
    """word: runs of Han, kana and Hangul as pairs of neighbours, or as the tokeniser cuts them."""
    min_length: int = 1
    """Words of fewer characters are left out; Han, kana and Hangul never are."""
    stopwords: str = "none"
    """Words that are left out: none, english (Lucene's 33), a language code such as de (spaCy's
    list), or a file with one word a line."""
    stemmer: str = "none"
    """Cut words to their stems: none, or a language of Snowball such as english, german."""

    def __post_init__(self) -> None:
        """Check the options.

        Raises:
            ConfigError: a value that is not known, or an option that would be ignored.
        """
        Normalizer(unicode=self.unicode, case=self.case)
        allowed = {
            "tokenizer": ("word", "whitespace", "char", "spacy"),
            "cjk": ("bigrams", "words"),
        }
        for name, values in allowed.items():
            if getattr(self, name) not in values:
                raise ConfigError(choices(name, getattr(self, name), values))
        if self.min_length < 1:
            raise ConfigError(f"min_length {self.min_length}: must be 1 or more")
        if self.tokenizer != "spacy" and (self.lemmas or self.spacy_model != "en"):
            name = "lemmas" if self.lemmas else "spacy_model"
            raise ConfigError(f"{name} is for tokenizer spacy, got {self.tokenizer}")
        if self.lemmas and self.stemmer != "none":
            raise ConfigError(f"lemmas with stemmer {self.stemmer!r}: choose one of the two")
        if self.cjk == "words" and self.tokenizer != "word":
            raise ConfigError(f"cjk is for tokenizer word, got {self.tokenizer}")
