"""sif-lr: what it learns, whose words it knows, and that it is no model to save."""

import logging

import numpy as np
import pytest
from conftest import messages

from seqkit.data import LabeledText
from seqkit.errors import ConfigError
from seqkit.models.classifier import TextClassifier
from seqkit.text import TextConfig, build_pipeline
from seqkit.train.evaluation import measure
from seqkit.train.given_vectors import VectorsOptions
from seqkit.train.sif_baseline import fit_sif

pytest.importorskip("sklearn")
logging.getLogger("seqkit").setLevel(logging.WARNING)


def records(rows):
    return [LabeledText(text, label, "made", line) for line, (label, text) in enumerate(rows, 1)]


@pytest.fixture
def path(tmp_path):
    """Vectors that share a direction, and another where they go with spam, `bargain` too."""
    rng = np.random.default_rng(1)
    spam = {"win", "free", "prize", "cash", "bargain"}
    words = [*spam, "lunch", "home", "thanks", "later", *(f"w{i}" for i in range(30))]
    rows = []
    for word in sorted(words):
        vector = rng.normal(size=6)
        vector[:2] += 8 * (word in spam), 30
        rows.append(" ".join([word, *map(str, vector.round(4))]))
    (tmp_path / "v.vec").write_text("\n".join([f"{len(words)} 6", *rows]) + "\n")
    return str(tmp_path / "v.vec")


def fit(path, others=()):
    train = records(messages(120))
    pipeline = build_pipeline(TextConfig(), [record.text for record in train], seed=1)
    return fit_sif(VectorsOptions(), path, train, others, pipeline)


def test_it_tells_labels_apart_and_knows_words_that_training_never_had(path):
    test = records([*messages(60, seed=2), ("spam", "bargain bargain"), ("ham", "lunch w3")])
    scorer = fit(path, test)
    assert scorer.labels == ("ham", "spam")
    found = measure("sif-lr", TextClassifier(scorer), test)
    assert found.metrics["accuracy"] > 0.9
    assert found.predicted[-2] == 1, "bargain has a vector, though no text of train has it"
    assert scorer.probabilities([]).shape == (0, 2)
    together = scorer.probabilities(["win cash", "", "thanks"])
    np.testing.assert_allclose(together.sum(1), 1)
    np.testing.assert_allclose(together[2], scorer.probabilities(["thanks"])[0], atol=1e-9)


def test_it_is_a_row_of_a_report_and_no_more(path, tmp_path):
    with pytest.raises(ConfigError, match="cannot be saved"):
        TextClassifier(fit(path)).save(tmp_path / "saved")
