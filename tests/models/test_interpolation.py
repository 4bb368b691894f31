"""Models mixed into one: probabilities of the parts, whatever they are asked for."""

import numpy as np
import pytest
import torch

from seqkit.errors import ConfigError, DataError
from seqkit.models.interpolation import Interpolation
from seqkit.models.language_model import LanguageModel
from seqkit.models.recurrent_lm import RecurrentLm, RecurrentLmConfig
from seqkit.ngram import NgramConfig, SmoothingConfig, train_ngram
from seqkit.text import (
    Normalizer,
    TextConfig,
    TextPipeline,
    Vocab,
    WhitespaceTokenizer,
    build_pipeline,
)

TEXT = """It was the best of times, it was the worst of times,
it was the age of wisdom, it was the age of foolishness,

it was the epoch of belief."""
LINES = TEXT.splitlines()


def pipeline():
    return build_pipeline(TextConfig(), LINES)


def recurrent(cell="lstm", *, sentences=False):
    torch.manual_seed(1)
    network = RecurrentLm(
        RecurrentLmConfig(cell=cell, dim=16, hidden=(10, 16)), vocabulary=len(pipeline().vocab)
    )
    with torch.no_grad():
        network.embedding.weight.mul_(3)
    return LanguageModel(network, pipeline(), sentences=sentences)


@pytest.fixture(scope="module")
def ngrams():
    config = NgramConfig(order=3, smoothing=SmoothingConfig(method="witten-bell"))
    return train_ngram(LINES, config, text=TextConfig())


@pytest.fixture(params=["running", "sentences", "three"])
def mixed(request, ngrams):
    if request.param == "three":
        return Interpolation([ngrams, recurrent("gru"), recurrent()], [0.5, 0.2, 0.3])
    return Interpolation([recurrent(sentences=request.param == "sentences"), ngrams], [0.3, 0.7])


def test_it_reads_running_text_if_a_part_does(ngrams):
    assert Interpolation([ngrams, ngrams]).first == Vocab.BOS
    mixed = Interpolation([ngrams, recurrent()])
    assert mixed.first == Vocab.EOS and not mixed.sentences
    assert mixed.weights == (0.5, 0.5) and mixed.vocabulary == len(pipeline().vocab)


def test_each_step_is_the_mean_of_the_parts_probabilities(mixed):
    ids = torch.tensor([[mixed.first, 5, 6, 2, 7], [mixed.first, 9, 4, 4, 3]])
    log_probs, state = mixed.read(mixed.start(2), ids)
    expected = sum(
        weight * model.read(model.start(2), ids)[0].exp()
        for model, weight in zip(mixed.models, mixed.weights, strict=True)
    )
    torch.testing.assert_close(log_probs.exp(), expected, atol=1e-6, rtol=0)
    assert log_probs.dtype == torch.float32 and not log_probs.requires_grad
    stepped = mixed.start(2)
    for column in ids.unbind(1):
        last, stepped = mixed.step(stepped, column)
    torch.testing.assert_close(last, log_probs, atol=1e-5, rtol=0)
    chosen = mixed.select(state, torch.tensor([1, 1, 0]))
    after, _ = mixed.step(chosen, torch.tensor([5, 5, 5]))
    alone, _ = mixed.step(state, torch.tensor([5, 5]))
    torch.testing.assert_close(after, alone[[1, 1, 0]], atol=1e-5, rtol=0)


def test_scores_are_those_of_the_steps(mixed):
    found, state = [], mixed.start(1)
    log_probs, state = mixed.read(state, torch.tensor([[mixed.first]]))
    for line in LINES:
        if mixed.sentences:
            log_probs, state = mixed.read(mixed.start(1), torch.tensor([[Vocab.BOS]]))
        for id in [*mixed.pipeline.encode(line), Vocab.EOS]:
            found.append(log_probs[0, id].item())
            log_probs, state = mixed.step(state, torch.tensor([id]))
    by_line = mixed.line_log_probs(LINES)
    assert [len(part) for part in by_line] == [len(mixed.pipeline.encode(x)) + 1 for x in LINES]
    np.testing.assert_allclose(np.concatenate(by_line), found, atol=2e-5)
    assert mixed.score(TEXT).log_prob == pytest.approx(sum(found), abs=1e-3)
    texts = ["it was", TEXT, "the best\nof times"]
    alone = [mixed.score(text).log_prob for text in texts]
    assert [each.log_prob for each in mixed.score_many(texts)] == pytest.approx(alone, abs=1e-4)
    assert mixed.line_log_probs([]) == []


