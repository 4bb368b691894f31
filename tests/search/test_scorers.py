"""Scorers against bm25s, scikit-learn and the papers' equations."""

import gzip
import math
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ranked_segments import MemorySegment, bm25, cosine, dirichlet, part, ranked, snapshot

from seqkit.errors import ConfigError
from seqkit.search.ranking import Clause, top_documents
from seqkit.search.scorers import BM25, Counts, Dirichlet, TfIdf

VARIANTS = ["atire", "bm25+", "bm25l", "lucene", "robertson"]
WORDS = "abcdefg"
texts = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12), min_size=1, max_size=12)


def commit(collection):
    pairs = [(f"{i:03}", Counter(words)) for i, words in enumerate(collection)]
    return [part(MemorySegment(pairs))]


def scores(collection, query, scorer):
    """Map the numbers of documents to their scores."""
    clauses = [Clause(word, boost=boost) for word, boost in query.items()]
    found = top_documents(snapshot(commit(collection)), clauses, k=len(collection), scorer=scorer)
    return {doc: score for score, _, doc in found}


@pytest.mark.parametrize("variant", VARIANTS)
@settings(max_examples=25, deadline=None)
@given(texts, st.lists(st.sampled_from(WORDS), max_size=5), st.sampled_from([0.3, 1.2, 2.0]),
       st.sampled_from([0.0, 0.75, 1.0]), st.sampled_from([0.5, 1.0]))  # fmt: skip
def test_bm25_is_that_of_bm25s(variant, collection, query, k1, b, delta):
    bm25s = pytest.importorskip("bm25s")
    known = [word for word in query if any(word in words for words in collection)]
    peer = bm25s.BM25(method=variant, k1=k1, b=b, delta=delta, dtype="float64")
    peer.index(collection, show_progress=False)
    own = delta if variant in ("bm25+", "bm25l") else None
    found = scores(collection, Counter(query), BM25(variant=variant, k1=k1, b=b, delta=own))
    matching = {i for i, words in enumerate(collection) if {*words} & {*query}}
    assert found.keys() == matching
    if known:
        expected = peer.get_scores(known)
        for doc, score in found.items():
            assert score == pytest.approx(expected[doc], rel=1e-6, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    texts,
    st.dictionaries(st.sampled_from(WORDS + "x"), st.sampled_from([1.0, 0.5, 3.0])),
    st.sampled_from(VARIANTS),
)
def test_the_equations(collection, query, variant):
    delta = {"bm25+": 1.0, "bm25l": 0.5}.get(variant, 0.0)
    kinds = {
        BM25(variant=variant): bm25(variant, 1.2, 0.75, delta),
        TfIdf(): cosine,
        Dirichlet(mu=30): dirichlet(30),
    }
    for scorer, equation in kinds.items():
        expected = ranked(commit(collection), query, equation)
        found = scores(collection, query, scorer)
        assert {f"{doc:03}" for doc in found} == {id for _, id in expected}
        for score, id in expected:
            assert found[int(id)] == pytest.approx(score, rel=1e-6, abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(texts, st.lists(st.sampled_from(WORDS), min_size=1, max_size=5))
def test_cosine_is_that_of_scikit_learn(collection, query):
    text = pytest.importorskip("sklearn.feature_extraction.text")
    known = [word for word in query if any(word in words for words in collection)]
    options = {"analyzer": lambda words: words, "norm": "l2"}
    asked = text.TfidfVectorizer(**options).fit(collection).transform([known])
    documents = text.TfidfVectorizer(sublinear_tf=True, use_idf=False, **options)
    expected = (documents.fit_transform(collection) @ asked.T).toarray()[:, 0]
    for doc, score in scores(collection, Counter(query), TfIdf()).items():
        assert score == pytest.approx(expected[doc], abs=1e-6)


def test_a_worked_example_of_dirichlet():
    """mu = 10, p = 3 / 6: tf 2 of 3 tokens has ln(1 + 2 / 5) + ln(10 / 13), 1 of 3 is cut at 0."""
    found = scores([["a", "a", "b"], ["a", "b", "b"]], {"a": 1.0}, Dirichlet(mu=10))
    assert found == {0: pytest.approx(math.log(1.4) + math.log(10 / 13), abs=1e-7), 1: 0.0}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("k1,b", [(0, 0), (0, 1), (2, 0)])
def test_the_ends_of_the_ranges(variant, k1, b):
    delta = 0 if variant in ("bm25+", "bm25l") else None
    scorer = BM25(variant=variant, k1=k1, b=b, delta=delta)
    found = scores([["a"], ["a", "a", "b"], ["c"]], {"a": 1.0}, scorer)
    assert all(math.isfinite(score) and score >= 0 for score in found.values())
    assert found.keys() == {0, 1}


def test_norms_of_no_documents():
    assert BM25().norm(0, 0) == (pytest.approx(0.3), 0.0)
    assert TfIdf().factors([], 0, 0) == []
    assert Dirichlet().factors([Counts(1, 0)], 1, 0)[0].slope == 0


@pytest.mark.parametrize(
    "make,message",
    [
        (lambda: BM25(variant="lucen"), "variant 'lucen': choose from atire.*'lucene'"),
        (lambda: BM25(k1=-1), "k1 -1: choose a number from 0"),
        (lambda: BM25(b=1.1), "b 1.1: choose a number from 0 to 1"),
        (lambda: BM25(k1=math.nan), "k1 nan"),
        (lambda: BM25(delta=1.0), "delta 1.0: variant 'lucene' has none"),
        (lambda: BM25(variant="bm25l", delta=-1), "delta -1"),
        (lambda: Dirichlet(mu=0), "mu 0"),
    ],
)
def test_options_are_checked(make, message):
    with pytest.raises(ConfigError, match=message):
        make()


@pytest.mark.slow
@pytest.mark.skipif("SEQKIT_DATA" not in os.environ, reason="SEQKIT_DATA is not set")
def test_cranfield_scores_as_in_bm25s():
    """All variants, the same terms, every query: the same ten scores."""
    bm25s = pytest.importorskip("bm25s")
    folder = Path(os.environ["SEQKIT_DATA"], "cranfield")
    documents = cranfield(folder / "cran.all.1400.gz", "TW")
    queries = cranfield(folder / "cran.qry", "W")
    taken = snapshot(commit(documents))
    for variant in VARIANTS:
        peer = bm25s.BM25(method=variant, k1=1.5, b=0.75, delta=0.5, dtype="float64")
        peer.index(documents, show_progress=False)
        delta = 0.5 if variant in ("bm25+", "bm25l") else None
        scorer = BM25(variant=variant, k1=1.5, b=0.75, delta=delta)
        for query in queries[::5]:
            known = [word for word in query if word in taken.segments[0].segment.words]
            expected = np.sort(peer.get_scores(known))[::-1][:10]
            found = top_documents(taken, [Clause(word) for word in query], k=10, scorer=scorer)
            np.testing.assert_allclose([score for score, _, _ in found], expected, rtol=1e-6)


def cranfield(path, fields):
    """Read the words of some fields of a file in SMART's format."""
    documents, field = [], ""
    content = path.read_bytes()
    text = gzip.decompress(content) if path.suffix == ".gz" else content
    for line in text.decode().splitlines():
        if line.startswith(".I"):
            documents.append([])
        elif line[:1] == "." and line[1:2].isupper():
            field = line[1]
        elif field in fields:
            documents[-1] += [word for word in line.lower().split() if word.isalpha()]
    return documents
