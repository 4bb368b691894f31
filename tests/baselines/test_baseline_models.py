"""Each baseline against a hand-worked example and scikit-learn's own pipeline."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from seqkit.baselines import fit
from seqkit.baselines.analyser import tokens
from seqkit.baselines.naive_bayes import log_count_ratio

VOCABULARY = [f"w{i}" for i in range(60)]
ANALYSER = {"tokenizer": tokens, "token_pattern": None, "ngram_range": (1, 2)}


def corpus(size, classes, seed):
    """Draw texts whose words lean towards those of their class."""
    generator = np.random.default_rng(seed)
    y = generator.integers(classes, size=size)
    y[:classes] = np.arange(classes)
    leaning = generator.dirichlet(np.full(len(VOCABULARY), 0.3), size=classes)
    texts = [
        " ".join(generator.choice(VOCABULARY, p=leaning[c], size=generator.integers(3, 15)))
        for c in y
    ]
    return texts, [f"class {c}" for c in y]


@pytest.fixture(params=[2, 4])
def split(request):
    texts, labels = corpus(160, request.param, seed=request.param)
    return texts[:100], labels[:100], texts[100:]


def tfidf():
    return TfidfVectorizer(**ANALYSER, sublinear_tf=True)


def test_naive_bayes_by_hand():
    # Manning, Raghavan and Schütze (2008), example 13.1: P(China | d5) is proportional to
    # 3/4 * (3/7)^3 * 1/14 * 1/14 = .0003, and of the rest 1/4 * (2/9)^3 * 2/9 * 2/9 = .0001
    texts = [
        "Chinese Beijing Chinese",
        "Chinese Chinese Shanghai",
        "Chinese Macao",
        "Tokyo Japan Chinese",
    ]
    model = fit("naive-bayes", texts, ["yes", "yes", "yes", "no"], ngrams=(1, 1), alpha=1)
    yes, no = 3 / 4 * (3 / 7) ** 3 / 14**2, 1 / 4 * (2 / 9) ** 5
    assert model.labels == ("no", "yes")
    got = model.probabilities(["Chinese Chinese Chinese Tokyo Japan"])
    np.testing.assert_allclose(got, [[no / (yes + no), yes / (yes + no)]], rtol=1e-6)


def test_log_count_ratio_by_hand():
    # p = 1 + (2, 0, 1), |p| = 6; q = 1 + (1, 1, 0), |q| = 5
    sums = np.array([[1.0, 1, 0], [2, 0, 1]])
    wanted = np.log([(3 / 6) / (2 / 5), (1 / 6) / (2 / 5), (2 / 6) / (1 / 5)])
    np.testing.assert_allclose(log_count_ratio(sums, 1.0), [wanted], rtol=1e-6)


def test_log_count_ratio_of_each_class_against_the_rest():
    sums = np.array([[1.0, 0], [0, 2], [3, 1]])
    got = log_count_ratio(sums, 1.0)
    for c in range(3):
        pair = np.stack([sums.sum(axis=0) - sums[c], sums[c]])
        np.testing.assert_allclose(got[c], log_count_ratio(pair, 1.0)[0], rtol=1e-6)


def test_majority_is_the_share_of_each_class():
    model = fit("majority", ["a", "b", "c"], ["x", "y", "x"])
    np.testing.assert_allclose(model.probabilities(["a", ""]), [[2 / 3, 1 / 3]] * 2)


def test_naive_bayes_equals_scikit_learn(split):
    texts, labels, others = split
    reference = make_pipeline(CountVectorizer(**ANALYSER), MultinomialNB(alpha=0.5))
    reference.fit(texts, labels)
    model = fit("naive-bayes", texts, labels, min_count=1, alpha=0.5)
    np.testing.assert_allclose(
        model.probabilities(others), reference.predict_proba(others), atol=1e-5
    )


def test_logistic_regression_equals_scikit_learn(split):
    texts, labels, others = split
    model = fit("tfidf-lr", texts, labels, min_count=1, C=2)
    scores = []
    for label in model.labels if len(model.labels) > 2 else model.labels[1:]:
        reference = make_pipeline(tfidf(), LogisticRegression(C=2, solver="liblinear", tol=1e-6))
        reference.fit(texts, [one == label for one in labels])
        scores.append(reference.decision_function(others))
    scores = [np.zeros(len(others)), *scores] if len(scores) == 1 else scores
    odds = np.exp(np.stack(scores, axis=1))
    wanted = odds / odds.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.probabilities(others), wanted, atol=5e-3)


def test_svm_decides_as_scikit_learn(split):
    texts, labels, others = split
    reference = make_pipeline(tfidf(), LinearSVC(C=1, tol=1e-6, max_iter=100_000))
    reference.fit(texts, labels)
    model = fit("tfidf-svm", texts, labels, min_count=1, C=1)
    margins = reference.decision_function(others)
    log_odds = np.log(model.probabilities(others))
    if len(model.labels) == 2:
        log_odds = log_odds[:, 1] - log_odds[:, 0]
        slope = (log_odds @ margins) / (margins @ margins)
    else:  # of a softmax, only differences can be seen
        log_odds -= log_odds.mean(axis=1, keepdims=True)
        margins = margins - margins.mean(axis=1, keepdims=True)
        slope = (log_odds * margins).sum() / (margins**2).sum()
    assert slope > 0
    np.testing.assert_allclose(log_odds / slope, margins, atol=0.01)


def test_nb_svm_equals_scikit_learn_on_weighed_counts():
    texts, labels = corpus(160, 2, seed=2)
    vectors = CountVectorizer(**ANALYSER, binary=True)
    x = vectors.fit_transform(texts[:100]).toarray().astype(float)
    y = np.array(labels[:100]) == "class 1"
    p, q = 1 + x[y].sum(axis=0), 1 + x[~y].sum(axis=0)
    ratio = np.log(p / p.sum()) - np.log(q / q.sum())

    def weigh(counts):
        weighed = counts * ratio
        norms = np.linalg.norm(weighed, axis=1, keepdims=True)
        return weighed / np.where(norms == 0, 1, norms)

    reference = LinearSVC(C=1, tol=1e-6, max_iter=100_000).fit(weigh(x), y)
    margins = reference.decision_function(weigh(vectors.transform(texts[100:]).toarray()))
    model = fit("nb-svm", texts[:100], labels[:100], ngrams=(1, 2), min_count=1)
    probabilities = model.probabilities(texts[100:])
    log_odds = np.log(probabilities[:, 1] / probabilities[:, 0])
    slope = (log_odds @ margins) / (margins @ margins)
    assert slope > 0
    np.testing.assert_allclose(log_odds / slope, margins, atol=0.01)


def test_nearest_neighbours_equal_scikit_learn(split):
    texts, labels, others = split
    vectors = tfidf()
    train = vectors.fit_transform(texts).toarray()
    reference = KNeighborsClassifier(
        7, metric="cosine", algorithm="brute", weights=lambda distance: 1 - distance
    )
    reference.fit(train, labels)
    distance, _ = reference.kneighbors(vectors.transform(others).toarray())
    total = (1 - distance).sum(axis=1, keepdims=True)
    prior = np.unique(labels, return_counts=True)[1] / len(labels)
    wanted = reference.predict_proba(vectors.transform(others).toarray()) * total + 0.1 * prior
    got = fit("knn", texts, labels, min_count=1, k=7).probabilities(others)
    np.testing.assert_allclose(got, wanted / (total + 0.1), atol=1e-6)


def test_neighbours_that_tie_all_vote():
    texts, labels = ["a b", "a b", "c d"], ["x", "y", "y"]
    got = fit("knn", texts, labels, k=1).probabilities(["a b"])
    prior = np.array([1 / 3, 2 / 3])
    np.testing.assert_allclose(got, [(1 + 0.1 * prior) / 2.1], atol=1e-6)
