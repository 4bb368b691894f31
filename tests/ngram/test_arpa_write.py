"""ARPA files out: the text itself, and that reading it back gives the same model."""

import errno
import gzip
import logging
import lzma
import math
import os

import numpy as np
import pytest
from arpa_reference import as_model, as_table, parse, table_of
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.errors import DataError
from seqkit.ngram import arpa_writer
from seqkit.ngram.arpa_reader import read_arpa
from seqkit.ngram.arpa_writer import write_arpa
from seqkit.text import Vocab

LN10 = math.log(10)
BOS, EOS, UNK = Vocab.BOS, Vocab.EOS, Vocab.UNK

# log10 probabilities and back-off weights that have few digits
SMALL = {
    (BOS,): (-math.inf, -0.25),
    (EOS,): (-0.5, 0.0),
    (UNK,): (-2.0, 0.0),
    (4,): (-1.0, 0.125),
    (5,): (-math.inf, -math.inf),
    (BOS, 4): (-0.0625, 0.0),
    (4, EOS): (0.0, 0.0),
    (5, 4): (-1e-6, 0.0),
}
TEXT = """\\data\\
ngram 1=5
ngram 2=3

\\1-grams:
-99\t<s>\t-0.25
-0.5\t</s>
-2\t<unk>
-1\tthe\t0.125
-99\tétude\t-99

\\2-grams:
-0.0625\t<s> the
0\tthe </s>
-0.000001\tétude the

\\end\\
"""


def assert_same(one, other):
    for a, b in [(one.levels, other.levels), (one, other)]:
        for key, value in vars(a).items():
            if isinstance(value, list):
                for x, y in zip(value, getattr(b, key), strict=True):
                    np.testing.assert_array_equal(x, y)


def test_hand_worked_example(tmp_path):
    path = tmp_path / "new" / "small.arpa"
    vocab, table = Vocab(["the", "étude"]), table_of(SMALL, 6)
    write_arpa(path, vocab, table)
    assert path.read_text() == TEXT
    assert [entry.name for entry in path.parent.iterdir()] == ["small.arpa"]
    again = read_arpa(path)
    assert again.vocab.words == vocab.words
    assert_same(again.table, table)


def test_compressed_alike_each_time(tmp_path):
    vocab, table = Vocab(["the", "étude"]), table_of(SMALL, 6)
    for suffix, module in [(".gz", gzip), (".XZ", lzma)]:
        contents = set()
        for name in ["a.arpa", "b.arpa"]:
            write_arpa(tmp_path / (name + suffix), vocab, table)
            contents.add((tmp_path / (name + suffix)).read_bytes())
        assert [module.decompress(content).decode() for content in contents] == [TEXT]


def test_unigrams_only(tmp_path):
    path = tmp_path / "one.arpa"
    write_arpa(path, Vocab(["a"]), table_of({(EOS,): (-0.5, 0), (4,): (-0.5, 0)}, 5))
    expected = {("<s>",): (-99, 0), ("</s>",): (-0.5, 0), ("<unk>",): (-99, 0), ("a",): (-0.5, 0)}
    assert parse(path.read_text()) == expected
    assert "\\2-grams:" not in path.read_text()


PROBS = st.floats(-200, 0, width=32) | st.floats(-(2.0**-13), 0, width=32) | st.just(-math.inf)
PROBS = PROBS.filter(lambda x: abs(x) > 1e-9 or x == 0)
WEIGHTS = st.floats(-30, 5, width=32).filter(lambda x: abs(x) > 1e-9 or x == 0)


