"""Models on given word vectors: saved and loaded again, whatever became of the vectors."""

import json

import numpy as np
import pytest
import torch

import seqkit as sk
from seqkit.errors import ConfigError
from seqkit.models.cnn import CnnClassifier, CnnConfig
from seqkit.models.extend import extend_vocabulary
from seqkit.models.language_model import LanguageModel
from seqkit.models.network import NetworkScorer
from seqkit.models.recurrent_lm import RecurrentLm, RecurrentLmConfig
from seqkit.models.rnn import RnnClassifier, RnnConfig
from seqkit.models.seq2seq import Seq2Seq, Seq2SeqConfig
from seqkit.models.translator import Translator
from seqkit.nn.embedding import GivenRows
from seqkit.text import Normalizer, TextPipeline, Vocab, WhitespaceTokenizer

PIPELINE = TextPipeline(Normalizer(), WhitespaceTokenizer(), Vocab(list("abcdefgh")))
V = len(PIPELINE.vocab)
TEXTS = ["a b c", "h g f e", "a z"]
USES = [("tuned", 6), ("frozen", 6), ("projected", 6), ("projected", 11)]


def rows(use: str, width: int) -> GivenRows:
    known = torch.arange(V) % 3 == 1
    return GivenRows(torch.randn(V, width, generator=torch.manual_seed(3)), known, use)


@pytest.mark.parametrize(("use", "width"), USES)
@pytest.mark.parametrize("family", ["cnn", "rnn"])
def test_classifiers(family, use, width):
    config = CnnConfig(dim=6, channels=4) if family == "cnn" else RnnConfig(dim=6, hidden=5)
    kind = CnnClassifier if family == "cnn" else RnnClassifier
    network = kind(config, vocabulary=V, classes=2, given=rows(use, width))
    scorer = NetworkScorer(
        network, PIPELINE, family=family, labels=["x", "y"], max_tokens=None, keep="head",
        device=torch.device("cpu"),
    )  # fmt: skip
    restored = NetworkScorer.from_files(scorer.to_files())
    assert np.array_equal(restored.probabilities(TEXTS), scorer.probabilities(TEXTS))
    assert restored.to_files() == scorer.to_files()


def test_a_bundle_from_before_projections_is_read():
    network = CnnClassifier(CnnConfig(dim=6, channels=4), vocabulary=V, classes=2)
    options = {"family": "cnn", "labels": ["x", "y"], "max_tokens": None, "keep": "head"}
    scorer = NetworkScorer(network, PIPELINE, device=torch.device("cpu"), **options)
    files = scorer.to_files()
    head = json.loads(files["model.json"])
    assert head.pop("projected_from") is None
    old = NetworkScorer.from_files({**files, "model.json": json.dumps(head).encode()})
    assert np.array_equal(old.probabilities(TEXTS), scorer.probabilities(TEXTS))


def language_model(use: str, width: int, **options) -> LanguageModel:
    config = RecurrentLmConfig(dim=6, hidden=(7, 6), tied=use != "projected", **options)
    network = RecurrentLm(config, vocabulary=V, given=rows(use, width))
    return LanguageModel(network, PIPELINE)


@pytest.mark.parametrize(("use", "width"), USES)
def test_language_models(use, width, tmp_path):
    model = language_model(use, width)
    given = rows(use, width)
    assert torch.equal(model.network.embedding.weight[given.known], given.rows[given.known])
    model.save(tmp_path)
    loaded = sk.load(tmp_path)
    assert np.array_equal(
        np.concatenate(loaded.line_log_probs(TEXTS)), np.concatenate(model.line_log_probs(TEXTS))
    )
    grown = extend_vocabulary(loaded, ["a new word"])
    assert grown.vocabulary > V and np.isfinite(np.concatenate(grown.line_log_probs(TEXTS))).all()


@pytest.mark.parametrize(("use", "width"), USES)
def test_training_a_language_model_keeps_what_is_to_be_kept(use, width):
    network = language_model(use, width).network.train()
    known = rows(use, width).known
    before = network.embedding.weight.detach().clone()
    optimizer = torch.optim.Adam(network.parameters(), 0.1)
    for _ in range(3):  # with tied weights the output layer pulls at every row
        optimizer.zero_grad()
        ids = torch.arange(V)[None]
        hidden, _ = network(ids, network.start(1))
        network.output.loss(hidden.top.flatten(0, 1), ids.flip(1).flatten()).backward()
        optimizer.step()
    moved = (network.embedding.weight != before).any(1)
    assert moved[~known].all()
    assert moved[known].all() if use == "tuned" else not moved[known].any()


TRANSLATORS = [
    ("none", "projected", 11, True), ("none", "frozen", 6, True), ("target", "tuned", 6, True),
    ("target", "frozen", 6, True), ("target", "projected", 11, False), ("all", "frozen", 6, True),
]  # fmt: skip


@pytest.mark.parametrize(("tied", "use", "width", "of_target"), TRANSLATORS)
def test_translators(tied, use, width, of_target, tmp_path):
    config = Seq2SeqConfig(
        dim=6, encoder_hidden=4, decoder_hidden=8, attention_hidden=5, tied=tied, dropout=0.0
    )
    network = Seq2Seq(
        config,
        source_vocabulary=V,
        target_vocabulary=V,
        source_given=None if tied == "all" else rows(use, width),
        target_given=rows(use, width) if of_target else None,
    )
    model = Translator(network, PIPELINE, PIPELINE)
    model.save(tmp_path)
    loaded = sk.load(tmp_path)
    ids, lengths = torch.tensor([[4, 5, 6]]), torch.tensor([3])
    expected = model.network(ids, lengths, ids)
    assert torch.equal(loaded.network(ids, lengths, ids), expected)
    assert [each.text for each in loaded.translate_many(TEXTS)] == [
        each.text for each in model.translate_many(TEXTS)
    ]


def test_a_projected_table_is_no_output_layer():
    with pytest.raises(ConfigError, match=r"model.tied: projected vectors.*--model.no-tied"):
        config = RecurrentLmConfig(dim=6, hidden=(6,))
        RecurrentLm(config, vocabulary=V, given=rows("projected", 6))
    sizes = {"source_vocabulary": V, "target_vocabulary": V}
    config = Seq2SeqConfig(dim=6, tied="target")
    with pytest.raises(ConfigError, match=r"model.tied target: projected.*--model.tied none"):
        Seq2Seq(config, **sizes, target_given=rows("projected", 6))
    with pytest.raises(ConfigError, match="starts from target_given"):
        Seq2Seq(Seq2SeqConfig(dim=6, tied="all"), **sizes, source_given=rows("tuned", 6))