def test_a_weight_of_1_is_the_model_itself(ngrams):
    model = recurrent()
    mixed = Interpolation([model, ngrams], [1.0, 0.0])
    assert mixed.score(TEXT).log_prob == pytest.approx(model.score(TEXT).log_prob, abs=1e-4)
    options = {"max_tokens": 20, "seed": 3}
    assert mixed.generate("it was", **options) == model.generate("it was", **options)


def test_it_generates_streams_and_completes(mixed):
    for options in ({"seed": 1}, {"temperature": 0.0}):
        text = mixed.generate("it was", max_tokens=12, **options)
        assert text == "".join(mixed.stream("it was", max_tokens=12, **options))
    assert mixed.generate("it was", max_tokens=5, beam=3)
    found = mixed.complete("it was the ", num=3)
    shares = mixed.read(
        mixed.start(1), torch.tensor([[mixed.first, *mixed.pipeline.encode("it was the")]])
    )[0][0, 4:]
    best = shares.softmax(0).topk(3).values.tolist()
    assert [each.probability for each in found] == pytest.approx(best, rel=1e-4)


def test_fitting_finds_the_likeliest_weights(mixed):
    held = ["it was the worst of belief", "the age of times"]
    fitted = mixed.fit(held)
    assert fitted.models == mixed.models and sum(fitted.weights) == pytest.approx(1)
    best = sum(part.sum() for part in fitted.line_log_probs(held))
    for weights in np.random.default_rng(0).dirichlet(np.ones(len(mixed.models)), 30):
        other = Interpolation(mixed.models, weights)
        assert best >= sum(part.sum() for part in other.line_log_probs(held)) - 1e-4
    with pytest.raises(DataError, match="no lines in the text"):
        mixed.fit([])


def test_a_recurrent_model_of_sentences_scores_beside_running_text_and_writes_nothing():
    mixed = Interpolation([recurrent(sentences=True), recurrent()])
    assert np.isfinite(mixed.score(TEXT).log_prob)
    with pytest.raises(ConfigError, match="cannot go on with the running text of another model"):
        mixed.generate("it")
    nested = Interpolation([recurrent(), Interpolation([recurrent(sentences=True)])])
    with pytest.raises(ConfigError, match="cannot go on with the running text"):
        nested.generate("it")


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([0.5], "weights 0.5 for 2 models: give one for each"),
        ([0.5, 0.6], "weights 0.5, 0.6 for 2 models"),
        ([1.5, -0.5], "weights 1.5, -0.5"),
        ([float("nan"), 0.5], "weights nan, 0.5"),
    ],
)
def test_weights_that_cannot_be(weights, message, ngrams):
    with pytest.raises(ConfigError, match=message):
        Interpolation([ngrams, ngrams], weights)


def with_text(text):
    model = recurrent()
    model.pipeline = text
    return model


def test_models_that_do_not_read_alike(ngrams):
    text = pipeline()
    words = text.vocab.words
    swapped = Vocab([words[1], words[0], *words[2:]])
    for other, message in (
        (TextPipeline(Normalizer(), text.tokenizer, text.vocab), "its normaliser is Normalizer"),
        (
            TextPipeline(text.normalizer, WhitespaceTokenizer(), text.vocab),
            "its tokeniser is whitespace, model 1 has word",
        ),
        (
            TextPipeline(text.normalizer, text.tokenizer, Vocab(words[:-1])),
            f"knows {len(words) - 1} words, model 1 knows {len(words)}",
        ),
        (
            TextPipeline(text.normalizer, text.tokenizer, swapped),
            f"its word number 1 is '{words[1]}', that of model 1 is '{words[0]}'",
        ),
    ):
        with pytest.raises(ConfigError, match=r"^interpolation: model 2.*" + message) as error:
            Interpolation([ngrams, with_text(other)])
        assert "\n" not in str(error.value)
    with pytest.raises(ConfigError, match="at least one model"):
        Interpolation([])
