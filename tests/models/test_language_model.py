"""The object that an app uses: figures that can be worked by hand, and loud refusals."""

import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

import seqkit
from seqkit import bundle
from seqkit.errors import BundleError, ConfigError
from seqkit.language import Score
from seqkit.models.language_model import LanguageModel
from seqkit.models.recurrent_lm import RecurrentLm, RecurrentLmConfig
from seqkit.text import (
    CharTokenizer,
    Normalizer,
    TextPipeline,
    Vocab,
    WhitespaceTokenizer,
    WordTokenizer,
)

WORDS = ["a", "b", "é"]
SHARES = {"<pad>": 0.0, "<bos>": 0.0, "<eos>": 0.2, "<unk>": 0.1, "a": 0.4, "b": 0.25, "é": 0.05}


def pipeline(words=WORDS) -> TextPipeline:
    return TextPipeline(Normalizer(case="keep"), WhitespaceTokenizer(), Vocab(words))


def unigram(**options) -> LanguageModel:
    """A network whose weights are all 0, so that it gives each word the share above."""
    network = RecurrentLm(RecurrentLmConfig(dim=4, hidden=(4,)), vocabulary=len(SHARES))
    with torch.no_grad():
        for weight in network.parameters():
            weight.zero_()
        network.output.bias.copy_(torch.tensor(list(SHARES.values())).clamp(1e-30).log())
    return LanguageModel(network, pipeline(), **options)


def random(*, sentences=False, hidden=(6, 8)) -> LanguageModel:
    torch.manual_seed(1)
    network = RecurrentLm(RecurrentLmConfig(dim=8, hidden=hidden), vocabulary=len(SHARES))
    with torch.no_grad():
        network.embedding.weight.mul_(5)
    return LanguageModel(network, pipeline(), sentences=sentences)


@pytest.mark.parametrize("sentences", [False, True])
@pytest.mark.parametrize(
    "text, words, characters, length",
    [
        ("a b", ["a", "b", "<eos>"], 4, 4),
        ("a b\n", ["a", "b", "<eos>"], 4, 4),
        ("é\r\na zzz", ["é", "<eos>", "a", "<unk>", "<eos>"], 8, 9),
        ("", ["<eos>"], 1, 1),
        ("\n\n", ["<eos>", "<eos>"], 2, 2),
        ("🙂 \ud83d", ["<unk>", "<unk>", "<eos>"], 4, 9),
    ],
)
def test_a_score_by_hand(text, words, characters, length, sentences):
    score = unigram(sentences=sentences).score(text)
    nats = -sum(math.log(SHARES[word]) for word in words)
    assert score.log_prob == pytest.approx(-nats, abs=1e-5)
    assert (score.tokens, score.unknown) == (len(words), words.count("<unk>"))
    assert (score.characters, score.bytes) == (characters, length)
    assert score.perplexity == pytest.approx(math.exp(nats / len(words)), rel=1e-5)
    assert score.bits_per_character == pytest.approx(nats / math.log(2) / characters, rel=1e-5)
    assert score.bits_per_byte == pytest.approx(nats / math.log(2) / length, rel=1e-5)


@pytest.mark.parametrize(
    "normalizer, tokenizer, text, predicted",
    [
        (Normalizer(case="fold"), CharTokenizer(), "STRASSE Straße", "strasse strasse"),
        (Normalizer(numbers=True), CharTokenizer(), "in 1816 ", "in 0 "),
        (Normalizer(), WhitespaceTokenizer(), "\ta  b ", "a b"),
        (Normalizer(html=True), WordTokenizer(), "<p>It&eacute;</p>  (x)", "Ité (x)"),
    ],
)
def test_what_is_counted_is_what_is_predicted(normalizer, tokenizer, text, predicted):
    """A loss of the normalised text over characters of the raw one would be no figure of either."""
    way = TextPipeline(normalizer, tokenizer, Vocab.build([tokenizer(normalizer(text))]))
    network = RecurrentLm(RecurrentLmConfig(dim=4, hidden=(4,)), vocabulary=len(way.vocab))
    score = LanguageModel(network, way).score(text)
    assert score.characters == len(predicted) + 1
    assert score.bytes == len(predicted.encode()) + 1 and score.unknown == 0


def test_scores_add_up_and_a_hopeless_one_is_infinite():
    model = unigram()
    parts = model.score_many(["a b", "é"])
    assert sum(parts[1:], parts[0]).tokens == 5
    whole = model.score("a b\né")
    assert (parts[0] + parts[1]).log_prob == pytest.approx(whole.log_prob, abs=1e-5)
    assert (parts[0] + parts[1]).bytes == whole.bytes
    assert Score(-1e6, 1, 0, 1, 1).perplexity == math.inf


