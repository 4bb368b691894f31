"""ARPA files in: against a reader of dicts, and every way in which a file can be wrong."""

import gzip
import itertools
import logging
import lzma
import math
import random

import numpy as np
import pytest
from arpa_reference import LMPLZ, as_model, as_text, log10_prob, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.errors import DataError
from seqkit.ngram import arpa_lines
from seqkit.ngram.arpa_reader import read_arpa
from seqkit.text import Vocab

LN10 = math.log(10)


@pytest.fixture
def read(tmp_path):
    """Write a file and read it."""

    def write_and_read(text, name="model.arpa"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_arpa(path)

    return write_and_read


def same(one, other):
    assert one.vocab.words == other.vocab.words
    for a, b in [(one.table.levels, other.table.levels), (one.table, other.table)]:
        for key, value in vars(a).items():
            if isinstance(value, list):
                assert list(map(np.ndarray.tolist, value)) == [x.tolist() for x in getattr(b, key)]


def assert_close(model, expected):
    assert model.keys() == expected.keys()
    for gram in expected:
        assert model[gram] == pytest.approx(expected[gram], abs=1e-6), gram


def test_hand_worked_example(read):
    vocab, table = read(LMPLZ)
    assert vocab.words == ["the", "cat"] and vocab.counts is None
    assert [words.tolist() for words in table.levels.words] == [
        [0, 1, 2, 3, 4, 5],
        [4, 2, 4, 5, 2, 4],  # <s> the; the </s>, the the, the cat; cat </s>, cat the
        [4, 5, 2],  # <s> the the, <s> the cat; the cat </s>
    ]
    assert [s.tolist() for s in table.levels.starts] == [
        [0, 0, 1, 1, 1, 4, 6],
        [0, 2, 2, 2, 3, 3, 3],
    ]
    expected = np.log(10) * np.array([-0.9542425, -0.4771213, -0.7781513])
    np.testing.assert_allclose(table.log_probs[0][3:], expected, rtol=1e-7)
    assert table.log_probs[0][:2].tolist() == [-np.inf, -np.inf]  # PAD, and BOS in spite of its 0
    assert table.backoffs[0][1] == pytest.approx(-0.30103 * LN10)
    assert len(table.backoffs) == 2 and table.unseen_context == 0
    for array in (*table.levels.words, *table.levels.starts):
        assert array.dtype == np.uint32
    for array in (*table.log_probs, *table.backoffs):
        assert array.dtype == np.float32


def test_agrees_with_the_reader_of_dicts(read):
    expected = parse(LMPLZ) | {("<s>",): (-math.inf, -0.30103)}
    assert_close(as_model(*read(LMPLZ)), expected)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\t", "  "),
        lambda text: text.replace(" ", "\t").replace("ngram\t", "ngram "),
        lambda text: text.replace("\t", " \t "),
        lambda text: text.replace("\n-", "\n\n -"),
        lambda text: text.replace("\n", "  \n"),
        lambda text: "# made by hand\n\nany text -1 2\n" + text,
        lambda text: "\ufeff" + text,
        lambda text: text.removesuffix("\n"),
        lambda text: text + "\nwhat comes after\n",
        lambda text: text.replace("\n\n", "\n"),
        lambda text: text.replace("ngram 1=5", "ngram  1 = 5"),
        lambda text: text.replace("<unk>", "<UNK>"),
        lambda text: text.replace("\t0\n", "\n"),
        lambda text: text.replace("\n0\t<s>", "\n-99\t<s>"),
        lambda text: text.replace("</s>\n-0.1760913", "</s>\t0.0\n-0.1760913"),
        lambda text: text.replace("-0.4771213\t", "-4.771213E-01\t").replace("-0.3", "-.3"),
    ],
)
def test_what_tools_write(read, change):
    assert change(LMPLZ) != LMPLZ
    same(read(change(LMPLZ)), read(LMPLZ))


def test_compressed(read):
    same(read(gzip.compress(LMPLZ.encode()), "a.arpa.gz"), read(LMPLZ))
    same(read(lzma.compress(LMPLZ.encode()), "a.ARPA.XZ"), read(LMPLZ))


@given(st.randoms(use_true_random=False))
@settings(max_examples=20)
def test_sections_in_any_order(tmp_path_factory, rng):
    path = tmp_path_factory.getbasetemp() / "shuffled.arpa"
    head, *sections = LMPLZ.split("-grams:\n")
    lines = [section.split("\n\n") for section in sections]
    for section in lines[1:]:  # the unigrams give the words their ids
        entries = section[0].split("\n")
        rng.shuffle(entries)
        section[0] = "\n".join(entries)
    path.write_text("-grams:\n".join([head, *map("\n\n".join, lines)]))
    shuffled = read_arpa(path)
    path.write_text(LMPLZ)
    same(shuffled, read_arpa(path))


