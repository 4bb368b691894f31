"""The recipe `classify` as a scikit-learn estimator, for its pipelines and its model selection.

from seqkit.plugins.estimator import SeqkitClassifier
model = SeqkitClassifier("bag", epochs=5).fit(texts, labels)
cross_val_score(SeqkitClassifier("nb-svm"), texts, labels)
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from seqkit.data import LabeledText
from seqkit.errors import ConfigError, DataError, require
from seqkit.models.classifier import TextClassifier
from seqkit.plugins.carried import carried_classifier, restored_classifier
from seqkit.plugins.fitting import configure, fit_classifier

__all__ = ["SeqkitClassifier"]

_PURPOSE = "SeqkitClassifier"
_base = require("sklearn.base", extra="baselines", purpose=_PURPOSE)
_targets = require("sklearn.utils.multiclass", extra="baselines", purpose=_PURPOSE)
_checks = require("sklearn.utils.validation", extra="baselines", purpose=_PURPOSE)

_OWN = ("device", "epochs", "seed", "valid_share")


class SeqkitClassifier(_base.ClassifierMixin, _base.BaseEstimator):
    """A text classifier of seqkit with the methods of scikit-learn.

    It takes texts where other estimators take rows of numbers: any iterable of str, among them
    lists, arrays and columns of a table. Labels may be strings, whole numbers or truth values.
    A fitted one can be copied, pickled and sent to other processes; it travels as the files of a
    bundle. `classifier_.save(folder)` writes it for `seqkit.load`.

    As in scikit-learn, parameters are checked by `fit` and not when they are set.

    Attributes:
        classes_: (C,) the labels, sorted, of the type of `y`.
        classifier_: the `TextClassifier`, whose labels are `str` of the classes.
    """

    def __init__(
        self,
        preset: str = "bag",
        *,
        options: Mapping[str, Any] | None = None,
        epochs: int | None = None,
        valid_share: float = 0.1,
        seed: int = 1,
        device: str = "auto",
    ) -> None:
        """Set the parameters.

        Args:
            preset: one of the recipe `classify` (`bag`, `cnn`, `spam`, ..., `default`), or a
                baseline: `majority`, `naive-bayes`, `nb-svm`, `tfidf-lr`, `tfidf-svm`, `knn`.
            options: further options of the recipe by the names that `seqkit train classify --help`
                lists: `{"model.bag.dim": 32, "text.numbers": True}`.
            epochs: passes over the texts at most; None is the preset's number.
            valid_share: share of the texts that is held out to choose the best epoch, and the
                threshold where one is asked for. What needs neither learns from all texts, and
                so does an ensemble of folds.
            seed: of every random choice; the same seed gives the same model.
            device: where a network is trained and runs, `auto`, `cpu` or `cuda`.
        """
        self.preset = preset
        self.options = options
        self.epochs = epochs
        self.valid_share = valid_share
        self.seed = seed
        self.device = device

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that the input is one text a sample."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        return tags

    def fit(self, X: Iterable[str], y: npt.ArrayLike) -> "SeqkitClassifier":
        """Train on N texts and their N labels; returns the estimator.

        torch's generators are left as they were.

        Raises:
            ConfigError: parameters that cannot be used.
            DataError: what is no text, one class only, too few texts to hold some out.
            ValueError: labels that are none (numbers with fractions, several a text), or not as
                many as texts.
        """
        config = self._config()
        texts, targets = _texts(X), _checks.column_or_1d(y, warn=True)
        _targets.check_classification_targets(targets)
        _checks.check_consistent_length(texts, targets)
        classes = np.unique(targets)
        if len(classes) < 2:
            found = f"1 class, {classes[0]}" if len(classes) else "no labels"
            raise DataError(f"y: {found}: a classifier needs at least two classes")
        rows = enumerate(zip(texts, targets.tolist(), strict=True), start=1)
        records = [LabeledText(text, str(label), "X", row) for row, (text, label) in rows]
        self.classifier_ = fit_classifier(config, records)
        self.classes_ = classes
        return self

    def predict(self, X: Iterable[str]) -> npt.NDArray[Any]:
        """Classify N texts. Returns (N,) of the type of `y`; a threshold decides where one is."""
        chosen = self._classifier().decide(self.classifier_.probabilities(_texts(X)))
        place = np.argsort(self._columns())  # of each column of the classifier in `classes_`
        return self.classes_[place[chosen]]

    def predict_proba(self, X: Iterable[str]) -> npt.NDArray[np.float64]:
        """Score N texts. Returns (N, C) float64 in the order of `classes_`; rows sum to 1."""
        return self._classifier().probabilities(_texts(X))[:, self._columns()]

    def __getstate__(self) -> dict[str, Any]:
        """Return the parameters, and the classifier as the files of its bundle."""
        state = dict(super().__getstate__())
        if (classifier := state.pop("classifier_", None)) is not None:
            state["saved"] = carried_classifier(classifier)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take back what `__getstate__` returned; a network goes onto `device`."""
        saved = state.pop("saved", None)
        super().__setstate__(state)
        if saved is not None:
            self.classifier_ = restored_classifier(saved, device=self.device)

    def _classifier(self) -> TextClassifier:
        _checks.check_is_fitted(self)
        return self.classifier_

    def _columns(self) -> npt.NDArray[np.int64]:
        """Say at which column of the classifier each class is: it sorts 10 before 2."""
        column = {label: index for index, label in enumerate(self.classifier_.labels)}
        return np.array([column[str(label)] for label in self.classes_.tolist()], np.int64)

    def _config(self) -> Any:
        own = {"data.valid_share": self.valid_share, "seed": self.seed, "device": self.device}
        own |= {} if self.epochs is None else {"epochs": self.epochs}
        options = self.options or {}
        for name in options:
            if (parameter := name.rpartition(".")[2]) in _OWN:
                raise ConfigError(f"option {name!r}: set the parameter {parameter} instead")
        return configure(self.preset, {**options, **own})


def _texts(X: Iterable[str]) -> list[str]:
    if isinstance(X, str | bytes):
        raise DataError(f"X: expected a list of texts, got one {type(X).__name__}: write [text]")
    if getattr(X, "ndim", 1) != 1:
        raise DataError(
            f"X: expected one text a sample, got {X.ndim} dimensions: choose the column of the "
            'text, such as X["text"]'
        )
    texts = list(X)
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise DataError(f"X[{row}]: a text is a str, got {type(text).__name__} {text!r:.40}")
    return [str(text) for text in texts]  # numpy has a str of its own