def test_each_token_with_its_log_probability():
    scored = unigram().token_scores("b zzz\na")
    assert [token for token, _ in scored] == ["b", "zzz", "\n", "a", "\n"]
    expected = [math.log(SHARES[word]) for word in ("b", "<unk>", "<eos>", "a", "<eos>")]
    assert [value for _, value in scored] == pytest.approx(expected, abs=1e-5)


def test_what_is_no_text_is_refused():
    with pytest.raises(ConfigError, match="a text is a str, got list"):
        unigram().score(["a"])
    with pytest.raises(ConfigError, match="a text is a str, got NoneType None"):
        unigram().score_many(["a", None])
    with pytest.raises(ConfigError, match=r"texts: expected a list of texts, got one str: \['abc'"):
        unigram().score_many("abc")


def test_no_texts_have_no_scores():
    assert unigram().score_many([]) == []
    assert unigram().generate_many([]) == []


lines = st.lists(st.sampled_from(["", "a", "a b", "b b b a é", "zzz a"]), min_size=1, max_size=5)


@pytest.mark.parametrize("sentences", [False, True])
@settings(max_examples=20)
@given(texts=st.lists(lines, min_size=1, max_size=5))
def test_runs_say_which_lines_belong_together(texts, sentences):
    model = random(sentences=sentences)
    found = model.line_log_probs([x for t in texts for x in t], runs=[len(t) for t in texts])
    expected = [part for text in texts for part in model.line_log_probs(text)]
    for got, wanted in zip(found, expected, strict=True):
        np.testing.assert_allclose(got, wanted, atol=2e-6)


def test_the_state_crosses_lines_but_not_sentences():
    def last(model, text):
        return model.line_log_probs(text)[-1]

    running, single = random(), random(sentences=True)
    assert not np.allclose(last(running, ["a", "b"]), last(running, ["b"]), atol=1e-3)
    np.testing.assert_allclose(last(single, ["a", "b"]), last(single, ["b"]), atol=1e-6)
    assert running.first == Vocab.EOS and single.first == Vocab.BOS


@pytest.mark.parametrize("layer, size", [(0, 6), (1, 8), (-1, 8), (-2, 6)])
def test_states_after_each_token(layer, size):
    model = random()
    encoded = model.encode("a b\né", layer=layer)
    assert encoded.shape == (4, size) and encoded.dtype == np.float32
    state = model.start(1)
    _, state = model.step(state, torch.tensor([model.first]))
    for row, token in zip(encoded, [4, 5, Vocab.EOS, 6], strict=True):
        _, state = model.step(state, torch.tensor([token]))
        np.testing.assert_allclose(row, state[layer][0][0, 0].numpy(), atol=1e-6)
    assert model.encode("", layer=layer).shape == (0, size)


def test_sentences_are_encoded_each_for_itself():
    model = random(sentences=True)
    together = model.encode("a b\n\né zzz a")
    apart = [model.encode(line) for line in ("a b", "", "é zzz a")]
    assert [len(states) for states in apart] == [2, 0, 3]
    np.testing.assert_array_equal(together, np.concatenate(apart))
    state = model.start(1)
    for token, row in zip([Vocab.BOS, 6, Vocab.UNK, 4], [None, *apart[2]], strict=True):
        _, state = model.step(state, torch.tensor([token]))
        if row is not None:
            np.testing.assert_allclose(row, state[-1][0][0, 0].numpy(), atol=1e-6)


def test_autocast_around_it_changes_nothing():
    model = random()

    def found():
        log_probs, state = model.read(model.start(2), torch.tensor([[2, 4], [2, 5]]))
        return [log_probs, *(part for layer in state for part in layer), model.encode("a b")]

    expected = found()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        for got, wanted in zip(found(), expected, strict=True):
            np.testing.assert_array_equal(got, wanted)


@pytest.mark.gpu
def test_on_a_gpu_a_sequence_alone_is_what_it_is_among_others():
    torch.manual_seed(3)
    network = RecurrentLm(RecurrentLmConfig(dim=256, hidden=(256, 256)), vocabulary=7)
    model = LanguageModel(network, pipeline(), device=torch.device("cuda"))
    ids = torch.randint(0, 7, (64, 40))
    together, _ = model.read(model.start(64), ids)
    for row in range(0, 64, 9):
        alone, _ = model.read(model.start(1), ids[row : row + 1])
        torch.testing.assert_close(together[row : row + 1], alone, atol=2e-6, rtol=0)
    here = LanguageModel(network, pipeline(), device=torch.device("cpu")).encode("a b\né a")
    there = LanguageModel(network, pipeline(), device=torch.device("cuda")).encode("a b\né a")
    np.testing.assert_allclose(there, here, atol=1e-5)


