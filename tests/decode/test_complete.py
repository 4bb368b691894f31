"""Next-word suggestions, against trying every word and every way to spell one."""

import itertools
import logging
import re
import time
from collections import Counter

import numpy as np
import pytest
import torch
from hand_made import Historian, Markov
from hypothesis import given
from hypothesis import strategies as st

from seqkit.decode import complete_text, spelling
from seqkit.decode.prefixes import PrefixIndex
from seqkit.decode.units import typed_word
from seqkit.errors import ConfigError, DataError
from seqkit.text import (
    ByteTokenizer,
    CharTokenizer,
    Normalizer,
    SentencePieceTokenizer,
    SpacyTokenizer,
    TextPipeline,
    Vocab,
    WhitespaceTokenizer,
    WordTokenizer,
)

RUNNING = {"first": Vocab.EOS, "line_end": True}
SENTENCES = {"first": Vocab.BOS, "line_end": False}
WORDS = ["the", "white", "which", "whi", "whale", "don't", "don", "'", "(", ")", ":-)"]
WORDS += ["3", "3.5", "The"]


@given(st.lists(st.text("abé", max_size=4)), st.text("abé", max_size=3))
def test_prefixes_are_those_of_startswith(words, prefix):
    index = PrefixIndex(words)
    order = sorted(range(len(words)), key=words.__getitem__)
    assert index.beginning_with(prefix).tolist() == [
        place for place in order if words[place].startswith(prefix)
    ]
    assert index.equal_to(prefix).tolist() == [n for n in order if words[n] == prefix]
    coded = [word.encode() for word in words]
    found = PrefixIndex(coded).beginning_with(prefix.encode())
    assert sorted(found.tolist()) == sorted(index.beginning_with(prefix).tolist())


# words


def words_of(kind):
    if kind is SpacyTokenizer:
        pytest.importorskip("spacy")
    return TextPipeline(
        Normalizer(), kind("en") if kind is SpacyTokenizer else kind(), Vocab(WORDS)
    )


def by_trying(model, pipeline, context, prefix, first):
    """Probabilities of all words with a prefix after a context of tokens."""
    log_probs = model.log_probs([first, *context])
    found = {w: np.exp(log_probs[pipeline.vocab.id(w)]) for w in WORDS if w.startswith(prefix)}
    return {word: p / sum(found.values()) for word, p in found.items()}


CASES = [
    ("", [], ""),
    ("the ", ["the"], ""),
    ("the whi", ["the"], "whi"),
    ("The white\nthe wh", ["The", "white", None, "the"], "wh"),
    ("zyx  wh", ["zyx"], "wh"),
    ("white\r\n", ["white", None], ""),
]


@pytest.mark.parametrize("kind", [WhitespaceTokenizer, WordTokenizer, SpacyTokenizer])
@pytest.mark.parametrize(("prompt", "context", "prefix"), CASES)
def test_words_are_those_of_trying_each(kind, prompt, context, prefix):
    pipeline = words_of(kind)
    model = Historian(len(pipeline.vocab))
    ids = [Vocab.EOS if word is None else pipeline.vocab.id(word) for word in context]
    expected = by_trying(model, pipeline, ids, prefix, Vocab.EOS)
    found = complete_text(model, pipeline, prompt, num=99, **RUNNING)
    assert dict(found) == pytest.approx(expected, rel=1e-5)
    assert [each.word for each in found] == sorted(expected, key=lambda w: -expected[w])
    assert sum(each.probability for each in found) == pytest.approx(1)
    assert complete_text(model, pipeline, prompt, num=2, **RUNNING) == found[:2]


@pytest.mark.parametrize(
    ("prompt", "context", "words"),
    [
        ("the don'", ["the"], {"don't"}),
        ("the (whi", ["the", "("], {"whi", "white", "which"}),
        ("( :-", ["("], {":-)"}),
        ("3.", [], {"3.5"}),
        ("well-wh", ["well", "-"], {"whi", "white", "which", "whale"}),
        ("the don", ["the"], {"don", "don't"}),
    ],
)
def test_a_prefix_that_is_cut_otherwise_than_the_word(prompt, context, words):
    pipeline = words_of(WordTokenizer)
    model = Historian(len(pipeline.vocab))
    log_probs = model.log_probs([Vocab.BOS, *pipeline.vocab.encode(context)])
    found = complete_text(model, pipeline, prompt, num=9, **SENTENCES)
    assert {each.word for each in found} == words
    best = max(words, key=lambda word: log_probs[pipeline.vocab.id(word)])
    assert found[0].word == best


def test_a_word_that_nothing_begins_with(caplog):
    pipeline = words_of(WordTokenizer)
    model = Historian(len(pipeline.vocab))
    assert complete_text(model, pipeline, "the xyz", num=5, **RUNNING) == []
    with caplog.at_level(logging.WARNING):
        complete_text(model, pipeline, "zyx wh", num=5, **RUNNING)
    assert not caplog.text, "as one types there is always a word that is not known yet"


