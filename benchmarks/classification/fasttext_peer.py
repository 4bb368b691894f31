"""fastText behind the interface of a scorer, so that one function measures it and seqkit."""

import importlib.util
import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from seqkit.data import LabeledText

__all__ = ["IMDB", "MISSING", "SMS", "FastTextScorer", "installed", "load", "to_line", "train"]

SMS: Mapping[str, float] = {"lr": 1.0, "epoch": 50}
"""Best of nine in three-fold cross-validation on the 1,674 training messages."""
IMDB: Mapping[str, float] = {"lr": 0.25, "epoch": 10}
"""Of eight, on a fifth of train held out, the best but for one that takes twice as long."""

MISSING = "fastText was left out: not installed (pip install -r benchmarks/peers.txt)."

_TOKENS = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[^\s\w]|_")
_PREFIX = "__label__"


def installed() -> bool:
    """Say whether fastText can be imported."""
    return importlib.util.find_spec("fasttext") is not None


def to_line(text: str) -> str:
    """Make a text the space-joined tokens that fastText wants, lower-cased, without breaks."""
    return " ".join(_TOKENS.findall(text.replace("<br />", " ").lower()))


class FastTextScorer:
    """A trained fastText model, asked for probabilities."""

    def __init__(self, model: Any) -> None:
        """Wrap a model."""
        self.model = model
        self.labels = tuple(sorted(name.removeprefix(_PREFIX) for name in model.get_labels()))

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Score texts. Returns (N, C) float64, each row summing to 1."""
        named, scores = self.model.predict([to_line(text) for text in texts], k=len(self.labels))
        table = np.zeros((len(texts), len(self.labels)))
        for row, (names, values) in enumerate(zip(named, scores, strict=True)):
            for name, value in zip(names, values, strict=True):
                table[row, self.labels.index(name.removeprefix(_PREFIX))] = value
        return table / table.sum(1, keepdims=True)


def train(
    records: Sequence[LabeledText],
    path: Path,
    *,
    settings: Mapping[str, float],
    threads: int,
    seed: int,
) -> FastTextScorer:
    """Train on word bigrams in 50 dimensions; `path` is where its training file goes.

    The lines are shuffled: fastText reads them in order, and learns little from sorted labels.
    """
    import fasttext

    lines = [f"{_PREFIX}{record.label} {to_line(record.text)}\n" for record in records]
    random.Random(seed).shuffle(lines)
    path.write_text("".join(lines), encoding="utf-8")
    model = fasttext.train_supervised(
        str(path), dim=50, wordNgrams=2, thread=threads, seed=seed, verbose=0, **settings
    )
    return FastTextScorer(model)


def load(path: str) -> Any:
    """Load a saved model."""
    import fasttext

    return fasttext.load_model(path)
