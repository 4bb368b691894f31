"""What is looked for, as objects: those that `seqkit.search.parsing.parse` makes of a text.

`str(query)` writes a query in the query language, so that it parses to the same.
"""

import math
import re
from dataclasses import KW_ONLY, dataclass
from typing import TypeAlias, get_args

from seqkit.errors import ConfigError

__all__ = ["Bool", "Equals", "Phrase", "Prefix", "Query", "Range", "Term", "Words", "scores"]

_SPECIAL = re.compile(r'[\s()\[\]{}":^*~\\]|^[+-]|^(?:AND|OR|NOT)$')


@dataclass(frozen=True)
class Words:
    """Plain text without syntax: a bag of its terms, each of which adds to the score."""

    text: str
    _: KW_ONLY
    field: str | None = None
    """Only this field; all fields where it is None."""
    boost: float = 1.0
    """Factor of the score."""

    def __post_init__(self) -> None:
        """Check the boost."""
        _check_boost(self)

    def __str__(self) -> str:
        """Write each of the words."""
        words = [_in_field(self.field, _escaped(word)) for word in self.text.split()]
        return _boosted(f"({' '.join(words)})", self.boost) if words else ""


@dataclass(frozen=True)
class Term:
    """One word, analysed as the documents are.

    A word that analysis cuts into several terms (`wi-fi`, Chinese characters) is a `Phrase` of them
    where it stands in one field, or must or must not match; else a bag of them, as in `Words`.
    """

    text: str
    _: KW_ONLY
    field: str | None = None
    """Only this field; all fields where it is None."""
    boost: float = 1.0
    """Factor of the score."""

    def __post_init__(self) -> None:
        """Check text and boost."""
        _check_text(self)
        _check_boost(self)

    def __str__(self) -> str:
        """Write `field:word^boost`."""
        return _boosted(_in_field(self.field, _escaped(self.text)), self.boost)


@dataclass(frozen=True)
class Phrase:
    """Words that follow each other; a dropped one (a stop word) leaves its place open."""

    text: str
    _: KW_ONLY
    field: str | None = None
    """Only this field; any one field where it is None."""
    boost: float = 1.0
    """Factor of the score."""

    def __post_init__(self) -> None:
        """Check the boost."""
        _check_boost(self)

    def __str__(self) -> str:
        """Write `field:"text"^boost`."""
        return _boosted(_in_field(self.field, _quoted(self.text)), self.boost)


@dataclass(frozen=True)
class Prefix:
    """All terms that begin so: their documents, scored as one term with the sum of their counts.

    The prefix is normalised (case) and compared with the terms of the index, which are stems where
    the index has a stemmer; the term that analysis makes of the prefix itself is one of them, so
    that `computers*` finds what `computers` finds.
    """

    text: str
    _: KW_ONLY
    field: str | None = None
    """Only this field; all fields where it is None."""
    boost: float = 1.0
    """Factor of the score."""

    def __post_init__(self) -> None:
        """Check text and boost."""
        _check_text(self)
        _check_boost(self)

    def __str__(self) -> str:
        """Write `field:prefix*^boost`."""
        return _boosted(_in_field(self.field, _escaped(self.text) + "*"), self.boost)


@dataclass(frozen=True)
class Equals:
    """Documents whose metadata has exactly this value; it adds no score."""

    name: str
    value: str

    def __post_init__(self) -> None:
        """Take a number as its text."""
        object.__setattr__(self, "value", str(self.value))

    def __str__(self) -> str:
        """Write `name:value`."""
        return _in_field(self.name, _value(self.value))


