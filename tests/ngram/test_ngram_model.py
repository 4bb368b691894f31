"""What an app does with an n-gram model: it answers the same by every way of asking."""

import json
import math
import subprocess
import sys

import numpy as np
import pytest
import torch

import seqkit
from seqkit import bundle
from seqkit.errors import BundleError, ConfigError
from seqkit.ngram import NgramConfig, NgramModel, PackedTrie, train_ngram, write_arpa
from seqkit.text import Normalizer, TextConfig, TextPipeline, Vocab, WhitespaceTokenizer

LINES = ["the cat sees a dog", "a dog hears the cat", "the king sees the cat today", "a cat"] * 5
TEXTS = ["the cat", "", "never seen the\u2003cat", "a\ndog \n", "THE cat hears", "x\ty", "é the"]


@pytest.fixture(scope="module")
def model() -> NgramModel:
    return train_ngram(LINES, NgramConfig(order=3))


@pytest.fixture
def saved(model, tmp_path):
    model.save(tmp_path / "bundle", metrics={"perplexity": 2.0})
    return tmp_path / "bundle"


def test_a_hand_worked_model_scores_as_worked():
    """Unsmoothed: after `a`, b came twice and c once; a line of b or c ends for certain."""
    config = NgramConfig(order=2, smoothing=seqkit.ngram.SmoothingConfig(method="mle"))
    score = train_ngram(["a b", "a b", "a c"], config).score("a b")
    assert score.log_prob == pytest.approx(math.log(2 / 3), abs=1e-6)
    assert score[1:] == (3, 0, 4, 4)


def test_scores_in_one_call_equal_those_token_by_token(model):
    for text in TEXTS:
        score = model.score(text)
        tokens = model.token_scores(text)
        assert score.log_prob == pytest.approx(sum(token.log_prob for token in tokens), abs=1e-5)
        assert score.tokens == len(tokens)
        known = {*model.pipeline.vocab.words, "\n"}
        assert score.unknown == sum(token.token not in known for token in tokens)
        predicted = [model.pipeline.predicted(line) for line in seqkit.data.text_lines(text)]
        assert score.characters == sum(len(line) + 1 for line in predicted)
        assert score.bytes == sum(len(line.encode()) + 1 for line in predicted)


def test_many_equal_one_by_one_in_any_number_of_threads(model, monkeypatch):
    texts = [*TEXTS, *LINES] * 60
    single = [model.score(text) for text in texts]
    for threads in ("1", "3"):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        assert model.score_many([text for text in texts if "\n" not in text]) == [
            score for score, text in zip(single, texts, strict=True) if "\n" not in text
        ]
        many = model.score_many(texts)
        assert [score[1:] for score in many] == [score[1:] for score in single]
        assert np.allclose([score[0] for score in many], [score[0] for score in single], atol=1e-5)
    assert model.score_many([]) == []
    with pytest.raises(ConfigError, match="a text is a str, got int 7"):
        model.score_many(["a", 7])
    with pytest.raises(ConfigError, match="got one str"):
        model.score_many("abc")


def test_steps_give_what_scoring_gives(model):
    ids = model.pipeline.encode("the cat sees never")
    log_probs = model.line_log_probs(["the cat sees never"])[0]
    state = model.start(1)
    dist, state = model.read(state, torch.tensor([[Vocab.BOS]]))
    for id, expected in zip([*ids, Vocab.EOS], log_probs, strict=True):
        assert dist[0, id].item() == pytest.approx(expected, abs=1e-5)
        assert dist[0].exp().sum().item() == pytest.approx(1.0, abs=1e-5)
        dist, state = model.step(state, torch.tensor([id]))
    begun = model.read(model.start(1), torch.tensor([[Vocab.BOS]]))[0]
    assert torch.equal(dist, begun)  # behind the end of a line another one begins


