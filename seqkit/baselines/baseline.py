"""Fit a baseline, use it, and keep it as plain files."""

import dataclasses
import importlib.metadata
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors import numpy as tensors

from seqkit.baselines.families import FAMILIES, Model, settings
from seqkit.baselines.ngrams import Ngrams
from seqkit.baselines.training import Training
from seqkit.errors import BundleError, ConfigError, DataError
from seqkit.files import json_bytes

__all__ = ["Baseline", "fit"]

_BATCH = 1024  # documents predicted at once: bounds the memory


@dataclass(frozen=True)
class Baseline:
    """A fitted baseline: texts in, a distribution over its labels out."""

    name: str
    labels: tuple[str, ...]
    """Sorted; the columns of `probabilities`."""
    settings: Mapping[str, Any]
    """What it was fitted with."""
    versions: Mapping[str, str]
    """The libraries that fitted it."""
    ngrams: Ngrams
    model: Model

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Return the probability of each label, (N, C) float64; each row sums to 1.

        A text without a known word gets the distribution that the bias or the shares of the
        classes give. A row does not depend on the other texts.

        Raises:
            ConfigError: one string instead of a sequence of them.
        """
        _refuse_one_string(texts)
        parts = [
            self.model.probabilities(self.ngrams.rows(texts[i : i + _BATCH]))
            for i in range(0, len(texts), _BATCH)
        ]
        return np.concatenate([np.zeros((0, len(self.labels))), *parts])

    def to_files(self) -> dict[str, bytes]:
        """Return the files to store: settings, words, and arrays in safetensors."""
        head = {
            "name": self.name,
            "labels": list(self.labels),
            "settings": dict(self.settings),
            "versions": dict(self.versions),
            "orders": [self.ngrams.shortest, len(self.ngrams.keys) + 1],
        }
        arrays = {f"ngrams.{order}": keys for order, keys in enumerate(self.ngrams.keys, 2)}
        for field in dataclasses.fields(self.model):
            arrays[f"model.{field.name}"] = np.ascontiguousarray(getattr(self.model, field.name))
        return {
            "baseline.json": json_bytes(head),
            "features.json": json_bytes(list(self.ngrams.words), indent=None),
            "weights.safetensors": tensors.save(arrays),
        }

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> "Baseline":
        """Restore what `to_files` returned; the probabilities are the same to the last digit.

        Raises:
            BundleError: a file is missing, damaged, or does not fit the others.
        """
        head, words = _read_json(files, "baseline.json"), _read_json(files, "features.json")
        try:
            arrays = tensors.load(_file(files, "weights.safetensors"))
            family = FAMILIES[head["name"]]
            shortest, longest = head["orders"]
            keys = tuple(arrays[f"ngrams.{order}"] for order in range(2, longest + 1))
            fields = [field.name for field in dataclasses.fields(family.model)]
            model = family.model(**{name: arrays[f"model.{name}"] for name in fields})
            ngrams = Ngrams(tuple(words), keys, shortest)
            labels = tuple(head["labels"])
            restored = cls(head["name"], labels, head["settings"], head["versions"], ngrams, model)
        except (SafetensorError, KeyError, TypeError, ValueError) as error:
            raise BundleError(
                f"baseline: its files are damaged or not of one model ({type(error).__name__}: "
                f"{error}): copy the bundle again, or train it again"
            ) from error
        sizes = {arrays[f"model.{name}"].shape[-1] for name in fields if name in _PER_FEATURE}
        if sizes - {len(ngrams)} or restored.probabilities([""]).shape != (1, len(labels)):
            raise BundleError(
                "baseline: features.json and weights.safetensors are not of one model: "
                "copy the bundle again, or train it again"
            )
        return restored


_PER_FEATURE = ("idf", "ratio", "weights")


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
            or scikit-learn is needed and not installed.
        DataError: no text, one label only, or not as many labels as texts.
    """
    chosen = settings(
        name, {"ngrams": ngrams, "min_count": min_count, "alpha": alpha, "C": C, "k": k}
    )
    _refuse_one_string(texts)
    if len(texts) != len(labels):
        raise DataError(f"{len(texts)} texts and {len(labels)} labels: expected one for each text")
    names = tuple(sorted(set(labels)))
    if len(names) < 2:
        got = f"only the label {names[0]!r}" if names else "no text"
        raise DataError(f"training data of a classifier: {got}, expected two labels or more")
    known, counts = Ngrams.learn(
        texts if chosen else [""] * len(texts),
        orders=chosen.get("ngrams", (1, 1)),
        min_count=chosen.get("min_count", 1),
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


def _refuse_one_string(texts: Sequence[str]) -> None:
    if isinstance(texts, str):
        raise ConfigError("texts: got one string, expected a list of texts: write [text]")


def _versions() -> dict[str, str]:
    from seqkit import __version__

    found = {"numpy": np.__version__, "seqkit": __version__}
    try:
        found["scikit-learn"] = importlib.metadata.version("scikit-learn")
    except importlib.metadata.PackageNotFoundError:  # naive Bayes and majority do without
        pass
    return found


def _file(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise BundleError(f"{name}: missing from the baseline: copy the bundle again")
    return files[name]


def _read_json(files: Mapping[str, bytes], name: str) -> Any:
    try:
        return json.loads(_file(files, name))
    except ValueError as error:
        raise BundleError(f"{name}: not JSON ({error}): copy the bundle again") from None