@st.composite
def tables(draw):
    vocabulary = draw(st.integers(4, 8))
    words = st.sampled_from([UNK, *range(4, vocabulary)])
    middle = st.lists(words, max_size=4)
    lines = draw(st.lists(st.tuples(st.booleans(), middle, st.booleans()), max_size=6))
    grams = {(id,) for id in range(vocabulary)}
    order = draw(st.integers(1, 4))
    for begins, ids, ends in lines:
        line = (BOS,) * begins + tuple(ids) + (EOS,) * ends
        for k in range(1, order + 1):
            grams |= {line[i : i + k] for i in range(len(line) + 1 - k)}
    model = {gram: (draw(PROBS), draw(WEIGHTS)) for gram in sorted(grams)}
    for id in (0, BOS):
        model[(id,)] = (-math.inf, model[(id,)][1] * id)
    if model[(UNK,)][0] == -math.inf:  # written as -99, which stays so: see below
        model[(UNK,)] = (-1.0, model[(UNK,)][1])
    return Vocab([f"w{id}" for id in range(4, vocabulary)]), as_table(model, vocabulary)


@given(tables())
@settings(max_examples=60)
def test_what_is_written_reads_as_the_same(tmp_path_factory, drawn):
    vocab, table = drawn
    path, again = (tmp_path_factory.getbasetemp() / name for name in ("round.arpa", "trip.arpa"))
    write_arpa(path, vocab, table)
    model = read_arpa(path)
    assert model.vocab.words == vocab.words
    assert_same(model.table, table)
    write_arpa(again, *model)
    assert again.read_bytes() == path.read_bytes()


@given(st.lists(PROBS, min_size=1, max_size=40))
@settings(max_examples=200)
def test_numbers(tmp_path_factory, values):
    path = tmp_path_factory.getbasetemp() / "numbers.arpa"
    words = [f"w{i}" for i in range(len(values))]
    write_arpa(
        path,
        Vocab(words),
        as_table({(4 + i,): (x, 0) for i, x in enumerate(values)}, 4 + len(values)),
    )
    model = parse(path.read_text())
    for word, value in zip(words, values, strict=True):
        expected = -99 if value == -math.inf else value / LN10
        assert model[(word,)][0] == pytest.approx(expected, rel=1e-7, abs=1e-18)
        assert np.float32(model[(word,)][0] * LN10) == np.float32(value) or value == -math.inf
    digits = [
        line.split()[0].lstrip("-0.").replace(".", "")
        for line in path.read_text().splitlines()
        if "\tw" in line
    ]
    assert max(map(len, digits)) <= 10


def test_pieces_are_cut_anywhere(tmp_path, monkeypatch):
    vocab, table = Vocab(["the", "étude"]), table_of(SMALL, 6)
    for piece in (1, 2, 3):
        monkeypatch.setattr(arpa_writer, "_PIECE", piece)
        write_arpa(tmp_path / "pieces.arpa", vocab, table)
        assert (tmp_path / "pieces.arpa").read_text() == TEXT


def test_rounding_above_one_is_written_as_one(tmp_path):
    write_arpa(tmp_path / "a.arpa", Vocab(["a"]), table_of({(4,): (1e-7, 0)}, 5))
    assert "\n0\ta\n" in (tmp_path / "a.arpa").read_text()


@pytest.mark.parametrize("literal", ["<unk>", "<UNK>"])
def test_a_literal_unknown_takes_the_name(tmp_path, caplog, literal):
    grams = SMALL | {(UNK,): (-2.0, -1.0), (UNK, EOS): (-0.5, 0), (4, UNK): (-0.25, 0)}
    path = tmp_path / "ptb.arpa"
    with caplog.at_level(logging.WARNING, "seqkit"):
        write_arpa(path, Vocab([literal, "étude"]), table_of(grams, 6))
    expected = TEXT.replace("-2\t<unk>\n", "").replace("the", literal).replace("1=5", "1=4")
    assert path.read_text() == expected
    assert f"{literal} is a word of this model" in caplog.text and caplog.text.count("\n") == 1
    vocab, table = read_arpa(path)
    assert vocab.words == ["étude"] and table.log_probs[0][UNK] == pytest.approx(-LN10)


