"""Segments of small documents, and the same inverted by plain Python."""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from seqkit.data import Document
from seqkit.search.array_file import open_arrays
from seqkit.search.segment import Segment
from seqkit.search.segment_builder import SegmentBuilder

FIELDS = ("title", "text")
WORDS = ["a", "b", "ab", "é", "z\U0001f600", "華為"]


class Analysed(NamedTuple):
    """A document, and the terms of its fields; None where one is left out."""

    id: str
    terms: tuple[Sequence[str | None], ...]
    metadata: Mapping[str, str] = {}

    @property
    def document(self) -> Document:
        title, text = (" ".join(word or "the" for word in field) for field in self.terms)
        return Document(self.id, title, text, dict(self.metadata))


def build(path: Path, documents: Sequence[Analysed], *, batch: int = 3, store=True) -> Segment:
    """Build a segment, some documents at a time; terms are numbered as they come."""
    builder = SegmentBuilder(FIELDS, store=store)
    numbers = {"never seen": 0}
    for start in range(0, len(documents), batch):
        part = documents[start : start + batch]
        flat = [term for one in part for field in one.terms for term in field]
        terms = [-1 if term is None else numbers.setdefault(term, len(numbers)) for term in flat]
        tokens = np.array([[len(field) for field in one.terms] for one in part])
        ids = [one.id for one in part]
        builder.add(ids, np.array(terms, np.int32), tokens, [one.document for one in part])
    assert builder.docs == len(documents)
    return builder.write(path, list(numbers))


def inverted(documents: Sequence[Analysed]) -> dict[str, list[tuple[int, list[int]]]]:
    """Map each term to its documents, and where it is in each."""
    lists: dict[str, list[tuple[int, list[int]]]] = {}
    for number, document in enumerate(documents):
        places: dict[str, list[int]] = {}
        position = 0
        for field in document.terms:
            for term in field:
                if term is not None:
                    places.setdefault(term, []).append(position)
                position += 1
            position += 1
        for term, found in places.items():
            lists.setdefault(term, []).append((number, found))
    return lists


def check(segment: Segment, documents: Sequence[Analysed]) -> None:
    """Compare all that a segment tells with the documents that it was built from."""
    expected = inverted(documents)
    assert list(segment.terms) == sorted(expected, key=str.encode)
    for term, lists in expected.items():
        number = segment.term(term)
        docs, tfs, positions = segment.positions(number)
        assert docs.tolist() == [doc for doc, _ in lists]
        assert tfs.tolist() == [len(found) for _, found in lists]
        assert positions.tolist() == [place for _, found in lists for place in found]
        assert [part.tolist() for part in segment.postings(number)] == [docs.tolist(), tfs.tolist()]
        assert segment.df[number] == len(docs) and segment.cf[number] == len(positions)
    assert segment.term("never seen") == -1

    lengths = [[sum(t is not None for t in f) for f in one.terms] for one in documents]
    assert segment.field_lengths.tolist() == lengths
    assert segment.lengths.tolist() == [sum(each) for each in lengths]
    assert segment.field_starts.tolist() == [[0, len(one.terms[0]) + 1] for one in documents]
    assert segment.total_length == sum(map(sum, lengths))
    assert segment.docs == len(documents)
    ids = [one.id for one in documents]
    assert [segment.id(doc) for doc in range(segment.docs)] == ids
    assert [segment.doc(id) for id in ids] == [*range(len(ids))]
    assert segment.doc("no such id") == -1
    assert [sorted(ids)[rank] for rank in segment.id_rank] == ids
    if segment.meta["store"]:
        found = [segment.document(doc) for doc in range(segment.docs)]
        assert found == [one.document for one in documents]


def same(one: Path, other: Path) -> None:
    """Compare two files of arrays."""
    a, b = open_arrays(one), open_arrays(other)
    assert a.meta == b.meta and a.arrays.keys() == b.arrays.keys()
    for name, array in a.arrays.items():
        np.testing.assert_array_equal(array, b.arrays[name], err_msg=name)
        assert array.dtype == b.arrays[name].dtype, name


def many(count: int, *, seed: int = 0, words: int = 60) -> list[Analysed]:
    """Make documents in which some words are frequent and most are rare."""
    rng = random.Random(seed)
    vocabulary = [f"w{i}" for i in range(words)]
    weights = [1 / (i + 1) for i in range(words)]
    documents = []
    for number in range(count):
        text = [None if word == "w3" else word
                for word in rng.choices(vocabulary, weights, k=rng.randrange(40))]  # fmt: skip
        title = rng.choices(vocabulary, k=rng.randrange(3))
        documents.append(Analysed(f"{rng.random()}-{number}", (title, text), {"n": str(number)}))
    return documents


_terms = st.lists(st.sampled_from([None, *WORDS]), max_size=12)
_metadata = st.dictionaries(st.sampled_from(["year", "kind"]), st.sampled_from(["", "1", "ü"]))


@st.composite
def collections(draw, max_size: int = 8) -> list[Analysed]:
    """Draw documents; their ids are distinct."""
    ids = draw(st.lists(st.text(max_size=3), unique=True, max_size=max_size))
    return [Analysed(id, (draw(_terms), draw(_terms)), draw(_metadata)) for id in ids]