@dataclass(frozen=True)
class Range:
    """Documents whose metadata lies between two values; it adds no score.

    Where the bounds are numbers, values are compared as numbers, and those that are none lie
    outside; where one of the bounds is not, all values are compared as text, by code points. With
    both ends open it is every document that has a value.
    """

    name: str
    low: str | float | None = None
    """Nothing below; None for an open end."""
    high: str | float | None = None
    """Nothing above; None for an open end."""
    _: KW_ONLY
    include_low: bool = True
    """Whether `low` itself belongs to it."""
    include_high: bool = True
    """Whether `high` itself belongs to it."""

    def __post_init__(self) -> None:
        """Take numbers as their text."""
        for end in ("low", "high"):
            value = getattr(self, end)
            object.__setattr__(self, end, None if value is None else str(value))

    def __str__(self) -> str:
        """Write `name:[low TO high]`, with braces where an end does not belong to it."""
        low, high = ("*" if end is None else _value(str(end)) for end in (self.low, self.high))
        opening, closing = "{["[self.include_low], "}]"[self.include_high]
        return _in_field(self.name, f"{opening}{low} TO {high}{closing}")


@dataclass(frozen=True, kw_only=True)
class Bool:
    """Several queries in one.

    A document matches if it has all of `must` and of `filter`, none of `must_not` and, where there
    is a `should` and no `must`, one of `should`. The scores of `should` and `must` are added. With
    nothing but `filter` and `must_not` all the other documents match, with the score 0.
    """

    should: tuple["Query", ...] = ()
    """One of them at least, or none where something must match."""
    must: tuple["Query", ...] = ()
    """All of them."""
    must_not: tuple["Query", ...] = ()
    """None of them; they add no score."""
    filter: tuple["Query", ...] = ()
    """All of them; they add no score."""
    boost: float = 1.0
    """Factor of the score."""

    def __post_init__(self) -> None:
        """Take the clauses as tuples, and check them."""
        for name in ("should", "must", "must_not", "filter"):
            clauses = getattr(self, name)
            wrong = [clause for clause in clauses if not isinstance(clause, get_args(Query))]
            if wrong or isinstance(clauses, str):
                got = repr(clauses if isinstance(clauses, str) else wrong[0])
                raise ConfigError(
                    f"Bool: {name} holds {got}, expected queries such as Term('jet'); "
                    "parse makes them of a text"
                )
            object.__setattr__(self, name, tuple(clauses))
        _check_boost(self)

    def __str__(self) -> str:
        """Write the clauses: those of `should` bare, then `+must`, `-must_not` and filters."""
        should = [_grouped(clause) for clause in self.should]
        if not all(map(scores, self.should)):  # a bare one that does not score would be a filter
            should = [" OR ".join(should)]
            if self.must or self.must_not or self.filter:
                should = [f"({should[0]})"]
        signed = (("+", self.must), ("-", self.must_not), ("", self.filter))
        parts = [sign + _grouped(clause) for sign, clauses in signed for clause in clauses]
        content = " ".join(should + parts)
        return content if self.boost == 1 else _boosted(f"({content})", self.boost)


Query: TypeAlias = Bool | Equals | Phrase | Prefix | Range | Term | Words


def scores(query: Query) -> bool:
    """Tell whether anything in a query adds to the score; what does not is a filter."""
    if isinstance(query, Bool):
        return any(map(scores, query.should + query.must))
    return not isinstance(query, Equals | Range)


def _check_text(query: Term | Prefix) -> None:
    if not query.text:
        raise ConfigError(f"{type(query).__name__}: the text is empty, expected a word")


def _check_boost(query: Words | Term | Phrase | Prefix | Bool) -> None:
    if not (query.boost > 0 and math.isfinite(query.boost)):
        raise ConfigError(f"{type(query).__name__}: boost {query.boost}: must be above 0, finite")


def _escaped(word: str) -> str:
    return _SPECIAL.sub(lambda found: "\\" + found[0], word)


def _quoted(text: str) -> str:
    content = re.sub(r'["\\]', lambda found: "\\" + found[0], text)
    return f'"{content}"'


def _value(text: str) -> str:
    return text if re.fullmatch(r"[\w.-]+", text) else _quoted(text)


def _in_field(field: str | None, content: str) -> str:
    return content if field is None else f"{_escaped(field)}:{content}"


def _boosted(content: str, boost: float) -> str:
    return content if boost == 1 else f"{content}^{boost!r}"


def _grouped(query: Query) -> str:
    plain = not isinstance(query, Bool) or query.boost != 1
    return str(query) if plain else f"({query})"
