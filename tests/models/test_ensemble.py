"""Scorers that vote: the mean of their probabilities, saved and restored as one."""

import numpy as np
import pytest

import seqkit
from seqkit import baselines
from seqkit.errors import ConfigError
from seqkit.models.classifier import TextClassifier
from seqkit.models.ensemble import Ensemble

TEXTS = ["win a prize now", "lunch at home", "free prize cash", "see you later at home"]
LABELS = ["spam", "ham", "spam", "ham"]


def members():
    return [baselines.fit(name, TEXTS, LABELS) for name in ("naive-bayes", "majority")]


def test_the_mean_of_the_members():
    first, second = members()
    expected = (first.probabilities(TEXTS) + second.probabilities(TEXTS)) / 2
    np.testing.assert_array_equal(Ensemble([first, second]).probabilities(TEXTS), expected)


def test_saved_and_restored_to_the_last_digit(tmp_path):
    nested = Ensemble([Ensemble(members()), members()[0]])
    TextClassifier(nested).save(tmp_path)
    restored = seqkit.load(tmp_path)
    asked = [*TEXTS, "", "unknown words"]
    np.testing.assert_array_equal(restored.probabilities(asked), nested.probabilities(asked))


def test_what_cannot_vote():
    with pytest.raises(ConfigError, match="at least one member"):
        Ensemble([])
    other = baselines.fit("majority", TEXTS, ["a", "b", "a", "b"])
    with pytest.raises(ConfigError, match="the same labels"):
        Ensemble([members()[0], other])