def test_blocks_are_cut_anywhere(read, monkeypatch):
    whole = read(LMPLZ)
    for block, piece in [(1, 1), (7, 2), (50, 3), (len(LMPLZ), 1)]:
        monkeypatch.setattr(arpa_lines, "_BLOCK", block)
        monkeypatch.setattr(arpa_lines, "_PIECE", piece)
        same(read(LMPLZ), whole)
        with pytest.raises(DataError, match=r":20: the word 'dog' is not among the 1-grams"):
            read(LMPLZ.replace("-0.8239087\tthe the", "\n-1\tthe dog"))


FLOATS = st.floats(-90, 0, allow_subnormal=False) | st.floats(-1e-3, 0)


@given(st.lists(FLOATS, min_size=1, max_size=30), st.sampled_from(["r", ".9g", ".20f", ".17E"]))
@settings(max_examples=100)
def test_numbers_are_read_as_python_reads_them(tmp_path_factory, numbers, form):
    path = tmp_path_factory.getbasetemp() / "numbers.arpa"
    texts = [repr(x) if form == "r" else format(x, form) for x in numbers]
    lines = [f"{text} w{i} {text}\n" for i, text in enumerate(texts)]
    head = f"\\data\\\nngram 1={len(lines)}\nngram 2=0\n\\1-grams:\n"
    path.write_text(head + "".join(lines) + "\\2-grams:\n\\end\\\n")
    table = read_arpa(path).table
    expected = (np.array([float(text) for text in texts]) * LN10).astype(np.float32)
    np.testing.assert_allclose(table.log_probs[0][4:], expected, rtol=1.2e-7, atol=0)
    np.testing.assert_allclose(table.backoffs[0][4:], expected, rtol=1.2e-7, atol=0)


GRAMS = [g for k in (2, 3, 4) for g in itertools.product(["<s>", "a", "b", "c", "</s>"], repeat=k)]
GRAMS = [g for g in GRAMS if "<s>" not in g[1:] and "</s>" not in g[:-1]]


@given(st.lists(st.sampled_from(GRAMS), max_size=12, unique=True), st.integers(0, 10**6))
@settings(max_examples=150)
def test_what_pruning_left_out_changes_no_probability(tmp_path_factory, grams, seed):
    rng = random.Random(seed)
    path = tmp_path_factory.getbasetemp() / "pruned.arpa"
    unigrams = [(word,) for word in ["<s>", "</s>", "<unk>", "a", "b", "c"]]
    model = {g: (-rng.randint(1, 999) / 100, rng.randint(-99, 50) / 100) for g in unigrams + grams}
    path.write_text(as_text(model))
    read = as_model(*read_arpa(path))
    for gram in read:  # closed
        assert len(gram) == 1 or {gram[1:], gram[:-1]} <= read.keys()
    assert model.keys() <= read.keys()
    words = ["a", "b", "c", "<unk>", "</s>"]
    order = max(map(len, model))
    for k in range(order):
        for context in itertools.product(["a", "b", "c", "<s>"], repeat=k):
            if "<s>" not in context[1:]:
                for word in words:
                    expected = log10_prob(model, context, word)
                    assert log10_prob(read, context, word) == pytest.approx(expected, abs=1e-5)


def test_how_many_were_added_is_logged(read, caplog):
    text = LMPLZ.replace("ngram 2=6", "ngram 2=4")
    text = text.replace("-0.1549020\t<s> the\t-0.0969100\n", "")  # begins two trigrams
    text = text.replace("-0.3979400\tcat </s>\t0\n", "")  # ends one
    with caplog.at_level(logging.INFO, "seqkit"):
        table = read(text).table
    assert table.levels.sizes == [6, 6, 3]
    assert "2 n-grams were added" in caplog.text


def test_n_grams_that_no_line_asks_for_are_left_out(read):
    text = LMPLZ.replace("ngram 2=6", "ngram 2=8").replace(
        "\n\n\\3", "\n-1 </s> <s> -1\n-1 a <s>\n\n\\3"
    )
    same(read(text.replace("-1 a <s>", "-1 cat <s>")), read(LMPLZ))


def test_what_is_not_among_the_unigrams(read):
    text = "\\data\\\nngram 1=1\n\\1-grams:\n-0.5 a\n\\end\\\n"
    vocab, table = read(text)
    assert vocab.words == ["a"] and table.levels.order == 1 and len(table.backoffs) == 0
    assert table.log_probs[0].tolist() == pytest.approx(
        [-np.inf, -np.inf, -np.inf, -100 * LN10, -0.5 * LN10]
    )


