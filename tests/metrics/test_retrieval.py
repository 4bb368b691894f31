"""Measures of ranked lists: by hand, and equal to trec_eval's."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.errors import ConfigError, DataError
from seqkit.metrics import mean_interval, paired_means, rank_documents, score_run

THEIRS = {"ndcg_cut": "ndcg@", "P": "p@", "recall": "recall@"}
CUTS = (1, 3, 5, 10, 100)

documents = st.sampled_from([f"d{number}" for number in range(12)] + ["é", "手", "D1"])
# few distinct scores, so that many tie; some differ only beyond 32 bits
score = st.sampled_from([-1.0, 0.0, 0.5, 1.0, 1.0 + 1e-9, 2.0, 1e300])
runs = st.dictionaries(st.sampled_from("abc"), st.dictionaries(documents, score), max_size=3)
# a grade of -2 makes trec_eval write where it must not
grades = st.dictionaries(
    st.sampled_from("abcd"),
    st.dictionaries(documents, st.integers(-1, 4), min_size=1),
    min_size=1,
)


@given(grades, runs)
@settings(max_examples=200)
def test_equal_to_trec_eval(judgements, run):
    pytrec_eval = pytest.importorskip("pytrec_eval")
    wanted = {f"{name}.{','.join(map(str, CUTS))}" for name in THEIRS} | {"map", "recip_rank"}
    theirs = pytrec_eval.RelevanceEvaluator(judgements, wanted).evaluate(run)
    measures = ["map", "mrr", *(f"{name}{cut}" for name in THEIRS.values() for cut in CUTS)]
    ours = score_run(judgements, run, measures)
    assert set(theirs) == set(ours.queries) & set(run)
    for at, query in enumerate(ours.queries):
        expected = dict.fromkeys(measures, 0.0)  # a query without a list
        for name, value in theirs.get(query, {}).items():
            kind, _, cut = name.rpartition("_")
            ours_name = {"map": "map", "recip_rank": "mrr"}.get(name) or f"{THEIRS[kind]}{cut}"
            expected[ours_name] = value
        assert {n: v[at] for n, v in ours.values.items()} == pytest.approx(expected, abs=1e-12)


def test_by_hand():
    judgements = {"q": {"a": 3, "b": 1, "c": 1, "n": 0}, "r": {"a": 1}}
    run = {"q": {"b": 4.0, "n": 3.0, "x": 2.0, "a": 1.0}, "unjudged": {"a": 1.0}}
    scores = score_run(judgements, run, ["ndcg@3", "ndcg@4", "map", "mrr", "recall@4", "p@5"])
    ideal = 3 + 1 / math.log2(3) + 1 / 2
    assert scores.queries == ("q", "r")
    assert {name: value.tolist() for name, value in scores.values.items()} == {
        "ndcg@3": [pytest.approx(1 / ideal), 0],
        "ndcg@4": [pytest.approx((1 + 3 / math.log2(5)) / ideal), 0],
        "map": [pytest.approx((1 + 2 / 4) / 3), 0],
        "mrr": [1, 0],
        "recall@4": [pytest.approx(2 / 3), 0],
        "p@5": [2 / 5, 0],
    }
    assert scores.mean("mrr") == 0.5


def test_ties_by_id_descending():
    assert rank_documents({"a": 1.0, "c": 1.0 + 1e-12, "b": 1.0, "z": 0.0}) == ["c", "b", "a", "z"]


def test_the_interval_of_a_mean():
    values = np.random.default_rng(1).normal(0.4, 0.2, 400)
    low, high = mean_interval(values)
    half = 1.96 * values.std() / math.sqrt(len(values))  # the central limit theorem
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.003)
    assert mean_interval([0.25]) == (0.25, 0.25)
    assert mean_interval(values) == mean_interval(values)


def test_the_randomization_test_counts_all_exchanges():
    a, b = [0.9, 0.8, 0.4, 0.7, 0.6], [0.5, 0.1, 0.5, 0.2, 0.3]
    gaps = np.subtract(a, b)
    signs = np.array(np.meshgrid(*[[1, -1]] * 5)).reshape(5, -1).T
    exact = (np.abs(signs @ gaps) >= abs(gaps.sum()) - 1e-12).mean()
    paired = paired_means(a, b)
    assert paired.difference == pytest.approx(gaps.mean())
    assert paired.p == pytest.approx(exact, abs=0.01)
    assert paired.low < paired.difference < paired.high
    same = paired_means(a, a)
    assert (same.difference, same.low, same.high, same.p) == (0, 0, 0, 1)


def test_what_cannot_be_measured():
    with pytest.raises(ConfigError, match="measure 'ndcg': choose from map, mrr, ndcg@K"):
        score_run({"q": {"a": 1}}, {}, ["ndcg"])
    with pytest.raises(DataError, match="no judgements"):
        score_run({"q": {}}, {})
    with pytest.raises(DataError, match="the score of 'b': NaN"):
        rank_documents({"a": 1.0, "b": math.nan})
    with pytest.raises(DataError, match="b: 1 records"):
        paired_means([1.0, 2.0], [1.0])
    with pytest.raises(DataError, match="no figures"):
        mean_interval([])
    with pytest.raises(ConfigError, match="level 2"):
        mean_interval([1.0], level=2)
