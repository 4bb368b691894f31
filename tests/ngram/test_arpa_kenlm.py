"""KenLM as the second source: the same file, the same scores."""

import math
import os
import random

import pytest
from arpa_reference import LMPLZ, as_model, score, table_of

from seqkit.ngram import NgramConfig, train_ngram
from seqkit.ngram.arpa_escapes import escaped
from seqkit.ngram.arpa_reader import read_arpa
from seqkit.ngram.arpa_writer import write_arpa
from seqkit.text import TextConfig, Vocab

kenlm = pytest.importorskip("kenlm")

WORDS = ["the", "cat", "sat", "\\x41", "naïve", "日本"]


def random_model(order, *, seed):
    """N-grams of random lines, with random numbers."""
    rng = random.Random(seed)
    vocabulary = 4 + len(WORDS)
    grams = {(id,) for id in range(1, vocabulary)}
    for _ in range(30):
        ids = [rng.randrange(Vocab.UNK, vocabulary) for _ in range(rng.randint(0, 7))]
        line = (Vocab.BOS, *ids, Vocab.EOS)
        for k in range(1, order + 1):
            grams |= {line[i : i + k] for i in range(len(line) + 1 - k)}
    model = {gram: (-rng.uniform(0, 5), rng.uniform(-2, 0.3)) for gram in sorted(grams)}
    model[(Vocab.BOS,)] = (-float("inf"), -0.5)
    return table_of(model, vocabulary)


def assert_agree(path, vocab, table, sentences):
    theirs, ours = kenlm.Model(os.fspath(path)), as_model(vocab, table)
    assert theirs.order == table.levels.order
    for words in sentences:
        scores = [log_prob for log_prob, _, _ in theirs.full_scores(" ".join(words))]
        assert scores == pytest.approx(score(ours, words), abs=1e-4), words


@pytest.mark.parametrize("order", [2, 3, 5])
def test_a_table_scores_the_same_in_kenlm(tmp_path, order):
    path, vocab, table = tmp_path / "a.arpa", Vocab(WORDS), random_model(order, seed=order)
    write_arpa(path, vocab, table)
    rng = random.Random(0)
    lines = [rng.choices([*WORDS, "never", "seen"], k=rng.randint(0, 9)) for _ in range(60)]
    assert_agree(path, vocab, table, lines)
    assert_agree(path, *read_arpa(path), lines)


def test_a_file_of_lmplz_scores_the_same_here(tmp_path):
    path = tmp_path / "lmplz.arpa"
    path.write_text(LMPLZ)
    rng = random.Random(1)
    lines = [rng.choices(["the", "cat", "dog"], k=rng.randint(0, 6)) for _ in range(60)]
    assert_agree(path, *read_arpa(path), lines)


def test_no_unknown_word(tmp_path):
    path = tmp_path / "closed.arpa"
    path.write_text(LMPLZ.replace("-0.9542425\t<unk>\t0\n", "").replace("ngram 1=5", "ngram 1=4"))
    assert_agree(path, *read_arpa(path), [["the", "dog"], ["dog", "cat"], []])


def test_a_literal_unknown(tmp_path):
    path, table = tmp_path / "ptb.arpa", random_model(3, seed=7)
    write_arpa(path, Vocab(["<unk>", *WORDS[1:]]), table)
    assert_agree(path, *read_arpa(path), [["<unk>", "cat"], ["never", "cat", "<unk>"], ["cat"]])


@pytest.mark.parametrize("number", ["-99", "-99.0", "-0.9542425"])
def test_the_number_of_the_unknown_word_is_literal(tmp_path, number):
    path = tmp_path / "unk.arpa"
    path.write_text(LMPLZ.replace("-0.9542425\t<unk>", f"{number}\t<unk>"))
    assert_agree(path, *read_arpa(path), [["the", "dog"], ["dog", "cat"], ["dog"], ["cat"]])


def test_a_model_of_bytes(tmp_path):
    """All 256 of them, NUL and every white space among them, as KenLM reads their names."""
    path, lines = tmp_path / "bytes.arpa", ["né\0 à\u2003\x85", "\t\x1f b\x0b", "日本 \0"]
    config = NgramConfig(order=3)
    model = train_ngram(lines, config, text=TextConfig(tokenizer="byte", unicode="none"))
    write_arpa(path, model.pipeline.vocab, model.trie.table())
    again = read_arpa(path)
    assert again.vocab.words == model.pipeline.vocab.words and "\0" in again.vocab
    theirs = kenlm.Model(os.fspath(path))
    for text in [*lines, "\0\0", "a\0n", ""]:
        names = " ".join(map(escaped, model.pipeline.tokens(text)))
        scores = [score * math.log(10) for score, _, _ in theirs.full_scores(names)]
        ours = [token.log_prob for token in model.token_scores(text)]
        assert ours == pytest.approx(scores, abs=1e-4), text
