"""Phrases and fields: against sets of positions in Python."""

from typing import NamedTuple

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seqkit.search.packing import Postings, pack_lists
from seqkit.search.phrases import Places, follow, keep_field, places_in

where = st.dictionaries(st.integers(0, 12), st.sets(st.integers(0, 40), min_size=1, max_size=8))


def places(positions):
    docs = sorted(positions)
    return Places(
        np.array(docs, np.uint32),
        np.array([len(positions[doc]) for doc in docs], np.uint32),
        np.array([place for doc in docs for place in sorted(positions[doc])], np.uint32),
    )


def plain(found):
    ends = np.cumsum(found.tfs)
    parts = np.split(found.positions, ends[:-1])
    return {int(doc): set(part.tolist()) for doc, part in zip(found.docs, parts, strict=False)}


def test_a_phrase_by_hand():
    heat = places({1: {0, 5}, 3: {2}, 7: {9}})
    transfer = places({1: {1, 9}, 7: {8, 10}, 9: {0}})
    assert plain(follow(heat, transfer, 1)) == {1: {0}, 7: {9}}
    assert plain(follow(transfer, heat, -1)) == {1: {1}, 7: {10}}


@given(where, where, st.integers(-5, 5))
def test_one_term_behind_another(first, then, distance):
    expected = {
        doc: kept
        for doc, at in first.items()
        if (kept := {place for place in at if place + distance in then.get(doc, ())})
    }
    assert plain(follow(places(first), places(then), distance)) == expected


@given(
    where,
    st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=13, max_size=13),
    st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from([None, 0, 1, 2]),
)
def test_places_in_one_field(positions, sizes, before, behind, field):
    sizes = np.array(sizes)
    starts = np.zeros((13, 3), np.uint32)
    starts[:, 1:] = np.cumsum(sizes[:, :2] + 1, axis=1)  # a gap between two fields

    def field_of(doc, place):
        return int((starts[doc] <= place).sum()) - 1

    positions = {doc: {place + before for place in at} for doc, at in positions.items()}
    expected = {}
    for doc, at in sorted(positions.items()):
        ends = [(field_of(doc, place - before), field_of(doc, place + behind)) for place in at]
        if tf := sum(first == last and field in (None, first) for first, last in ends):
            expected[doc] = tf
    docs, tfs = keep_field(places(positions), (-before, behind), starts, field)
    assert dict(zip(docs.tolist(), tfs.tolist(), strict=True)) == expected


class Packed(NamedTuple):
    """What `places_in` needs of a segment."""

    kernel: Postings
    df: np.ndarray
    cf: np.ndarray


@given(
    st.lists(
        st.dictionaries(
            st.integers(0, 600), st.sets(st.integers(0, 1 << 20), min_size=1, max_size=4),
            max_size=400,
        ),
        min_size=1, max_size=3,
    ),
    st.sets(st.integers(0, 600)),
)  # fmt: skip
def test_a_term_in_some_documents(terms, wanted):
    docs = [sorted(term) for term in terms]
    kernel = pack_lists(
        [[(doc, len(term[doc])) for doc in at] for term, at in zip(terms, docs, strict=True)],
        [9] * 601,
        positions=[[sorted(term[doc]) for doc in at] for term, at in zip(terms, docs, strict=True)],
    )
    kept = [term for term in terms if term]  # one without documents has no number
    df = np.array([len(term) for term in kept], np.uint32)
    cf = np.array([sum(map(len, term.values())) for term in kept], np.uint64)
    for number, term in enumerate(kept):
        found = places_in(Packed(kernel, df, cf), number, np.array(sorted(wanted), np.uint32))
        assert plain(found) == {doc: at for doc, at in term.items() if doc in wanted}
