"""What every translator promises, whatever network is inside: one table of models x checks."""

import functools
import itertools
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file
from translator_cases import CONFIGS, make_tiny, make_translator

import seqkit
from seqkit.models.translator import Translator
from seqkit.text import Vocab

every_model = pytest.mark.parametrize("name", CONFIGS)
TEXTS = ["a b c d", "", "a", "b b zzz a c d d a b", "d c", "a", " ", "c zzz"]


@functools.cache
def translator(name: str) -> Translator:
    return make_translator(name)


@functools.cache
def ensemble(name: str):
    return Translator.ensemble([translator(name), make_translator(name)])


def assert_same(found, expected) -> None:
    assert [t.tokens for t in found] == [t.tokens for t in expected]
    assert [(t.text, t.finished) for t in found] == [(t.text, t.finished) for t in expected]
    for field in ("log_prob", "score"):
        mine, its = ([getattr(t, field) for t in each] for each in (found, expected))
        np.testing.assert_allclose(mine, its, atol=1e-4)


@every_model
@settings(max_examples=5)
@given(
    texts=st.lists(
        st.lists(st.sampled_from(["a", "b", "c", "d", "?"]), max_size=7).map(" ".join), max_size=6
    ),
    beam=st.integers(1, 4),
    length_penalty=st.sampled_from([0.0, 1.0]),
    batch=st.sampled_from([None, 1, 2]),
)
def test_a_batch_equals_one_by_one(name, texts, beam, length_penalty, batch):
    model = translator(name)
    options = {"beam": beam, "num": beam, "unknown": "keep"}
    if beam > 1:
        options["length_penalty"] = length_penalty
        options["coverage_penalty"] = 0.1 * model.attends
    together = model.n_best(texts, batch=batch, **options)
    for text, found in zip(texts, together, strict=True):
        assert_same(found, model.n_best([text], **options)[0])
        assert all(each.source == text for each in found)


@every_model
def test_what_is_found_scores_what_forced_decoding_says(name):
    model = translator(name)
    for found in model.n_best(TEXTS, num=4, beam=4, unknown="keep", length_penalty=0.7):
        ranks = [(t.finished == "end", t.score) for t in found]
        assert ranks == sorted(ranks, reverse=True)
        for each in found:
            if not each.source_tokens:
                continue
            ids = tuple(model.target.vocab.encode(each.tokens))  # what is unknown is UNK again
            (log_probs,) = model.log_probs([model.read(each.source)], [ids])
            length = len(log_probs) if each.finished == "end" else len(ids)
            assert each.log_prob == pytest.approx(log_probs[:length].sum(), abs=1e-4)
            assert each.score == pytest.approx(each.log_prob / length**0.7, abs=1e-4)


@pytest.mark.parametrize("name", ["lstm-additive", "gru-scaled-dot", "lstm-none", "tanh-fixed"])
@pytest.mark.parametrize("length_penalty, coverage_penalty", [(0, 0), (0.7, 0), (1, 0.5), (0, 2)])
def test_a_beam_of_full_width_is_exhaustive(name, length_penalty, coverage_penalty):
    """Against all sequences of 5 ids up to 4 long, scored by forced decoding."""
    model = make_tiny(name)
    coverage_penalty *= model.attends
    source = model.read("a c d")
    everything = []
    for length in range(5):
        for ids in itertools.product([Vocab.UNK, 4], repeat=length):
            (log_probs,) = model.log_probs([source], [ids])
            steps = min(length + 1, 4)  # with the end, where there is room for it
            score = log_probs[:steps].sum() / steps**length_penalty
            if coverage_penalty:
                # one id more, so that the step of the end is among them
                (weights,) = model.weights([source], [(*ids, Vocab.UNK)])
                score += coverage_penalty * np.log(weights[:steps].sum(0).clip(max=1)).sum()
            tokens = tuple("<unk>" if id == Vocab.UNK else "x" for id in ids)
            everything.append((length < 4, score, tokens))
    everything.sort(reverse=True)  # those that end before those that are cut off
    (found,) = model.n_best(
        ["a c d"],
        num=25,
        beam=64,
        max_tokens=4,
        unknown="keep",
        length_penalty=length_penalty,
        coverage_penalty=coverage_penalty,
    )
    expected = [(tokens, "end" if ended else "length") for ended, _, tokens in everything[:25]]
    assert [(each.tokens, each.finished) for each in found] == expected
    np.testing.assert_allclose(
        [t.score for t in found], [score for _, score, _ in everything[:25]], atol=1e-5
    )


