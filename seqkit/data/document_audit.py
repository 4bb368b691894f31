"""Look at documents while they are indexed: empty ones, repeats, lengths."""

import dataclasses
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from seqkit.data.content import content_key
from seqkit.data.records import Document

__all__ = ["DocumentAudit", "DocumentAuditor"]

_EXAMPLES = 5
_MANY_REPEATS = 0.02
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, kw_only=True)
class DocumentAudit:
    """What stands in the documents of a collection. Nothing was changed or left out.

    Attributes:
        documents: how many there are.
        empty: those without a character that is not white space in any indexed field.
        repeats: those of the others with the content (see `content_key`) of an earlier one.
        undecodable: those that hold U+FFFD, which stands for bytes that were not UTF-8.
        characters: of the indexed fields together.
        longest: characters of the longest document, and its id.
        fields: documents that have each field, indexed ones first.
        examples: up to five repeats, as the id of the first document and that of the repeat.
    """

    documents: int
    empty: int
    repeats: int
    undecodable: int
    characters: int
    longest: tuple[int, str]
    fields: Mapping[str, int]
    examples: tuple[tuple[str, str], ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as plain JSON values."""
        return dataclasses.asdict(self)

    def lines(self) -> list[str]:
        """Return the audit as Markdown, for the report."""
        size, id = self.longest
        found = [
            f"- {self.documents:,} documents, {self.characters:,} characters; the longest, {id!r}, "
            f"has {size:,}.",
            f"- {self._share(self.empty)} are empty.",
            f"- {self._share(self.repeats)} repeat the content of an earlier one.",
            *[f"    - {repeat!r} repeats {first!r}" for first, repeat in self.examples],
        ]
        had = ", ".join(f"{name} {count:,}" for name, count in self.fields.items())
        return [*found, f"- Documents that have each field: {had}."]

    def warnings(self) -> list[str]:
        """Return what a person should know before trusting a figure, a line each."""
        found = []
        for name, count in self.fields.items():
            if count == 0 and name != "title":
                found.append(f"no document has the field {name!r}: is it called so in the data?")
        if self.empty:
            found.append(f"{self._share(self.empty)} are empty: no query finds them")
        if self.repeats > _MANY_REPEATS * self.documents:
            found.append(
                f"{self._share(self.repeats)} repeat an earlier one: they stand side by side in "
                "what is found"
            )
        if self.undecodable:
            found.append(
                f"{self._share(self.undecodable)} hold U+FFFD, the mark of bytes that were not "
                "UTF-8"
            )
        return found

    def _share(self, count: int) -> str:
        share = f" ({count / self.documents:.1%})" if count else ""
        return f"{count:,} of {self.documents:,} documents{share}"


class DocumentAuditor:
    """Counts what passes by; 16 bytes are kept of each document."""

    def __init__(self, fields: Sequence[str]) -> None:
        """Begin; `fields` are those that are indexed."""
        self._indexed = tuple(fields)
        self._fields = Counter[str](dict.fromkeys(fields, 0))
        self._keys, self._numbers = array("Q"), array("Q")  # of documents that are not empty
        self._documents = self._empty = self._undecodable = self._characters = 0
        self._longest = (-1, "")
        self.last = ""
        """Id of the document that was looked at last."""

    def watch(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Yield the documents as they are."""
        for document in documents:
            self.last = document.id
            self._count(document)
            yield document

    def result(self, reread: Callable[[], Iterable[Document]]) -> DocumentAudit:
        """Sum up.

        Args:
            reread: gives the same documents again; read as far as the examples reach.
        """
        keys = np.frombuffer(self._keys, np.uint64)
        repeats, firsts = _repeats(keys)
        pairs = [
            (self._numbers[first], self._numbers[repeat])
            for first, repeat in zip(
                firsts[:_EXAMPLES].tolist(), repeats[:_EXAMPLES].tolist(), strict=True
            )
        ]
        wanted = {number for pair in pairs for number in pair}
        numbered = enumerate(islice(reread(), max(wanted) + 1) if wanted else ())
        ids = {number: document.id for number, document in numbered if number in wanted}
        return DocumentAudit(
            documents=self._documents,
            empty=self._empty,
            repeats=len(repeats),
            undecodable=self._undecodable,
            characters=self._characters,
            longest=self._longest,
            fields=dict(self._fields),
            examples=tuple((ids[first], ids[repeat]) for first, repeat in pairs),
        )

    def _count(self, document: Document) -> None:
        named = {"title": document.title, "text": document.text, **document.fields}
        self._fields.update(name for name, value in named.items() if value)
        content = "\n".join(filter(None, (named.get(name) for name in self._indexed)))
        self._characters += len(content)
        self._undecodable += _REPLACEMENT in content
        if len(content) > self._longest[0]:
            self._longest = len(content), document.id
        if content.strip():
            self._keys.append(content_key(content))
            self._numbers.append(self._documents)
        else:
            self._empty += 1
        self._documents += 1


def _repeats(keys: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the places of keys that came before, in order, and where each came first."""
    if not len(keys):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    order = np.argsort(keys, kind="stable")
    new = np.concatenate(([True], keys[order][1:] != keys[order][:-1]))
    starts = order[np.flatnonzero(new)][np.cumsum(new) - 1]
    first = np.empty(len(keys), np.int64)
    first[order] = starts
    repeats = np.flatnonzero(first != np.arange(len(keys)))
    return repeats, first[repeats]
