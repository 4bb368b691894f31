"""A fitted baseline: what an app calls, and what a bundle stores."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors import numpy as tensors

from seqkit.baselines.families import FAMILIES, Model
from seqkit.baselines.ngrams import Ngrams
from seqkit.errors import BundleError
from seqkit.files import json_bytes

__all__ = ["Baseline"]

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
            arrays[f"model.{field.name}"] = np.asarray(getattr(self.model, field.name), order="C")
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
            shortest, longest = head["orders"]
            keys = tuple(arrays[f"ngrams.{order}"] for order in range(2, longest + 1))
            ngrams = Ngrams(tuple(words), keys, shortest)
            kind = FAMILIES[head["name"]].model
            fields = [field.name for field in dataclasses.fields(kind)]
            model = kind(**{field: arrays[f"model.{field}"] for field in fields})
            labels, versions = tuple(head["labels"]), head["versions"]
            restored = cls(head["name"], labels, head["settings"], versions, ngrams, model)
            sizes = {arrays[f"model.{field}"].shape[-1] for field in fields if field in _WIDE}
            whole = sizes <= {len(ngrams)} and restored.probabilities([""]).shape[1] == len(labels)
        except (SafetensorError, IndexError, KeyError, TypeError, ValueError) as error:
            raise BundleError(f"{_FOREIGN} ({type(error).__name__}: {error}){_REMEDY}") from error
        if not whole:
            raise BundleError(f"{_FOREIGN} (sizes differ){_REMEDY}")
        return restored


_WIDE = ("idf", "ratio", "weights")  # the arrays with a column for each feature
_FOREIGN = "baseline: its files are damaged or not of one model"
_REMEDY = ": copy the bundle again, or train it again"


def _file(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise BundleError(f"{name}: missing from the baseline: copy the bundle again")
    return files[name]


def _read_json(files: Mapping[str, bytes], name: str) -> Any:
    try:
        return json.loads(_file(files, name))
    except ValueError as error:
        raise BundleError(f"{name}: not JSON ({error}): copy the bundle again") from None
