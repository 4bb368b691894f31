"""What a text becomes in an index: terms, and the places of words that are left out."""

import functools
import itertools
import json
import logging
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from seqkit.config import from_dict, to_dict
from seqkit.errors import DataError
from seqkit.files import json_bytes
from seqkit.search.analysis_config import AnalysisConfig
from seqkit.search.cjk import asked_pairs, is_cjk, pair_spans, pair_tokens
from seqkit.search.numbering import NO_TERM, Numbering
from seqkit.search.reducing import SpacyLemmas, stemmer, versions
from seqkit.search.stopwords import load_stopwords
from seqkit.text import Normalizer, SpacyTokenizer, Token, Tokenizer, make_tokenizer

__all__ = ["AnalysisConfig", "Analyzer", "Span"]

logger = logging.getLogger(__name__)

_FORMAT = 1
_PIECE = 1 << 18  # characters
_SPACE = re.compile(r"\s")


class Span(NamedTuple):
    """A word of a text: its term, None where it is left out, and its characters."""

    term: str | None
    start: int
    end: int


class Analyzer:
    """Turn texts into terms, the same way for documents and for queries.

    Punctuation is no term and takes no place, so that the phrase "heat transfer" finds
    heat-transfer; a word that is left out (a stop word, or one too short) keeps its place. A
    curly apostrophe counts as a straight one, #tag and @name as the word behind the sign.

    Queries and spans may come from several threads at once, batches from one.

    >>> analyzer = Analyzer(AnalysisConfig(stopwords="english"))
    >>> analyzer.query("The state-of-the-art, 華為手机!")
    [None, 'state', None, None, 'art', '華為', '為手', '手机', None]
    >>> analyzer.batch(["Art and state", "art"])
    (array([ 0, -1,  1,  0], dtype=int32), array([3, 1]))
    >>> analyzer.names
    ['art', 'state']
    """

    def __init__(
        self, config: AnalysisConfig | None = None, *, stopwords: frozenset[str] | None = None
    ) -> None:
        """Set up what the options ask for.

        Args:
            config: the options; None for the defaults.
            stopwords: taken in place of what `config.stopwords` names, which is then not read.

        Raises:
            ConfigError: a language that is not known, or a library that is not installed.
        """
        self.config = config = config or AnalysisConfig()
        listed = load_stopwords(config.stopwords) if stopwords is None else stopwords
        self._fold = Normalizer(unicode=config.unicode, case=config.case)
        # a model that finds lemmas looks at capitals: there it is the lemmas that are folded
        self._normalizer = Normalizer(unicode=config.unicode) if config.lemmas else self._fold
        self._tokenizer = _tokenizer(config)
        self._stopwords = frozenset(map(self._fold, listed))
        self._reduce = stemmer(config.stemmer)
        self._pairs = config.tokenizer == "word" and config.cjk == "bigrams"
        self._term = functools.lru_cache(1 << 16)(self._make_term)
        self._numbering = Numbering(
            self._make_term, self._cut_many, ascii_words=config.tokenizer == "word"
        )

    @property
    def names(self) -> list[str]:
        """The terms of all batches, in the order in which they first came."""
        return list(self._numbering.terms)

    def batch(self, texts: Sequence[str]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        """Number the terms of many texts, those of documents.

        Returns:
            The numbers of the terms in `names`, -1 for a word that is left out, of all texts one
            after another, (sum of lengths,) int32; and how many each text has, (texts,) int64.
        """
        return self._numbering.batch([self._normalizer(text) for text in texts])

    def query(self, text: str) -> list[str | None]:
        """Return the terms of a text in order, None for a word that is left out.

        None stands, too, where a text of a document that ended there would have the last character
        of a run of Han, kana or Hangul as a term; see `seqkit.search.cjk`.
        """
        normal = self._normalizer(text)
        tokens: Sequence[str | None] = (
            asked_pairs(normal, self._tokenizer)
            if self._pairs and is_cjk(normal)
            else self._tokenizer(normal)
        )
        terms = [token and self._term(token) for token in tokens]
        return [term for term in terms if term != NO_TERM]

    def is_part(self, term: str) -> bool:
        """Tell whether a term is a lone character in an index of pairs.

        It occurs where any term begins with it.
        """
        return self._pairs and is_cjk(term) and len(term) == 1

    def spans(self, text: str) -> list[Span]:
        """Return the words of a text with their terms and their characters in it.

        The terms are those of `batch`, but where normalising moves characters (decomposed accents,
        ligatures): there each word is normalised by itself.
        """
        normal, config = self._normalizer(text), self.config
        same = len(normal) == len(text) and (
            config.unicode == "none" or unicodedata.is_normalized(config.unicode.upper(), text)
        )
        tokens = self._spans(normal) if same else self._spans(text)
        found = []
        for token in tokens:
            term = self._term(token.text if same else self._normalizer(token.text))
            if term != NO_TERM:
                found.append(Span(term, token.start, token.end))
        return found

    def to_files(self) -> dict[str, bytes]:
        """Return `analysis.json`, and `stopwords.txt` where words are left out, by name."""
        settings = {
            "format": _FORMAT,
            "analysis": to_dict(self.config),
            "versions": versions(self.config.stemmer, spacy=self.config.tokenizer == "spacy"),
        }
        files = {"analysis.json": json_bytes(settings)}
        if self._stopwords:
            words = "".join(f"{word}\n" for word in sorted(self._stopwords))
            files["stopwords.txt"] = words.encode("utf-8", "surrogatepass")
        return files

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> "Analyzer":
        """Make the analyser whose files these are; others among them are ignored.

        Raises:
            DataError: one is missing, damaged or written by a newer seqkit.
            ConfigError: it needs something that is not installed.
        """
        settings = _settings(files)
        config = from_dict(AnalysisConfig, settings["analysis"], where="analysis.json")
        listed = frozenset[str]()
        if config.stopwords != "none":
            if "stopwords.txt" not in files:
                raise DataError("stopwords.txt is missing: copy the index again, whole")
            listed = frozenset(files["stopwords.txt"].decode("utf-8", "surrogatepass").split())
        analyzer = cls(config, stopwords=listed)
        for name, found in versions(config.stemmer, spacy=config.tokenizer == "spacy").items():
            written = settings["versions"].get(name)
            if written != found:
                logger.warning(
                    "the index was analysed with %s %s, %s is installed: some words may become "
                    "other terms than they were; index anew, or install that version",
                    *(name, written, found),
                )
        return analyzer

    def _cut_many(self, texts: Sequence[str]) -> Iterator[Iterable[str]]:
        if self.config.tokenizer != "word":
            yield from self._tokenizer.many(texts)
            return
        for text in texts:
            yield itertools.chain.from_iterable(map(self._cut, _pieces(text)))

    def _cut(self, text: str) -> list[str]:
        if self._pairs and is_cjk(text):
            return pair_tokens(text, self._tokenizer)
        return self._tokenizer(text)

    def _spans(self, text: str) -> list[Token]:
        if self._pairs and is_cjk(text):
            return pair_spans(text, self._tokenizer)
        return self._tokenizer.spans(text)

    def _make_term(self, token: str) -> str | None:
        """Return the term of a token, None if it is left out, `NO_TERM` for punctuation."""
        if self.config.tokenizer == "word":
            word = token.lstrip("#@_")  # of a tag or a name
            if not word or not _begins_word(word[0]):  # also :D and <br>
                return NO_TERM
        else:
            word = self._fold(token) if self.config.lemmas else token
            if not any(map(_begins_word, word)):
                return NO_TERM
        word = word.replace("\u2019", "'")
        if word in self._stopwords:
            return None
        if len(word) < self.config.min_length and not is_cjk(word):
            return None
        return self._reduce(word)


def _begins_word(character: str) -> bool:
    """Say whether it is a letter, a digit or a picture such as an emoji."""
    return character.isalnum() or unicodedata.category(character) == "So"


def _pieces(text: str) -> Iterator[str]:
    """Cut a long text at white space, where no token goes across: its tokens are many objects."""
    at = 0
    while len(text) - at > _PIECE and (space := _SPACE.search(text, at + _PIECE)):
        yield text[at : space.start()]
        at = space.start()
    yield text[at:] if at else text


def _tokenizer(config: AnalysisConfig) -> Tokenizer | SpacyLemmas:
    if config.lemmas:
        return SpacyLemmas(config.spacy_model)
    options = {"model": config.spacy_model} if config.tokenizer == SpacyTokenizer.name else {}
    return make_tokenizer(config.tokenizer, options=options, files={})


def _settings(files: Mapping[str, bytes]) -> dict[str, Any]:
    if "analysis.json" not in files:
        raise DataError("analysis.json is missing: it is part of every index")
    try:
        settings = json.loads(files["analysis.json"])
    except ValueError as error:  # bad UTF-8 and bad JSON are both kinds of it
        raise DataError(f"analysis.json: not JSON: {error}") from None
    found = settings.get("format") if isinstance(settings, dict) else None
    if not isinstance(found, int):
        raise DataError("analysis.json: no format number: it is not a saved analysis")
    if found > _FORMAT:
        raise DataError(f"analysis.json: format {found} is newer than {_FORMAT}: update seqkit")
    if not isinstance(settings.get("analysis"), dict) or not isinstance(
        settings.get("versions"), dict
    ):
        raise DataError("analysis.json: damaged settings: copy the index again, whole")
    return settings
