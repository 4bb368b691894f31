import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.errors import DataError
from seqkit.search.packing import (
    ANY_TF,
    BLOCK,
    Packer,
    PostingLists,
    Postings,
    decode_docs,
    decode_list,
    pack_lists,
)

LAST = (1 << 32) - 2  # the highest number of a document or position


def unpack(kernel: Postings, term: int, df: int, cf: int) -> list[tuple[int, list[int]]]:
    docs, tfs, positions = (np.empty(n, np.uint32) for n in (df, df, cf))
    assert decode_list(kernel, term, docs, tfs, positions) == cf
    bounds = np.cumsum(tfs)[:-1]
    places = np.split(positions, bounds) if df else []
    return [(int(doc), part.tolist()) for doc, part in zip(docs, places, strict=True)]


def check(lists: list[list[tuple[int, list[int]]]], lengths: list[int]) -> Postings:
    """Pack lists and read them again: documents, positions, impacts."""
    kernel = pack_lists(
        [[(doc, len(places)) for doc, places in postings] for postings in lists],
        lengths,
        positions=[[places for _, places in postings] for postings in lists],
    )
    for term, postings in enumerate(lists):
        cf = sum(len(places) for _, places in postings)
        assert unpack(kernel, term, len(postings), cf) == postings
        blocks = range(*kernel.first_block[term : term + 2].tolist())
        assert len(blocks) == -(-len(postings) // BLOCK)
        for number, block in enumerate(blocks):
            part = postings[BLOCK * number : BLOCK * (number + 1)]
            assert kernel.last_doc[block] == part[-1][0]
            check_impacts(kernel, block, [(len(p), lengths[doc]) for doc, p in part])
    return kernel


def check_impacts(kernel: Postings, block: int, pairs: list[tuple[int, int]]) -> None:
    """Compare the impacts of a block with what bounds its (tf, length) pairs, by definition."""
    low, high = kernel.impact_first[block : block + 2].tolist()
    tfs, lengths = kernel.impact_tf[low:high].tolist(), kernel.impact_length[low:high].tolist()
    pairs = [(min(tf, ANY_TF), min(length, 65535)) for tf, length in pairs]
    found = [*zip(tfs, lengths, strict=True)]
    beaten = {
        one
        for one in pairs
        for two in pairs
        if two[0] >= one[0] and two[1] <= one[1] and one != two
    }
    frontier = sorted({*pairs} - beaten)
    assert found == frontier if len(frontier) <= 8 else len(found) == 8
    assert tfs == sorted({*tfs}) and lengths == sorted({*lengths})
    assert all(any(a >= tf and b <= length for a, b in found) for tf, length in pairs)
    assert {*tfs} <= {tf for tf, _ in pairs} and {*lengths} <= {length for _, length in pairs}


@pytest.mark.parametrize("count", [1, 127, 128, 129, 256, 300])
def test_a_term_in_every_document(count):
    check([[(doc, [doc]) for doc in range(count)]], [1 + doc % 7 for doc in range(count)])


def test_a_term_a_hundred_thousand_times_in_a_document():
    check([[(0, [3]), (2, [*range(0, 300_000, 3)]), (3, [0, 7])]], [9, 9, 300_000, 4])


@pytest.mark.parametrize(
    ("lists", "positions"),
    [
        ([[(3, 1), (2, 1)]], [[[0], [0]]]),
        ([[(3, 1), (3, 1)]], [[[0], [0]]]),
        ([[(n % 128, 1) for n in range(129)]], [[[0]] * 129]),  # in another block
        ([[(0, 1)], [(0, 2), (1, 1)]], [[[0]], [[5, 4], [0]]]),
        ([[(0, 2)]], [[[4, 4]]]),
        ([[(0, 1), (1, 0)]], [[[0], []]]),
    ],
)
def test_what_does_not_ascend_is_refused(lists, positions):
    with pytest.raises(DataError, match="documents or positions of a term that do not ascend"):
        pack_lists(lists, [9] * 200, positions=positions)


def test_the_highest_numbers_fit():
    far = [0, 1, 1 << 31, LAST]
    check([[(doc, [position]) for doc in (0, 5)] for position in far], [1] * 6)
    check([[(0, far), (1, [5])], [(1, [(1 << 31) - 1])]], [1, 1])


def test_more_impacts_than_eight_are_joined():
    postings = [(doc, [*range(doc + 1)]) for doc in range(100)]
    check([postings], [10 * (doc + 1) for doc in range(100)])


def test_positions_that_need_a_long_row_of_zeros():
    places = [[n] for n in range(127)]
    check([[*enumerate(places), (127, [2_000_000])]], [1] * 128)


@settings(max_examples=60)
@given(data=st.data())
def test_any_lists(data):
    docs = data.draw(st.integers(1, 300))
    seed = data.draw(st.integers(0, 1 << 30))
    rng = np.random.default_rng(seed)
    lists = []
    for _ in range(data.draw(st.integers(0, 4))):
        found = np.flatnonzero(rng.random(docs) < rng.choice([0.01, 0.5, 1.0]))
        highest = int(rng.choice([20, 300, 1 << 31]))
        lists.append(
            [
                (doc, np.unique(rng.integers(0, highest, rng.integers(1, 9))).tolist())
                for doc in found.tolist()
            ]
        )
    lists = [postings for postings in lists if postings]
    check(lists, rng.integers(1, 400, docs).tolist())


def test_documents_can_be_read_alone():
    kernel = pack_lists([[(doc, 2) for doc in range(0, 600, 2)]], [5] * 600)
    docs = np.empty(BLOCK, np.uint32)
    assert decode_docs(kernel, 1, int(kernel.last_doc[0]), docs) == BLOCK
    assert docs.tolist() == [*range(256, 512, 2)]


def test_packing_in_parts_makes_the_same_arrays():
    lists = [[(doc, [0, doc + 1]) for doc in range(term, 200, term + 1)] for term in range(9)]
    whole = check(lists, [3] * 200)
    pieces: dict[str, list[np.ndarray]] = {}
    packer = Packer(
        np.full(200, 3, np.uint32), lambda name, a: pieces.setdefault(name, []).append(a)
    )
    for postings in lists:
        flat = PostingLists(
            first=np.zeros(2, np.int64),
            df=np.array([0, len(postings)]),  # a term without documents is left out
            first_position=np.zeros(2, np.int64),
            docs=np.array([doc for doc, _ in postings], np.uint32),
            tfs=np.array([len(places) for _, places in postings], np.uint32),
            positions=np.array([place for _, places in postings for place in places], np.uint32),
        )
        assert packer.pack(flat).tolist() == [False, True]
    packer.finish()
    for name in Postings._fields:
        np.testing.assert_array_equal(np.concatenate(pieces[name]), getattr(whole, name))
    assert np.concatenate(pieces["df"]).tolist() == [len(postings) for postings in lists]
    assert np.concatenate(pieces["cf"]).tolist() == [2 * len(postings) for postings in lists]
