"""Words so frequent that a search may leave them out."""

import importlib
from pathlib import Path

from seqkit.errors import ConfigError, DataError, require

__all__ = ["ENGLISH", "load_stopwords"]

_ENGLISH = (
    "a an and are as at be but by for if in into is it no not of on or such that the their then "
    "there these they this to was will with"
)
ENGLISH = frozenset(_ENGLISH.split())
"""The 33 words of Lucene's classic analyser, which other libraries call English too."""


def load_stopwords(name: str) -> frozenset[str]:
    """Return the stop words that `AnalysisConfig.stopwords` names.

    Args:
        name: none; english, for `ENGLISH`; the code of a language, such as de or fr, for the list
            of spaCy; or a file with one word a line.

    Raises:
        ConfigError: it is none of these, or spaCy is missing or has no list for the language.
        DataError: the file is not UTF-8.
    """
    if name == "none":
        return frozenset()
    if name == "english":
        return ENGLISH
    if Path(name).is_file():
        try:
            return frozenset(Path(name).read_text("utf-8-sig").split())
        except UnicodeDecodeError as error:
            raise DataError(f"{name}: not UTF-8 at byte {error.start}: convert it") from None
    if not name.isidentifier():
        raise _unknown(name)
    require("spacy", extra="spacy", purpose=f"stop words {name!r}: a list that is not built in")
    try:
        module = importlib.import_module(f"spacy.lang.{name}.stop_words")
    except ModuleNotFoundError:
        raise _unknown(name) from None
    return frozenset(module.STOP_WORDS)


def _unknown(name: str) -> ConfigError:
    return ConfigError(
        f"stopwords {name!r}: choose none, english, the code of a language that spaCy has a list "
        "for (such as de, fr, es), or give a file with one word a line"
    )
