"""A model with more words: what stays, what is new, and that it trains and saves like any other."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import seqkit
from seqkit.errors import ConfigError
from seqkit.models.extend import extend_vocabulary
from seqkit.models.language_model import LanguageModel
from seqkit.models.recurrent_lm import RecurrentLm, RecurrentLmConfig
from seqkit.text import CharTokenizer, Normalizer, TextPipeline, Vocab, WhitespaceTokenizer

WORDS = ["the", "cat", "sat", "on", "mat"]
NEW = ["a dog sat on the dog", "a bird sat"]
ADAPTIVE = {"output": "adaptive", "cutoffs": (5,)}


def make(*, tied=True, sentences=False, tokenizer=None, words=WORDS, **options) -> LanguageModel:
    torch.manual_seed(4)
    config = RecurrentLmConfig(dim=8, hidden=(6, 8), tied=tied, **options)
    pipeline = TextPipeline(
        Normalizer(case="lower"), tokenizer or WhitespaceTokenizer(), Vocab(words)
    )
    network = RecurrentLm(config, vocabulary=len(pipeline.vocab))
    with torch.no_grad():
        network.embedding.weight.mul_(4)
        if config.output == "softmax":
            network.output.bias.uniform_(-1, 1)
    return LanguageModel(network, pipeline, sentences=sentences)


@pytest.mark.parametrize("sentences", [False, True])
@pytest.mark.parametrize("tied", [True, False])
def test_old_words_keep_their_ids_and_weights_and_new_ones_begin_as_the_mean(tied, sentences):
    model = make(tied=tied, sentences=sentences)
    grown = extend_vocabulary(model, NEW)
    assert grown.pipeline.vocab.words == [*WORDS, "a", "dog", "bird"]  # by count, then by text
    assert grown.sentences is sentences and grown.network.config == model.network.config
    old, new = model.network.state_dict(), grown.network.state_dict()
    for name in ("embedding.weight", "output.weight", "output.bias"):
        known = old[name]
        assert torch.equal(new[name][: len(known)], known)
        for row in new[name][len(known) :]:
            torch.testing.assert_close(row, known[4:].mean(0))
    for name in old.keys() - {"embedding.weight", "output.weight", "output.bias"}:
        assert torch.equal(new[name], old[name])


@given(st.lists(st.sampled_from([*WORDS, "zzz"]), max_size=12).map(" ".join))
def test_known_words_lose_little_to_new_ones_and_nothing_to_each_other(text):
    model = make()
    grown = extend_vocabulary(model, NEW)
    before = model.line_log_probs([text])[0]
    after = grown.line_log_probs([text])[0]
    # a new word is at most as likely as the mean of the old ones, for exp is convex
    assert (before - after <= math.log(1 + 3 / len(WORDS)) + 1e-5).all()
    assert (after <= before + 1e-6).all()
    ids = torch.tensor([[Vocab.EOS, *model.pipeline.encode(text)]])
    old, new = (m.read(m.start(1), ids)[0][0] for m in (model, grown))
    lost = old - new[: len(old)]
    torch.testing.assert_close(lost, lost[:1].expand_as(lost), atol=1e-5, rtol=0)


def test_which_words_are_taken():
    def words(**options):
        return extend_vocabulary(make(), NEW, **options).pipeline.vocab.words[len(WORDS) :]

    assert words(min_count=2) == ["a", "dog"]
    assert words(max_vocab=6) == ["a"]
    assert words(max_vocab=len(WORDS)) == words(max_vocab=1) == words(min_count=9) == []


def test_texts_are_cut_as_the_model_cuts_them():
    model = make(tokenizer=CharTokenizer(), words=["t", "h"])
    assert extend_vocabulary(model, ["Tah"]).pipeline.vocab.words == ["t", "h", "a"]
    assert extend_vocabulary(make(), ["The CAT"]).pipeline.vocab.words == WORDS


def test_the_model_that_was_given_stays_as_it_was():
    model = make()
    before = {name: value.clone() for name, value in model.network.state_dict().items()}
    grown = extend_vocabulary(model, NEW)
    with torch.no_grad():
        for weight in grown.network.parameters():
            weight.zero_()
    assert len(model.pipeline.vocab) == len(WORDS) + 4 == model.vocabulary
    assert all(torch.equal(v, before[k]) for k, v in model.network.state_dict().items())


@pytest.mark.parametrize("tied", [True, False])
def test_an_extended_model_is_saved_loaded_and_trained(tied, tmp_path):
    grown = extend_vocabulary(make(tied=tied), NEW)
    grown.save(tmp_path)
    restored = seqkit.load(tmp_path)
    assert restored.score("a dog\nthe cat") == grown.score("a dog\nthe cat")
    network = restored.network.train()
    embeddings, weights = network.embedding.weight, network.output.weight
    assert (embeddings is weights) is tied
    before = weights.detach().clone()
    optimizer = torch.optim.SGD(network.parameters(), 0.5)
    ids = torch.tensor([restored.pipeline.encode("a dog sat on a bird")])
    hidden, _ = network(ids, network.start(1))
    network.output.loss(hidden.top[0], ids.roll(-1)[0]).backward()
    optimizer.step()
    assert (network.output.weight[-3:] != before[-3:]).any()
    assert torch.equal(network.output.weight, network.embedding.weight) is tied
    restored.save(tmp_path / "tuned")
    assert seqkit.load(tmp_path / "tuned").score("a dog") == restored.score("a dog")


def test_clusters_of_an_adaptive_softmax_cannot_grow():
    model = make(tied=False, **ADAPTIVE)
    with pytest.raises(ConfigError, match=r"3 words of the text are new .* raise --text.min-count"):
        extend_vocabulary(model, NEW)
    grown = extend_vocabulary(model, NEW, min_count=9)
    assert grown.score("the cat") == model.score("the cat")
