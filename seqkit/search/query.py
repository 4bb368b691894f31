"""What is looked for, as objects: those that `seqkit.search.parsing.parse` makes of a text.

`str(query)` writes a query in the query language, so that it parses to the same.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from dataclasses import field as option
from numbers import Real
from typing import TypeAlias, get_args

from seqkit.errors import ConfigError

__all__ = [
    "All",
    "Bool",
    "Equals",
    "Phrase",
    "Prefix",
    "Query",
    "Range",
    "Term",
    "Words",
    "scores",
]

_SPECIAL = re.compile(r'[\s()\[\]{}":^*~\\]|^[+!-]|^(?:AND|OR|NOT|&&|\|\|)$')
_DEEPEST = 160  # of `Bool` in `Bool`; a text has three at most for each of its 50 groups


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
        """Check the types, and the boost."""
        _check_words(self)

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
        """Check the types, that there is a text, and the boost."""
        _check_words(self)
        if not self.text:
            raise ConfigError(f"{type(self).__name__}: the text is empty, expected a word")

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
        """Check the types, and the boost."""
        _check_words(self)

    def __str__(self) -> str:
        """Write `field:"text"^boost`."""
        return _boosted(_in_field(self.field, _quoted(self.text)), self.boost)


@dataclass(frozen=True)
class Prefix:
    """All terms that begin so: their documents, scored as one term with the sum of their counts.

    The prefix is normalised (case) and compared with the terms of the index, which are stems where
    the index has a stemmer; the term that analysis makes of the prefix itself is one of them, so
    that `computers*` finds what `computers` finds. Where analysis cuts it into several words
    (`wi-fi*`), they are a phrase whose last word begins so.
    """

    text: str
    _: KW_ONLY
    field: str | None = None
    """Only this field; all fields where it is None."""
    boost: float = 1.0
    """Factor of the score."""

    def __post_init__(self) -> None:
        """Check the types, that there is a text, and the boost."""
        _check_words(self)
        if not self.text:
            raise ConfigError(f"{type(self).__name__}: the text is empty, expected a word")

    def __str__(self) -> str:
        """Write `field:prefix*^boost`."""
        return _boosted(_in_field(self.field, _escaped(self.text) + "*"), self.boost)


@dataclass(frozen=True)
class All:
    """Every document; it adds no score."""

    def __str__(self) -> str:
        """Write `*:*`."""
        return "*:*"


@dataclass(frozen=True)
class Equals:
    """Documents whose metadata has exactly this value; it adds no score."""

    name: str
    value: str
    """A number counts as it is written."""

    def __post_init__(self) -> None:
        """Check the types, and take a number as its text."""
        _check_string(self, "name")
        object.__setattr__(self, "value", _value_text(self, "value"))

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
        """Check the types, and take numbers as their text."""
        _check_string(self, "name")
        for end in ("low", "high"):
            if getattr(self, end) is not None:
                object.__setattr__(self, end, _value_text(self, end))

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
    depth: int = option(default=0, init=False, repr=False, compare=False)
    """How many `Bool` are inside each other in it, itself not counted."""

    def __post_init__(self) -> None:
        """Take the clauses as tuples, and check them."""
        depth = 0
        for name in ("should", "must", "must_not", "filter"):
            clauses = _clauses(name, getattr(self, name))
            object.__setattr__(self, name, clauses)
            depth = max([depth, *(each.depth + 1 for each in clauses if isinstance(each, Bool))])
        if depth > _DEEPEST:
            raise ConfigError(f"Bool: more than {_DEEPEST} inside each other: join some of them")
        object.__setattr__(self, "depth", depth)
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


Query: TypeAlias = All | Bool | Equals | Phrase | Prefix | Range | Term | Words


def scores(query: Query) -> bool:
    """Tell whether anything in a query adds to the score; what does not is a filter."""
    if isinstance(query, Bool):
        return any(map(scores, query.should + query.must))
    return not isinstance(query, All | Equals | Range)


def _clauses(name: str, given: object) -> tuple[Query, ...]:
    kinds = get_args(Query)
    if isinstance(given, kinds):
        raise ConfigError(f"Bool: {name} is one query, expected several: {name}=[{given!r:.60}]")
    several = isinstance(given, Sequence) and not isinstance(given, str)
    clauses = tuple(given) if several else (given,)
    wrong = [clause for clause in clauses if not isinstance(clause, kinds)]
    if wrong:
        raise ConfigError(
            f"Bool: {name} holds {wrong[0]!r:.60}, expected a list of queries such as Term('jet'); "
            "parse makes them of a text"
        )
    return clauses


def _check_words(query: Words | Term | Phrase | Prefix) -> None:
    _check_string(query, "text")
    if query.field is not None:
        _check_string(query, "field")
    _check_boost(query)


def _check_boost(query: Words | Term | Phrase | Prefix | Bool) -> None:
    boost = query.boost
    if not _is_number(boost) or not (boost > 0 and math.isfinite(boost)):
        raise ConfigError(
            f"{type(query).__name__}: boost {boost!r:.60}: must be a number above 0, finite"
        )


def _check_string(query: "Query", name: str) -> None:
    value = getattr(query, name)
    if not isinstance(value, str):
        raise ConfigError(f"{type(query).__name__}: {name} is {value!r:.60}, expected a string")


def _value_text(query: Equals | Range, name: str) -> str:
    value = getattr(query, name)
    if not isinstance(value, str) and not _is_number(value):
        raise ConfigError(
            f"{type(query).__name__}: {name} is {value!r:.60}, expected a string or a number"
        )
    return str(value)


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


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