def test_the_normaliser_is_applied_and_its_spaces_kept():
    pipeline = TextPipeline(
        Normalizer(case="lower", whitespace=True), WordTokenizer(), Vocab(["the", "then"])
    )
    model = Historian(len(pipeline.vocab))
    found = complete_text(model, pipeline, " THE", num=5, **RUNNING)
    assert {each.word for each in found} == {"the", "then"}
    expected = model.log_probs([Vocab.EOS, pipeline.vocab.id("the")])[4:]
    after = dict(complete_text(model, pipeline, " THE ", num=5, **RUNNING))
    shares = np.exp(expected) / np.exp(expected).sum()
    assert list(map(after.get, ["the", "then"])) == pytest.approx(shares, rel=1e-5)


def test_what_is_impossible_is_not_suggested_and_ties_go_by_text():
    pipeline = TextPipeline(Normalizer(), WhitespaceTokenizer(), Vocab(["b", "a", "c", "d"]))
    model = Markov([[0, 0, 0.2, 0.2, 0.2, 0.2, 0.2, 0.0]] * 8)
    assert [each.word for each in complete_text(model, pipeline, "", num=9, **RUNNING)] == [
        *("a", "b", "c")
    ]
    assert [each.word for each in complete_text(model, pipeline, "", num=2, **RUNNING)] == [
        *("a", "b")
    ]
    assert complete_text(model, pipeline, "d", num=2, **RUNNING) == []


def test_a_large_vocabulary_takes_milliseconds():
    words = [f"{number:06}" for number in range(163_000)]
    pipeline = TextPipeline(Normalizer(), WhitespaceTokenizer(), Vocab(words))
    table = torch.randn(1, len(pipeline.vocab)).log_softmax(1)

    class Flat(Markov):
        def __init__(self):
            self.vocabulary = table.shape[1]

        def step(self, state, tokens):
            return table, tokens

    complete_text(Flat(), pipeline, "", num=5, **RUNNING)  # sorts the words, once
    for prompt in ("", "0123"):
        times = []
        for _ in range(5):
            begun = time.perf_counter()
            found = complete_text(Flat(), pipeline, prompt, num=5, **RUNNING)
            times.append(time.perf_counter() - begun)
        assert len(found) == 5 and min(times) < 0.05


# characters, bytes and pieces

LETTERS = ["a", "b", "é", " ", "-", "'"]
TEXT = ["abba baab abé", "aab bab é", "ab, ab"]
MODEL = SentencePieceTokenizer.train(TEXT * 9, vocab_size=512)
PIECES = ["\u2581", "\u2581a", "a", "b", "ab", "\u2581ab", "<0xC3>", "<0xA9>", ",", "b,", "'"]
UNITS = {
    "char": TextPipeline(Normalizer(), CharTokenizer(), Vocab(LETTERS)),
    "byte": TextPipeline(Normalizer(), ByteTokenizer(), Vocab([*"ab -'", "\xc3", "\xa9", "\xe2"])),
    "sentencepiece": TextPipeline(Normalizer(), MODEL, Vocab(PIECES)),
}
WORD = re.compile("[abé][abé']*")
DEPTH = 6


def markov(pipeline, seed=1):
    """Probabilities that end a word soon."""
    size = len(pipeline.vocab)
    table = np.random.default_rng(seed).random((size, size)) ** 2
    table[:, Vocab.EOS] += 0.8
    return Markov((table / table.sum(1, keepdims=True)).tolist())


def by_spelling(model, pipeline, last, lead, prefix):
    """Probability of each word and of all words with a prefix, over all sequences of units."""
    table = model.log_table.double().exp().tolist()
    contents = {}
    for id, unit in enumerate(pipeline.vocab.words, 4):
        byte = re.fullmatch("<0x(..)>", unit)
        as_text = unit.replace("\u2581", " ").encode()
        contents[id] = bytes.fromhex(byte[1]) if byte else as_text
        if pipeline.tokenizer.name == "byte":
            contents[id] = unit.encode("latin-1")
    wanted = (lead + prefix).encode()
    found, mass = Counter(), 0.0

    def walk(before, content, probability, depth, begun):
        nonlocal mass
        if depth == DEPTH:
            return
        text = content.decode(errors="ignore").removeprefix(lead)
        whole = len(content.decode(errors="ignore").encode()) == len(content)
        if begun and whole:
            found[max(text.rstrip("'"), prefix, key=len)] += probability * table[before][Vocab.EOS]
        for id, more in contents.items():
            new, p = content + more, probability * table[before][id]
            if not new.startswith(wanted[: len(new)]):
                continue
            try:
                now = new.decode()
            except UnicodeDecodeError as error:
                if error.end < len(new) or "end of data" not in error.reason:
                    continue
                now = new[: error.start].decode()
            word = WORD.match(now, len(lead)) if len(new) >= len(wanted) else None
            has = word is not None and len(now) > len(lead)
            stands = now[len(lead) :]
            if len(new) > len(lead) and stands and not WORD.match(stands):
                if begun and stands == text:
                    walk(id, new, p, depth + 1, begun)
                continue
            if has and not begun:
                mass += p
            if has and word.end() < len(now):
                found[max(word[0].rstrip("'"), prefix, key=len)] += p
            else:
                walk(id, new, p, depth + 1, begun or has)

    walk(last, b"", 1.0, 0, False)
    return {word: p / mass for word, p in found.items()}


