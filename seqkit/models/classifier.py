"""The object that an app imports: texts in, labels and scores out. No torch here."""

import importlib
import itertools
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError

from seqkit import bundle
from seqkit.errors import BundleError, ConfigError, choices
from seqkit.files import json_bytes

__all__ = [
    "Decision",
    "Prediction",
    "Scorer",
    "TextClassifier",
    "restore_scorer",
    "scorer_kind",
]

_CHUNK = 1024  # texts scored together when streaming


class Scorer(Protocol):
    """What turns texts into probabilities: a network, a bag of embeddings, or a baseline."""

    labels: tuple[str, ...]

    def probabilities(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Score texts. Returns (N, C) float64, each row summing to 1."""
        ...

    def to_files(self) -> dict[str, bytes]:
        """Return the files that restore the scorer, by name."""
        ...


_HOMES = {
    "bag": ("seqkit.models.bag", "BagScorer"),
    "baseline": ("seqkit.baselines", "Baseline"),
    "ensemble": ("seqkit.models.ensemble", "Ensemble"),
    "network": ("seqkit.models.network", "NetworkScorer"),
}
"""Scorer classes by the name in `classifier.json`, imported when a bundle needs one."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A threshold on the score of one label of two, and what it was chosen for."""

    positive: str
    """The label that is given when its score reaches the threshold."""
    threshold: float
    """Between 0 and 1."""
    target: str
    """What the threshold was chosen to reach, on which data."""


@dataclass(frozen=True)
class Prediction:
    """What a classifier says of one text."""

    label: str
    score: float
    """Probability of `label`, in [0, 1]."""
    scores: Mapping[str, float]
    """Probability of each label; they sum to 1."""


class TextClassifier:
    """Classifies texts; a saved one is loaded with `seqkit.load(folder)`.

    The prediction for a text does not depend on what else is in the batch: the same label, scores
    equal within 1e-6. Safe to call from several threads.
    """

    def __init__(self, scorer: Scorer, *, decision: Decision | None = None) -> None:
        """Wrap a scorer.

        Args:
            scorer: gives the probabilities.
            decision: the threshold that decides between two labels; None takes the likelier.

        Raises:
            ConfigError: a decision for a scorer that has not two labels, or not that one.
        """
        if decision is not None:
            if len(scorer.labels) != 2:
                raise ConfigError(f"a threshold needs two labels, there are {len(scorer.labels)}")
            if decision.positive not in scorer.labels:
                raise ConfigError(choices("positive label", decision.positive, scorer.labels))
        self.scorer = scorer
        self.decision = decision

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the columns of `probabilities`."""
        return self.scorer.labels

    def predict(self, text: str) -> Prediction:
        """Classify one text."""
        return self.predict_many([text])[0]

    def predict_many(self, texts: Iterable[str]) -> list[Prediction]:
        """Classify texts, in order; the same answers as one by one."""
        return list(self.stream(texts))

    def stream(self, texts: Iterable[str], *, chunk: int = _CHUNK) -> Iterator[Prediction]:
        """Classify texts from an iterator, in order, `chunk` at a time, in bounded memory."""
        _refuse_one_string(texts)
        if chunk < 1:
            raise ConfigError(f"chunk {chunk}: must be 1 or more")
        return self._chunks(iter(texts), chunk)

    def _chunks(self, source: Iterator[str], chunk: int) -> Iterator[Prediction]:
        while part := list(itertools.islice(source, chunk)):
            probabilities = self.probabilities(part)
            rows = probabilities.tolist()
            for row, index in zip(rows, self.decide(probabilities).tolist(), strict=True):
                scores = dict(zip(self.labels, row, strict=True))
                yield Prediction(self.labels[index], row[index], scores)

    def probabilities(self, texts: Iterable[str]) -> npt.NDArray[np.float64]:
        """Score texts. Returns (N, C) float64 in the order of `labels`."""
        _refuse_one_string(texts)
        texts = list(texts)
        for text in texts:
            if not isinstance(text, str):
                raise ConfigError(f"a text is a str, got {type(text).__name__} {text!r:.40}")
        return self.scorer.probabilities(texts)

    def decide(self, probabilities: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Choose the index of a label for each row of `probabilities` (N, C)."""
        if self.decision is None:
            return probabilities.argmax(1)
        positive = self.labels.index(self.decision.positive)
        reached = probabilities[:, positive] >= self.decision.threshold
        return np.where(reached, positive, 1 - positive)

    def save(
        self,
        folder: str | os.PathLike[str],
        *,
        provenance: Mapping[str, Any] | None = None,
        metrics: Mapping[str, Any] | None = None,
    ) -> None:
        """Write the classifier as a bundle; see `seqkit.bundle.write`."""
        decision = asdict(self.decision) if self.decision else None
        head = {"scorer": scorer_kind(self.scorer), "decision": decision}
        files = {"classifier.json": json_bytes(head), **self.scorer.to_files()}
        bundle.write(
            folder, kind="TextClassifier", files=files, provenance=provenance, metrics=metrics
        )

    @classmethod
    def from_bundle(cls, saved: bundle.Bundle, *, device: str = "cpu") -> "TextClassifier":
        """Restore a classifier from a checked bundle.

        Args:
            saved: as `seqkit.bundle.read` returns it.
            device: where a network runs, `cpu`, `cuda` or `auto`; the other scorers are arrays
                and always run on the CPU.

        Raises:
            BundleError: the files of the bundle do not fit together.
            ConfigError: a device that is not here, or a library that the model needs and is not.
        """
        files = saved.files()
        try:
            head = json.loads(files.pop("classifier.json"))
            decision = Decision(**head["decision"]) if head["decision"] else None
        except (KeyError, TypeError, ValueError) as error:
            raise BundleError(
                f"{saved.folder}/classifier.json: not what this seqkit writes ({error!r}): "
                "train anew, or upgrade seqkit"
            ) from None
        try:
            scorer = restore_scorer(head["scorer"], files, device=device)
            return cls(scorer, decision=decision)
        except ConfigError:
            raise
        except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError) as error:
            reason = str(error).partition("\n")[0]
            raise BundleError(
                f"{saved.folder}: its files do not fit together ({reason}): train anew"
            ) from error


def scorer_kind(scorer: Scorer) -> str:
    """Return the name by which the files of a scorer are read back.

    Raises:
        ConfigError: a class that no reader knows.
    """
    own = type(scorer).__name__
    kind = next((kind for kind, (_, name) in _HOMES.items() if name == own), None)
    if kind is None:
        raise ConfigError(f"a classifier over {own} cannot be saved: no reader knows it")
    return kind


def restore_scorer(kind: str, files: Mapping[str, bytes], *, device: str = "cpu") -> Scorer:
    """Restore a scorer of a `scorer_kind` from its files; networks go onto `device`."""
    module, name = _HOMES[kind]
    home = getattr(importlib.import_module(module), name)
    options = {"device": device} if kind in ("ensemble", "network") else {}
    return home.from_files(files, **options)


def _refuse_one_string(texts: Iterable[str]) -> None:
    if isinstance(texts, str):
        raise ConfigError("expected a list of texts, got one str: use predict, or write [text]")