def test_zero_probabilities(read):
    text = LMPLZ.replace("-0.7781513\tcat\t-0.1249387", "-99\tcat\t-99")
    _, table = read(text.replace("-0.6020600\tthe </s>", "-inf\tthe </s>"))
    assert table.log_probs[0][5] == table.backoffs[0][5] == table.log_probs[1][1] == -np.inf


def test_escapes_of_white_space(read):
    text = LMPLZ.replace("the", "\\x20").replace("cat", "\\u2003\\x0a")
    assert read(text).vocab.words == [" ", "\u2003\n"]
    for literal in ["\\n", "\\x41", "\\x20a", "a\\x20", "\\x2", "\\", "\u2003", "\x0b"]:
        assert read(LMPLZ.replace("the", literal)).vocab.words[0] == literal


def test_no_model_at_all(read):
    vocab, table = read("\\data\\\nngram 1=0\nngram 2=0\n\n\\1-grams:\n\n\\2-grams:\n\n\\end\\\n")
    assert len(vocab) == 4 and table.levels.sizes == [4, 0]


WRONG = [
    # what is replaced, by what, the line, the message
    ("ngram 2=6", "ngram 2=7", "21", "6 2-grams before this line, but 7 are declared"),
    ("ngram 1=5", "ngram 1=4", "13", "5 1-grams before this line, but 4 are declared"),
    ("ngram 3=3", "ngram 3=2", "26", "3 3-grams before this line, but 2 are declared"),
    ("\\end\\", "", "27", "the file ends, expected \\end\\"),
    ("\n\\end\\\n", "", "25", "the file ends, expected \\end\\"),
    ("\\3-grams:", "\\4-grams:", "21", "'\\\\4-grams:', expected \\3-grams:"),
    ("ngram 3=3", "ngram 3=3\nngram 4=1", "27", "'\\\\end\\\\', expected \\4-grams:"),
    ("\\1-grams:", "\\2-grams:", "6", "'\\\\2-grams:', expected \\1-grams:"),
    ("-0.8239087\tthe the", "-0.1\tcat </s>", "19", "the same 2-gram as on line 14"),
    ("-0.6989700\t<s> the the", "-0.1\tthe cat </s>", "24", "the same 3-gram as on line 22"),
    ("\tcat\t", "\tthe\t", "11", "the word 'the' a second time, first on line 10"),
    ("\tcat\t", "\t<UNK>\t", "11", "the word '<unk>' a second time, first on line 7"),
    ("-0.6532125", "nan", "9", "the log-probability is NaN"),
    ("-0.6020600", "-NaN", "15", "the log-probability is NaN"),
    ("-0.6532125", "0.1", "9", "the log-probability 0.1 is positive, expected 0 or less"),
    ("-0.6020600", "inf", "15", "the log-probability inf is positive, expected 0 or less"),
    ("-0.1249387", "inf", "11", "the back-off is inf, expected a finite number"),
    ("-0.1249387", "nan", "11", "the back-off is nan, expected a finite number"),
    ("-0.1249387", "2e38", "11", "the back-off is 2e38, expected a finite number"),
    ("-0.1249387", "1e999", "11", "the back-off is 1e999, expected a finite number"),
    ("-0.1760913\n", "0.1x\n", "18", "the back-off '0.1x' is not a number"),
    ("\tcat the\t0", "\tcat", "17", "1 fields after the number, expected 2 words and perhaps a"),
    ("\tcat the\t0", "\tcat the cat 0", "17", "4 fields after the number, expected 2 words"),
    ("\tcat the\t0", "\tcat the cat", "17", "the back-off 'cat' is not a number"),
    ("\tthe </s>\t0", "\tthe\t0", "15", "the word '0' is not among the 1-grams"),
    ("-0.5228787", "-0.5228787-", "17", "'-0.5228787-' is not a number, expected the log10"),
    ("-0.5228787", "1_0", "17", "'1_0' is not a number"),
    ("-0.5228787", "-1e", "17", "'-1e' is not a number"),
    ("-0.5228787", "-infinit", "17", "'-infinit' is not a number"),
    ("-0.5228787\tcat the", "the cat", "17", "'the' is not a number"),
    ("\tthe the", "\tthe dog", "19", "the word 'dog' is not among the 1-grams"),
    ("the cat </s>", "dog cat </s>", "22", "the word 'dog' is not among the 1-grams"),
    ("cat the\t", "cat the\rthe\t", "17", "the word 'the\\rthe' is not among the 1-grams"),
    ("-0.2041200\tthe cat </s>", "-1 the cat </s> -0.5", "22", "a back-off weight, expected none"),
    ("ngram 2=6", "ngram 3=6", "3", "'ngram 3=6', expected ngram 2=COUNT"),
    ("ngram 2=6", "ngram 2=-6", "3", "'ngram 2=-6', expected ngram 2=COUNT"),
    ("ngram 2=6", "two", "3", "'two', expected ngram 2=COUNT"),
    ("ngram 1=5\nngram 2=6\nngram 3=3\n", "", "3", "no counts after \\data\\"),
    ("\\data\\", "\\date\\", "1", "not an ARPA file: no \\data\\ in its first 1000 lines"),
    ("\\data\\", "\n" * 1001 + "\\data\\", "1", "not an ARPA file: no \\data\\ in its first 1000"),
]