@pytest.mark.parametrize("order", [1, 2, 5])
def test_rows_of_a_batch_do_not_see_each_other(order):
    model = train_ngram(LINES, NgramConfig(order=order))
    vocab = model.pipeline.vocab
    rows = torch.tensor(
        [
            vocab.encode(["the", "cat", "sees", "a"]),
            [Vocab.EOS, *vocab.encode(["a", "dog", "never"])],
            [*vocab.encode(["a", "dog"]), Vocab.EOS, vocab.id("the")],
        ]
    )
    together, state = model.read(model.start(3), rows)
    for row in range(3):
        alone, _ = model.read(model.start(1), rows[row : row + 1])
        assert torch.equal(together[row], alone[0])
    picked = model.select(state, torch.tensor([2, 0, 2]))
    assert torch.equal(picked[0], state[2]) and torch.equal(picked[1], state[0])
    in_steps = model.start(3)
    for column in rows.T:
        dist, in_steps = model.step(in_steps, column)
    assert torch.equal(dist, together) and torch.equal(in_steps, state)


def test_generates_sentences_of_its_text(model):
    drawn = model.generate_many(["the"], num=20, max_tokens=30, seed=3)
    assert any("cat" in each.text for each in drawn)
    assert model.generate("the cat", temperature=0) == model.generate("the cat", temperature=0)
    assert model.generate("the king", beam=3, max_tokens=6).split()[0] == "sees"


def test_other_tokenisers_take_the_general_way():
    model = train_ngram(["abc", "abd"], text=TextConfig(tokenizer="char", case="keep"))
    assert model.score("ab").tokens == 3
    assert model.score_many(["ab", "a\nb"])[0] == model.score("ab")


def test_saved_and_loaded_it_says_the_same(model, saved):
    loaded = seqkit.load(saved)
    assert isinstance(loaded, seqkit.NgramModel)
    assert loaded.score_many(TEXTS) == model.score_many(TEXTS)
    assert loaded.facts == model.facts and loaded.order == 3
    assert loaded.pipeline.vocab.words == model.pipeline.vocab.words
    assert loaded.pipeline.vocab.counts == model.pipeline.vocab.counts
    assert loaded.pipeline.vocab.word(4) == model.pipeline.vocab.word(4)
    loaded.save(saved)  # over itself, while it is mapped
    assert seqkit.load(saved).score("the cat") == model.score("the cat")


def test_loading_parses_no_vocabulary(model, saved, monkeypatch):
    def refuse(content):
        raise AssertionError("the list of words was read")

    monkeypatch.setattr(Vocab, "from_bytes", refuse)
    assert seqkit.load(saved).score("the cat") == model.score("the cat")


def test_mapped_files_are_checked_for_size_at_once_and_for_content_when_asked(saved):
    bundle.read(saved).verify()
    path = saved / "ngrams.bin"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(BundleError, match=r"ngrams.bin: its content does not match"):
        bundle.read(saved).verify()
    path.write_bytes(content[:-8])
    with pytest.raises(BundleError, match=r"ngrams.bin: \d+ bytes, expected \d+"):
        seqkit.load(saved)