def test_the_penalty_of_unseen_contexts_cannot_be_written(tmp_path, caplog):
    table = table_of(SMALL, 6)
    object.__setattr__(table, "unseen_context", -0.9)
    with caplog.at_level(logging.WARNING, "seqkit"):
        write_arpa(tmp_path / "a.arpa", Vocab(["the", "étude"]), table)
    assert "without this model's penalty" in caplog.text


def test_white_space(tmp_path):
    words = [
        " ",
        "\t",
        "\n",
        "\0",
        " \0",
        "\u2003",
        "\u3000",
        "  ",
        "a\u00a0b",
        "\x0b",
        "\x85",
        "\\n",
        "a\\x20",
    ]
    path = tmp_path / "spaces.arpa"
    grams = {(4 + i,): (-1.0 - i, 0.0) for i in range(len(words))} | {(4, 5): (-0.5, 0)}
    grams[(UNK,)] = (-9.0, 0.0)
    table = table_of(grams, 4 + len(words))
    write_arpa(path, Vocab(words), table)
    text = path.read_text()
    assert (
        "-1\t\\x20\n-2\t\\x09\n-3\t\\x0a\n-4\t\\x00\n-5\t\\x20\\x00\n" in text
        and "\t\\x20 \\x09\n" in text
    )
    assert "\t\\u2003\n" in text
    vocab, again = read_arpa(path)
    assert vocab.words == words
    assert_same(again, table)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a", "<s>"], "the word <s> is a line's begin or end"),
        (["</s>", "a"], "the word </s> is a line's begin or end"),
        (["a b", "a"], "the word 'a b' cannot stand in an ARPA file"),
        (["a\n", "a"], r"the word 'a\\n' cannot stand in an ARPA file"),
        (["a\0", "a"], "cannot stand in an ARPA file"),
        (["\\x00", "a"], r"the word \\x00 is the escape of another in an ARPA file"),
        (["", "a"], "the word '' cannot stand in an ARPA file"),
        (["<unk>", "<UNK>"], "the words <unk> and <UNK> are one word in an ARPA file"),
        (["a", "\ud800"], "half a character"),
        (["a"], "6 unigrams, but the vocabulary has 5 ids"),
    ],
)
def test_what_cannot_be_written(tmp_path, words, message):
    with pytest.raises(DataError, match=message) as caught:
        write_arpa(tmp_path / "no.arpa", Vocab(words), table_of(SMALL, 6))
    assert "\n" not in str(caught.value) and list(tmp_path.iterdir()) == []


def test_an_impossible_unknown_is_read_as_written(tmp_path):
    """-99 is no zero for `<unk>`, as in KenLM; for all others it is."""
    path, grams = tmp_path / "a.arpa", SMALL | {(UNK,): (-math.inf, 0.0)}
    write_arpa(path, Vocab(["the", "étude"]), table_of(grams, 6))
    assert "\n-99\t<unk>\n" in path.read_text()
    model = read_arpa(path)
    assert model.table.log_probs[0][UNK] == pytest.approx(-99 * LN10)
    assert model.table.log_probs[0][5] == -math.inf
    write_arpa(tmp_path / "b.arpa", *model)
    assert (tmp_path / "b.arpa").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("suffix", ["", ".gz", ".xz"])
def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch, suffix):
    path = tmp_path / f"a.arpa{suffix}"
    path.write_text("old")

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match="the disk is full"):
        write_arpa(path, Vocab(["the", "étude"]), table_of(SMALL, 6))
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_agrees_with_the_table(tmp_path):
    vocab, table = Vocab(["the", "étude"]), table_of(SMALL, 6)
    write_arpa(tmp_path / "a.arpa", vocab, table)
    written = parse((tmp_path / "a.arpa").read_text())
    expected = as_model(vocab, table)
    assert written.keys() == expected.keys()
    for gram, numbers in expected.items():
        numbers = [max(number, -99) for number in numbers]
        assert written[gram] == pytest.approx(numbers, abs=1e-6)
