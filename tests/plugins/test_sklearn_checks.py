"""scikit-learn's own checks of an estimator, on rows of numbers that are written as texts."""

import pytest

pytest.importorskip("sklearn")

from rows_as_texts import OverRows
from sklearn.exceptions import SkipTestWarning
from sklearn.utils.estimator_checks import check_estimator, estimator_checks_generator

from seqkit.plugins.estimator import SeqkitClassifier

# rows that round to the same words are no leak here: the checks ask for their places only
BAG = {"model.bag.buckets": 100, "model.bag.ngrams": 1, "optim.lr": 0.5, "data.by_content": False}
FASTEST = OverRows(epochs=3, options=BAG)


def test_of_texts_it_checks_what_needs_no_numbers():
    with pytest.warns(SkipTestWarning, match="string=True"):
        results = check_estimator(SeqkitClassifier())
    assert {result["status"] for result in results} == {"passed"}


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize(
    ("estimator", "check"),
    [pytest.param(*case, id=str(n)) for n, case in enumerate(estimator_checks_generator(FASTEST))],
)
def test_each_check_passes(estimator, check):
    check(estimator)


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["naive-bayes", "nb-svm", "tfidf-lr", "tfidf-svm", "knn"])
def test_baselines_pass_too(preset):
    results = check_estimator(OverRows(preset), on_fail=None, on_skip=None)
    failed = {r["check_name"]: r["exception"] for r in results if r["status"] == "failed"}
    assert not failed
