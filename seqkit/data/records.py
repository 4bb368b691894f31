"""What the readers yield: small tuples that remember where they came from."""

from typing import NamedTuple

__all__ = ["Document", "Judgement", "LabeledText", "Pair", "Query", "TaggedSentence"]


class LabeledText(NamedTuple):
    """A text and its class. `source` and `line` (from 1) say where the record begins."""

    text: str
    label: str
    source: str
    line: int


class Pair(NamedTuple):
    """A sentence and its translation."""

    source: str
    target: str
    origin: str
    line: int


class TaggedSentence(NamedTuple):
    """The tokens of a sentence and one tag for each; `line` is that of the first token."""

    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    origin: str
    line: int


class Document(NamedTuple):
    """A document of a search collection; `fields` holds what its file says beside title and text.

    The values of `fields` are strings; numbers and nested values keep their JSON form. There is no
    default, for all documents would share it: give `{}` for none.
    """

    id: str
    title: str
    text: str
    fields: dict[str, str]


class Query(NamedTuple):
    """A query of a search collection."""

    id: str
    text: str


class Judgement(NamedTuple):
    """How relevant a document is to a query: an integer grade, as the judges gave it."""

    query: str
    document: str
    grade: int
