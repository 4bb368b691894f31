"""The estimator as one over rows of numbers, so that scikit-learn's own checks can be run on it."""

import numpy as np
from sklearn.utils.validation import check_is_fitted, validate_data

from seqkit.plugins.estimator import SeqkitClassifier


class OverRows(SeqkitClassifier):
    """Writes each number as a word: its column and, in tenths, its value.

    What scikit-learn asks of numbers (finite, two-dimensional, as many columns as in `fit`) is
    checked here, by its own function; what it asks of estimators is left to `SeqkitClassifier`.
    """

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = tags.input_tags.one_d_array = False
        tags.input_tags.two_d_array = True
        return tags

    def fit(self, X, y):
        X, y = validate_data(self, X, y)
        return super().fit(as_texts(X), y)

    def predict(self, X):
        check_is_fitted(self)
        return super().predict(as_texts(validate_data(self, X, reset=False)))

    def predict_proba(self, X):
        check_is_fitted(self)
        return super().predict_proba(as_texts(validate_data(self, X, reset=False)))


def as_texts(X) -> list[str]:
    bins = np.rint(np.asarray(X, np.float64)).astype(int)
    return [" ".join(f"c{column}v{value}" for column, value in enumerate(row)) for row in bins]