def test_a_damaged_large_file_ends_in_figures_or_an_error_never_in_a_crash(saved):
    path = saved / "ngrams.bin"
    code = f"""
import numpy as np, seqkit, seqkit.bundle
seqkit.bundle._LARGE = 0  # as for a file that is too large to be hashed on loading
whole, random = np.fromfile({str(path)!r}, np.uint8), np.random.default_rng(0)
for _ in range(40):
    damaged = whole.copy()
    damaged[random.integers(16, len(whole), 200)] = random.integers(0, 256, 200)
    damaged.tofile({str(path)!r})
    model = seqkit.load({str(saved)!r})
    model.score_many({TEXTS!r} * 3)
    model.trie.distribution(np.array([[1, 4], [4, 5], [5, 6]]))
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_a_bundle_that_is_replaced_while_it_is_loaded_is_noticed(model, saved, monkeypatch):
    other = train_ngram([line.replace("cat", "cow") for line in LINES], NgramConfig(order=3))
    honest = NgramModel.from_bundle.__func__
    times = []

    def interrupted(cls, read, **options):
        times.append(1)
        if len(times) == 1:
            other.save(saved)
        return honest(cls, read, **options)

    monkeypatch.setattr(NgramModel, "from_bundle", classmethod(interrupted))
    assert seqkit.load(saved).score("the cow") == other.score("the cow")
    assert len(times) == 2

    def always(cls, read, **options):
        (other if len(times) % 2 else model).save(saved)
        times.append(1)
        return honest(cls, read, **options)

    monkeypatch.setattr(NgramModel, "from_bundle", classmethod(always))
    with pytest.raises(BundleError, match="is being written again and again"):
        seqkit.load(saved)


def test_files_that_do_not_fit_are_refused(saved, tmp_path):
    model = train_ngram(["another text altogether"], NgramConfig(order=2))
    head = json.loads((saved / "model.json").read_bytes())
    head["layout"] = model.trie.layout
    files = {name: (saved / name).read_bytes() for name in ("text.json", "vocab.txt")}
    bundle.write(
        tmp_path / "other",
        kind="NgramModel",
        files={**files, "model.json": json.dumps(head).encode()},
        mapped={
            name: lambda path, name=name: path.write_bytes((saved / name).read_bytes())
            for name in ("ngrams.bin", "lexicon.bin")
        },
    )
    with pytest.raises(BundleError, match="do not fit together"):
        seqkit.load(tmp_path / "other")
    pipeline = TextPipeline(Normalizer(), WhitespaceTokenizer(), Vocab(["one"]))
    with pytest.raises(ConfigError, match="not of the same model"):
        NgramModel(model.trie, pipeline)


def test_it_runs_on_the_cpu(saved):
    assert seqkit.load(saved, device="auto").order == 3
    with pytest.raises(ConfigError, match="device cuda: an n-gram model runs on the CPU"):
        seqkit.load(saved, device="cuda")


def test_an_arpa_file_is_cut_where_kenlm_cuts(model, tmp_path):
    kenlm = pytest.importorskip("kenlm")
    lines = ["5\u00a0€ net", "5\u00a0€ \u3000 a", "net\x85 a"]
    made = train_ngram(["5 € net", "a net"] * 3, NgramConfig(order=2))
    words = ["5\u00a0€", "\u3000", "net\x85", *made.pipeline.vocab.words[3:]]
    path = tmp_path / "model.arpa"
    write_arpa(path, Vocab(words[: len(made.pipeline.vocab.words)]), made.trie.table())
    read, peer = seqkit.load(path), kenlm.Model(str(path))
    for line in lines:
        expected = peer.score(line) * math.log(10)
        assert read.score(line).log_prob == pytest.approx(expected, abs=1e-4)
        assert read.line_log_probs([line])[0].sum() == pytest.approx(expected, abs=1e-4)
        assert read.score_many([line])[0] == read.score(line)
    read.save(tmp_path / "bundle")
    assert seqkit.load(tmp_path / "bundle").score(lines[0]) == read.score(lines[0])


@pytest.mark.parametrize("suffix", [".arpa", ".arpa.gz"])
def test_an_arpa_file_is_loaded_as_a_model(model, tmp_path, suffix):
    path = tmp_path / f"model{suffix}"
    write_arpa(path, model.pipeline.vocab, model.trie.table())
    read = seqkit.load(path)
    for text in (text.replace("\u2003", " ") for text in TEXTS):
        assert read.score(text).log_prob == pytest.approx(model.score(text).log_prob, abs=1e-4)


def test_quantised_in_memory_and_on_disk(model, tmp_path):
    small = NgramModel(PackedTrie.pack(model.trie.table(), quantize=4), model.pipeline)
    small.save(tmp_path / "small")
    assert seqkit.load(tmp_path / "small").score("the cat") == small.score("the cat")
    assert small.trie.data.nbytes < model.trie.data.nbytes
