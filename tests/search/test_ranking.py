"""What ranks how: against every document scored on its own."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ranked_segments import MemorySegment, bm25, part, ranked, snapshot

from seqkit.errors import ConfigError
from seqkit.search.explaining import explain
from seqkit.search.ranking import Clause, top_documents
from seqkit.search.scorers import BM25, Dirichlet, TfIdf

WORDS = "abcde"
EQUATION = bm25("lucene", 1.2, 0.75)


def segment(*documents):
    return MemorySegment([(id, Counter(text.split())) for id, text in documents])


def matches(parts, word):
    """Find a word as a phrase would be found: live documents and tfs of each segment."""
    found = []
    for here in parts:
        pairs = [
            (doc, terms[word])
            for doc, (_, terms) in enumerate(here.segment.documents)
            if terms[word] and (here.live is None or here.live[doc])
        ]
        docs, tfs = np.array(pairs, np.uint32).reshape(-1, 2).T
        found.append((np.ascontiguousarray(docs), np.ascontiguousarray(tfs)))
    df = sum(len(docs) for docs, _ in found)
    return Clause(None, found, df, int(sum(tfs.sum() for _, tfs in found)), name=f'"{word}"')


@st.composite
def commits(draw):
    ids = iter(draw(st.permutations([f"id{i}" for i in range(24)])))
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        texts = draw(st.lists(st.lists(st.sampled_from(WORDS), max_size=6), max_size=8))
        live = draw(st.none() | st.just([draw(st.integers(0, 1)) for _ in texts]))
        pairs = [(next(ids), Counter(words)) for words in texts]
        parts.append(part(MemorySegment(pairs), live))
    return parts


queries = st.dictionaries(st.sampled_from(WORDS + "x"), st.sampled_from([1.0, 2.0]))


@settings(max_examples=150, deadline=None)
@given(commits(), queries, st.sampled_from([1, 3, 30]), st.randoms())
def test_the_best_in_order_ties_by_id(parts, query, k, random):
    allowed = [
        random.choice(
            [None, np.array([random.random() < 0.7 for _ in range(p.segment.docs)], "u1")]
        )
        for p in parts
    ]
    clauses = [Clause(word, boost=boost) for word, boost in query.items()]
    random.shuffle(clauses)
    found = top_documents(snapshot(parts), clauses, k=k, scorer=BM25(), allowed=allowed)
    expected = ranked(parts, query, EQUATION, allowed=allowed)[:k]
    assert [score for score, _, _ in found] == pytest.approx([s for s, _ in expected], abs=1e-6)
    named = [(-score, parts[number].segment.id(doc)) for score, number, doc in found]
    assert named == sorted(named)
    if k == 30:
        assert sorted(id for _, id in named) == sorted(id for _, id in expected)


@settings(max_examples=60, deadline=None)
@given(commits(), queries)
def test_documents_found_elsewhere_score_as_a_term_does(parts, query):
    taken = snapshot(parts)
    terms = [Clause(word) for word in query]
    found = [matches(parts, word) for word in query]
    for scorer in (BM25(variant="bm25l"), TfIdf(), Dirichlet(mu=20)):
        expected = top_documents(taken, terms, k=30, scorer=scorer)
        assert top_documents(taken, found, k=30, scorer=scorer) == expected
        mixed = terms[:1] + found[1:]
        assert top_documents(taken, mixed, k=30, scorer=scorer) == expected


@settings(max_examples=60, deadline=None)
@given(commits(), queries)
def test_explanations_sum_to_the_score(parts, query):
    taken = snapshot(parts)
    clauses = [Clause(word, boost=boost) for word, boost in query.items()]
    clauses += [matches(parts, "a")]
    for scorer in (BM25(), BM25(variant="bm25+"), TfIdf(), Dirichlet(mu=20)):
        for score, number, doc in top_documents(taken, clauses, k=30, scorer=scorer):
            why = explain(taken, clauses, (number, doc), scorer=scorer)
            assert why.score == score == sum(share.score for share in why.shares)
            terms = parts[number].segment.documents[doc][1]
            assert all(share.tf == terms[share.name.strip('"')] for share in why.shares)


def test_a_commit_in_pieces_scores_as_one():
    rng = np.random.default_rng(0)
    pairs = [(str(i), Counter(rng.choice(list(WORDS), rng.integers(1, 9)))) for i in range(60)]
    whole = [part(MemorySegment(pairs))]
    junk = [("gone", Counter("aab")), ("too", Counter("e"))]
    pieces = [
        part(MemorySegment(pairs[:7])),
        part(MemorySegment([junk[0], *pairs[7:40], junk[1]]), [0, *[1] * 33, 0]),
        part(MemorySegment(pairs[40:])),
    ]
    clauses = [Clause("a"), Clause("c"), Clause("e", boost=0.5)]
    for scorer in (BM25(), BM25(variant="robertson"), TfIdf(), Dirichlet()):
        for k in (3, 60):
            one, other = (
                [
                    (score, parts[number].segment.id(doc))
                    for score, number, doc in top_documents(
                        snapshot(parts), clauses, k=k, scorer=scorer
                    )
                ]
                for parts in (whole, pieces)
            )
            assert one == other


def test_a_term_twice_counts_twice():
    taken = snapshot([part(segment(("1", "a b"), ("2", "a a c"), ("3", "c")))])
    twice = top_documents(taken, [Clause("a"), Clause("a")], k=3, scorer=BM25())
    assert twice == top_documents(taken, [Clause("a", boost=2.0)], k=3, scorer=BM25())
    once = top_documents(taken, [Clause("a")], k=3, scorer=BM25())
    assert [score for score, *_ in twice] == pytest.approx([2 * score for score, *_ in once])


def test_a_document_that_matches_for_nothing_is_found():
    """Robertson's idf of a word in most documents is 0."""
    taken = snapshot([part(segment(("2", "a"), ("1", "a"), ("3", "b"), ("0", "a c")))])
    found = top_documents(taken, [Clause("a")], k=9, scorer=BM25(variant="robertson"))
    assert found == [(0.0, 0, 3), (0.0, 0, 1), (0.0, 0, 0)]


def test_nothing_to_find():
    taken = snapshot([part(segment(("1", "a")))])
    assert top_documents(taken, [], k=1, scorer=BM25()) == []
    assert top_documents(taken, [Clause("x")], k=1, scorer=BM25()) == []
    assert top_documents(snapshot([]), [Clause("a")], k=1, scorer=BM25()) == []
    why = explain(taken, [Clause("x")], (0, 0), scorer=BM25())
    assert (why.score, why.shares) == (0.0, ())


@pytest.mark.parametrize("boost", [-1.0, float("nan"), float("inf"), 1e12])
def test_boosts_are_checked(boost):
    taken = snapshot([part(segment(("1", "a")))])
    with pytest.raises(ConfigError, match="boost"):
        top_documents(taken, [Clause("a", boost=boost)], k=1, scorer=BM25())


def test_a_worked_explanation():
    """lucene: idf ln(1 + 1.5 / 1.5) = ln 2; tf 2, length 3 of 2 on average: 2 / (2 + 1.65)."""
    taken = snapshot([part(segment(("1", "jet jet air"), ("2", "air")))])
    why = explain(taken, [Clause("jet")], (0, 0), scorer=BM25())
    assert why.score == pytest.approx(np.log(2) * 2 / 3.65, abs=1e-7)
    assert str(why) == (
        "0.3798  length 3 (average 2.0), 2 documents\n0.3798  jet  tf 2, weight 0.6931, df 1, cf 2"
    )