def test_a_layer_that_is_not_there():
    for layer in (2, -3):
        with pytest.raises(ConfigError, match=f"layer {layer}: this model has the layers 0 to 1"):
            random().encode("a", layer=layer)


@pytest.mark.parametrize("sentences", [False, True])
@pytest.mark.parametrize(
    "options", [{}, {"temperature": 0}, {"top_k": 3, "seed": 4}, {"stop": ["b"], "top_p": 0.9}]
)
def test_a_stream_joined_is_the_text_generated(options, sentences):
    model = random(sentences=sentences)
    for prompt in ("", "a é"):
        text = model.generate(prompt, max_tokens=15, **options)
        assert "".join(model.stream(prompt, max_tokens=15, **options)) == text
        (generation,) = model.generate_many([prompt], max_tokens=15, **options)
        assert generation.text == text and generation.prompt == prompt


def test_a_beam_finds_no_less_likely_a_text_than_greedy():
    model = random()
    (greedy,) = model.generate_many(["a"], max_tokens=6, temperature=0)
    best = model.generate_many(["a"], max_tokens=6, beam=8, num=3)
    assert best[0].text == model.generate("a", max_tokens=6, beam=8)
    assert best[0].log_prob >= greedy.log_prob - 1e-5
    assert [g.log_prob for g in best] == sorted((g.log_prob for g in best), reverse=True)


def test_network_and_vocabulary_must_be_of_one_model():
    network = RecurrentLm(RecurrentLmConfig(dim=4, hidden=(4,)), vocabulary=9)
    with pytest.raises(ConfigError, match="a network of 9 ids with a vocabulary of 7"):
        LanguageModel(network, pipeline())


def test_a_model_is_put_in_evaluation():
    network = RecurrentLm(RecurrentLmConfig(dim=4, hidden=(4,)), vocabulary=7).train()
    assert not LanguageModel(network, pipeline()).network.training


def edited(folder, change):
    """Change a saved model so that hashes fit and only the content is wrong."""
    random().save(folder)
    names = bundle.read(folder).index["files"]
    change(folder)
    files = {name: (folder / name).read_bytes() for name in names}
    bundle.write(folder, kind="LanguageModel", files=files)


def another_config(**fields):
    def change(folder):
        head = json.loads((folder / "model.json").read_bytes())
        head["config"] |= fields
        (folder / "model.json").write_text(json.dumps(head))

    return change


def without_a_tensor(folder):
    weights = load_file(folder / "weights.safetensors")
    del weights["output.bias"]
    save_file(weights, folder / "weights.safetensors")


def another_vocabulary(folder):
    (folder / "vocab.txt").write_bytes(Vocab(["a"]).to_bytes())


@pytest.mark.parametrize(
    "change",
    [
        another_config(hidden=[6, 7]),
        another_config(hidden=[7, 8]),
        another_config(cell="gru"),
        another_config(cell="lsmt"),
        another_config(width=3),
        another_config(tied=False),
        lambda folder: (folder / "model.json").write_text("{}"),
        lambda folder: (folder / "model.json").write_text("not JSON"),
        lambda folder: (folder / "weights.safetensors").write_bytes(b"not tensors"),
        without_a_tensor,
        another_vocabulary,
    ],
)
def test_a_bundle_whose_files_do_not_fit_is_refused_in_one_line(change, tmp_path):
    edited(tmp_path, change)
    with pytest.raises(BundleError, match=r"its files do not fit together .*train anew") as caught:
        seqkit.load(tmp_path)
    assert "\n" not in str(caught.value) and str(tmp_path) in str(caught.value)


def test_a_saved_model_knows_its_metrics_and_how_it_reads(tmp_path):
    model = random(sentences=True)
    model.save(tmp_path, provenance={"seed": 1}, metrics={"test": {"perplexity": 3.0}})
    saved = bundle.read(tmp_path)
    assert saved.kind == "LanguageModel"
    assert saved.index["metrics"] == {"test": {"perplexity": 3.0}}
    assert saved.index["provenance"] == {"seed": 1}
    restored = seqkit.load(tmp_path, device="cpu")
    assert restored.sentences and restored.device.type == "cpu"
    with pytest.raises(ConfigError, match="device 'gpu': choose from"):
        seqkit.load(tmp_path, device="gpu")