@pytest.mark.parametrize(("old", "new", "line", "message"), WRONG, ids=[w[3] for w in WRONG])
def test_wrong_files(read, tmp_path, old, new, line, message):
    assert LMPLZ.count(old) >= 1
    with pytest.raises(DataError) as caught:
        read(LMPLZ.replace(old, new, 1))
    text = str(caught.value)
    assert text.startswith(f"{tmp_path / 'model.arpa'}:{line}: {message}") and "\n" not in text


def test_an_n_gram_twice_that_has_no_prefix(read):
    text = LMPLZ.replace("-0.1549020\t<s> the\t-0.0969100\n", "").replace("ngram 2=6", "ngram 2=5")
    with pytest.raises(DataError, match=r":23: the same 3-gram as on line 22"):
        read(text.replace("-0.6989700\t<s> the the", "-1\t<s> the cat"))


def test_order_above_eight(read):
    counts = "".join(f"ngram {k}=1\n" for k in range(1, 10))
    with pytest.raises(DataError, match=r":10: order 9: at most 8 can be read"):
        read(f"\\data\\\n{counts}\n\\1-grams:\n-1 a\n")


@pytest.mark.parametrize("at", ["\t<unk>", "\tcat\t", "cat the"])
def test_invalid_utf8(read, at):
    content = LMPLZ.encode().replace(at.encode(), at[:-1].encode() + b"\xff" + at[-1:].encode(), 1)
    line = content[: content.index(b"\xff")].count(b"\n") + 1
    with pytest.raises(DataError, match=rf"model\.arpa:{line}: invalid UTF-8"):
        read(content)


def test_files_that_are_none(read, tmp_path, monkeypatch):
    for text, line in [("", 1), ("hello\n", 1), ("\0\1\2" * 50, 1)]:
        with pytest.raises(DataError, match=f":{line}: .*an ARPA file"):
            read(text)
    for path in [tmp_path, tmp_path / "no.arpa", tmp_path / "no.arpa.gz"]:
        with pytest.raises(DataError, match="cannot read the ARPA file: "):
            read_arpa(path)
    monkeypatch.setattr(arpa_lines, "_LONGEST", 1 << 20)
    with pytest.raises(DataError, match=":1: a line of more than 1 MiB"):
        read(b"x" * (8 << 20))


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".xz", lzma.compress)])
def test_damaged_compression(read, suffix, pack):
    lines = [f"-1.{i * 7919 % 10007}\tw{i}" for i in range(20000)]
    text = "\n".join(["\\data\\", "ngram 1=20000", "\\1-grams:", *lines, "\\end\\", ""])
    packed = pack(text.encode())
    for damaged in [
        packed[:-9],
        packed[: len(packed) // 2],
        b"no such thing",
        packed[:40] + b"\xff" * 99,
    ]:
        with pytest.raises(DataError, match=r":\d+: (damaged or cut short|the file is empty)"):
            read(damaged, f"model.arpa{suffix}")


PIECES = LMPLZ.encode().replace(b"\t", b" ").split(b" ")


@given(st.data())
@settings(max_examples=300)
def test_a_mangled_file_is_read_or_refused_in_one_line(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "mangled.arpa"
    content = bytearray(LMPLZ.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at, end = sorted(data.draw(st.integers(0, len(content))) for _ in range(2))
        end = min(end, at + data.draw(st.integers(0, 40)))
        content[at:end] = data.draw(st.binary(max_size=4) | st.sampled_from(PIECES))
    path.write_bytes(content)
    try:
        table = read_arpa(path).table
    except DataError as error:
        assert str(error).startswith(f"{path}:") and "\n" not in str(error)
    else:
        assert not any(np.isnan(log_probs).any() for log_probs in table.log_probs)
        for backoffs in table.backoffs:
            assert (backoffs < np.inf).all()


def test_special_ids(read):
    vocab, table = read(LMPLZ)
    assert table.log_probs[0][Vocab.EOS] == pytest.approx(-0.6532125 * LN10)
    assert vocab.id("<unk>") == vocab.id("never seen") == Vocab.UNK