@pytest.mark.parametrize("name", UNITS)
@pytest.mark.parametrize(
    ("prompt", "head", "prefix"),
    [
        ("", "", ""),
        ("ab ", "ab ", ""),
        ("ab a", "ab ", "a"),
        ("b ba", "b ", "ba"),
        ("ab-b", "ab-", "b"),
        ("a\nab a", "ab ", "a"),
        ("a'", "", "a'"),
    ],
)
def test_words_are_those_of_trying_all_spellings(name, prompt, head, prefix, monkeypatch):
    pipeline = UNITS[name]
    model = markov(pipeline)
    lead = " " if name == "sentencepiece" and (not head or head.endswith(" ")) else ""
    ids = pipeline.encode(head.removesuffix(lead) if lead else head)
    last = ids[-1] if ids else Vocab.EOS
    expected = by_spelling(model, pipeline, last, lead, prefix)
    longest = DEPTH - len((lead + prefix).encode())
    for option, value in (("_WIDTH", 1 << 20), ("_NEGLIGIBLE", 1e-300), ("_LONGEST", longest)):
        monkeypatch.setattr(spelling, option, value)
    found = dict(complete_text(model, pipeline, prompt, num=1 << 20, **RUNNING))
    assert len(found) > 5 and all(word.startswith(prefix) for word in found)
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("name", UNITS)
@pytest.mark.parametrize("prompt", ["", "ab a", "é"])
def test_a_narrow_beam_finds_the_likeliest(name, prompt, monkeypatch):
    pipeline = UNITS[name]
    model = markov(pipeline, seed=3)
    found = complete_text(model, pipeline, prompt, num=3, **RUNNING)
    monkeypatch.setattr(spelling, "_WIDTH", 4000)
    monkeypatch.setattr(spelling, "_NEGLIGIBLE", 1e-5)
    better = complete_text(model, pipeline, prompt, num=3, **RUNNING)
    assert [each.word for each in found] == [each.word for each in better]
    assert [each.probability for each in found] == pytest.approx(
        [each.probability for each in better], rel=0.02
    )


def test_what_a_sure_model_knows_is_what_is_suggested():
    """One that has learnt TEXT by heart, as far as the two units before tell."""
    for name, pipeline in {
        "char": TextPipeline(Normalizer(), CharTokenizer(), Vocab(sorted({*"".join(TEXT)}))),
        "sentencepiece": TextPipeline(Normalizer(), MODEL, Vocab(MODEL.units)),
    }.items():
        size = len(pipeline.vocab)
        table = np.full((size, size), 1e-9)
        for line in TEXT:
            for before, after in itertools.pairwise([Vocab.EOS, *pipeline.encode(line), 2]):
                table[before, after] += 1
        model = Markov((table / table.sum(1, keepdims=True)).tolist())
        found = dict(complete_text(model, pipeline, "ab", num=3, **RUNNING))
        assert "ab" in found, name
        assert all(word.startswith("ab") for word in found)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("the whi", "whi"),
        ("don't", "don't"),
        ("'ti", "ti"),
        ("a-b", "b"),
        ("x ", ""),
        ("नमस्ते", "नमस्ते"),
    ],
)
def test_the_word_that_a_line_ends_with(line, word):
    assert typed_word(line) == word


def test_letters_that_the_model_does_not_have():
    assert complete_text(markov(UNITS["char"]), UNITS["char"], "abx", num=3, **RUNNING) == []


def test_what_cannot_be_completed():
    pipeline = words_of(WordTokenizer)
    model = Historian(len(pipeline.vocab))
    with pytest.raises(ConfigError, match="num 0: must be 1 or more"):
        complete_text(model, pipeline, "a", num=0, **RUNNING)
    with pytest.raises(ConfigError, match="a prompt is a str, got int 5"):
        complete_text(model, pipeline, 5, num=1, **RUNNING)
    with pytest.raises(ConfigError, match="2 lines, but this model writes single sentences"):
        complete_text(model, pipeline, "a\nb", num=1, **SENTENCES)
    broken = Markov([[float("nan")] * len(pipeline.vocab)] * len(pipeline.vocab))
    with pytest.raises(DataError, match="no finite probability"):
        complete_text(broken, pipeline, "t", num=1, **RUNNING)
