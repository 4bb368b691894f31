"""Fit a baseline by name."""

import contextlib
import importlib.metadata
from collections.abc import Sequence

import numpy as np

import seqkit
from seqkit.baselines.baseline import Baseline
from seqkit.baselines.families import FAMILIES, settings
from seqkit.baselines.ngrams import Ngrams
from seqkit.baselines.training import Training
from seqkit.errors import DataError

__all__ = ["fit"]


def fit(
    name: str,
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    seed: int = 0,
    ngrams: tuple[int, int] | None = None,
    min_count: int | None = None,
    alpha: float | None = None,
    C: float | None = None,
    k: int | None = None,
) -> Baseline:
    """Fit a baseline to labelled texts.

    Args:
        name: one of NAMES.
        texts: N texts, of any length.
        labels: their N labels, of two kinds or more.
        seed: of the SVM's order of visits and of its held-out folds.
        ngrams: shortest and longest n-grams of words.
        min_count: longer n-grams seen fewer times are left out; single words all stay.
        alpha: what naive Bayes adds to each count.
        C: inverse strength of the L2 penalty, as in scikit-learn.
        k: how many neighbours vote; all of them where there are fewer.

    A setting that is None takes the baseline's default (see FAMILIES).

    Raises:
        ConfigError: an unknown baseline, a setting that it does not have, a value out of range,
            one string for `texts`, or scikit-learn is needed and not installed.
        DataError: no text, no word in any, one label only, or not as many labels as texts.
    """
    chosen = settings(
        name, {"ngrams": ngrams, "min_count": min_count, "alpha": alpha, "C": C, "k": k}
    )
    if len(texts) != len(labels):
        raise DataError(f"{len(texts)} texts and {len(labels)} labels: expected one for each text")
    names = tuple(sorted(set(labels)))
    if len(names) < 2:
        got = f"only the label {names[0]!r}" if names else "no text"
        raise DataError(f"training data of a classifier: {got}, expected two labels or more")
    known, counts = Ngrams.learn(
        texts if chosen else texts[:0],
        orders=chosen.get("ngrams", (1, 1)),
        min_count=chosen.get("min_count", 1),
    )
    if chosen and not len(known):
        raise DataError(
            f"training data of {name}: {len(texts)} texts without one n-gram of "
            f"{chosen['ngrams']} words: is the text column the right one?"
        )
    number = {label: i for i, label in enumerate(names)}
    first: dict[str, int] = {}
    train = Training(
        counts=counts,
        features=len(known),
        y=np.array([number[label] for label in labels]),
        classes=len(names),
        groups=np.array([first.setdefault(text, i) for i, text in enumerate(texts)]),
    )
    learning = {key: chosen[key] for key in chosen if key not in ("ngrams", "min_count")}
    model = FAMILIES[name].fit(train, seed=seed, **learning)
    return Baseline(name, names, {"seed": seed, **chosen}, _versions(), known, model)


def _versions() -> dict[str, str]:
    found = {"numpy": np.__version__, "seqkit": seqkit.__version__}
    # majority and naive Bayes do without it
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        found["scikit-learn"] = importlib.metadata.version("scikit-learn")
    return found