@every_model
def test_scores_do_not_depend_on_the_batch(name):
    model = translator(name)
    pairs = [(text, target) for text in TEXTS for target in ("x y", "", "a q b", "zz")]
    for pair, score in zip(pairs, model.score_many(pairs), strict=True):
        alone = model.score(*pair)
        assert score[1:] == alone[1:]
        if score.log_prob != alone.log_prob:
            assert score.log_prob == pytest.approx(alone.log_prob, abs=1e-5)


@every_model
def test_attention_is_there_or_refused(name):
    model = translator(name)
    if not model.attends:
        for ask in (model.check_attends, lambda: model.translate_many([], attention=True)):
            with pytest.raises(seqkit.ConfigError, match="no weights of attention"):
                ask()
        return
    together = model.translate_many(TEXTS, attention=True)
    for text, each in zip(TEXTS, together, strict=True):
        assert each.source_tokens == tuple(text.split())
        assert each.attention.shape == (len(each.tokens), len(each.source_tokens))
        assert each.attention.dtype == np.float32
        if each.tokens:
            np.testing.assert_allclose(each.attention.sum(1), 1, atol=1e-5)
        (alone,) = model.translate_many([text], attention=True)
        np.testing.assert_allclose(each.attention, alone.attention, atol=1e-5)
    assert model.translate_many(["a b"])[0].attention is None


@every_model
def test_samples_do_not_depend_on_the_batch_and_cold_ones_are_greedy(name):
    model = translator(name)
    alone = {text: model.sample([text], seed=3, top_k=5)[0] for text in TEXTS}
    together = model.sample(TEXTS, seed=3, top_k=5, batch=3)
    again = TEXTS.index("a", 3)  # the second of two equal texts has a sample of its own
    assert_same(
        together[:again] + together[again + 1 :],
        [alone[text] for place, text in enumerate(TEXTS) if place != again],
    )
    greedy = model.translate_many(TEXTS, beam=1)
    assert_same(model.sample(TEXTS, temperature=0), greedy)


@every_model
def test_a_saved_one_is_the_same_and_holds_shared_weights_once(name, tmp_path: Path):
    model = make_translator(name, max_tokens=9)
    model.save(tmp_path, metrics={"bleu": 1.0})
    loaded = seqkit.load(tmp_path)
    assert isinstance(loaded, seqkit.Translator) and loaded.max_tokens == 9
    assert loaded.translate_many(TEXTS) == model.translate_many(TEXTS)
    tensors = load_file(tmp_path / "weights.safetensors")
    network = model.network
    assert sum(map(torch.numel, tensors.values())) == sum(map(torch.numel, network.parameters()))
    tied = {"target": 1, "all": 2, "none": 0}[network.config.tied]
    assert len(tensors) == len(network.state_dict()) - tied
    shared = loaded.source is loaded.target
    assert shared == (network.config.tied == "all")
    assert (tmp_path / ("both.vocab.txt" if shared else "target.vocab.txt")).exists()
    loaded.save(tmp_path / "again")
    for path in tmp_path.glob("*.*"):
        if path.name != "bundle.json":
            assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", ["lstm-additive", "gru-none", "tanh-general"])
def test_an_ensemble_of_equals_is_the_same_as_one(name):
    one, several = translator(name), ensemble(name)
    assert_same(several.translate_many(TEXTS), one.translate_many(TEXTS))
    assert_same(several.sample(TEXTS, seed=2), one.sample(TEXTS, seed=2))
    pairs = [("a b", "x"), ("a c ?", "y y"), ("", "x")]
    mine, its = ([score.log_prob for score in each.score_many(pairs)] for each in (one, several))
    np.testing.assert_allclose(mine, its, atol=1e-5)


@pytest.mark.parametrize("name", ["lstm-additive", "gru-none"])
def test_threads_do_not_meet(name):
    model = translator(name)
    texts = [" ".join(words) for words in itertools.product("abcd", repeat=3)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(model.translate, texts))
    assert found == [each.text for each in model.translate_many(texts)]


@pytest.mark.gpu
@every_model
def test_on_a_gpu_too(name):
    here, there = translator(name), make_translator(name, device=torch.device("cuda"))
    options = {"num": 3, "beam": 3, "unknown": "keep"}
    if here.attends:
        options |= {"coverage_penalty": 0.1, "attention": True}
    for mine, its in zip(
        there.n_best(TEXTS, **options), here.n_best(TEXTS, **options), strict=True
    ):
        assert_same(mine, its)
    assert_same(there.sample(TEXTS, temperature=0), here.sample(TEXTS, temperature=0))
