"""Files of word vectors read whole and written: beside gensim, by hand, and round and round."""

import gzip
import logging
import pickle
import struct
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from seqkit.errors import ConfigError, DataError
from seqkit.vectors import StoredVectors, Subwords, read_vector_file, write_vector_file
from seqkit.vectors.byte_reader import ByteReader
from seqkit.vectors.formats import FORMATS, VectorFormat

WORDS = ["the", "Cat", "straße", "東京", "1,000", "</s>"]
VECTORS = np.random.default_rng(1).normal(size=(6, 4)).astype(np.float32)
STORED = StoredVectors(WORDS, VECTORS)
ROWS: list[VectorFormat] = ["word2vec", "word2vec-binary", "glove", "fasttext"]


@pytest.mark.parametrize("format", ROWS)
@pytest.mark.parametrize("suffix", ["", ".gz", ".xz"])
def test_what_is_written_is_read_to_the_last_bit(
    tmp_path: Path, format: VectorFormat, suffix: str
) -> None:
    path, again = tmp_path / f"v{suffix}", tmp_path / f"again{suffix}"
    write_vector_file(path, STORED, format=format)
    read = read_vector_file(path)
    assert read.words == WORDS and read.vectors.dtype == np.float32
    assert np.array_equal(read.vectors, VECTORS)
    assert read.counts is None and read.subwords is None
    write_vector_file(again, read, format=format)
    assert again.read_bytes() == path.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == [again.name, path.name]


@settings(max_examples=20)  # each one is flushed to disk
@example(np.array([[np.frombuffer(b"\n\xb1\xc7J", "<f4")[0]]]), "word2vec-binary")
@given(
    arrays.arrays(
        np.float32,
        st.tuples(st.integers(1, 4), st.integers(1, 4)),
        elements=st.floats(width=32, allow_nan=False, allow_infinity=False),
    ),
    st.sampled_from(ROWS),
)
def test_any_finite_number_comes_back(
    tmp_path_factory: pytest.TempPathFactory, vectors: np.ndarray, format: VectorFormat
) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    stored = StoredVectors([f"w{row}" for row in range(len(vectors))], vectors)
    write_vector_file(path, stored, format=format)
    assert np.array_equal(read_vector_file(path).vectors, vectors)


# gensim leaves the file open whose width it finds by itself
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("format", ["word2vec", "word2vec-binary", "glove"])
def test_gensim_reads_and_writes_the_same(tmp_path: Path, format: VectorFormat) -> None:
    keyed: Any = pytest.importorskip("gensim.models").KeyedVectors
    options = {"binary": format == "word2vec-binary"}
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    write_vector_file(ours, STORED, format=format)
    loaded = keyed.load_word2vec_format(str(ours), no_header=format == "glove", **options)
    assert loaded.index_to_key == WORDS
    assert np.array_equal(loaded.vectors, VECTORS)
    loaded.save_word2vec_format(str(theirs), write_header=format != "glove", **options)
    read = read_vector_file(theirs)
    assert read.words == WORDS
    np.testing.assert_allclose(read.vectors, VECTORS, rtol=1e-6)


def test_the_bytes_of_each_text_form(tmp_path: Path) -> None:
    stored = StoredVectors(["a", "b"], np.array([[1, -0.5], [0.1, 2e-7]], np.float32))
    expected = {
        "word2vec": "2 2\na 1 -0.5\nb 0.100000001 2.00000002e-07\n",
        "glove": "a 1 -0.5\nb 0.100000001 2.00000002e-07\n",
        "fasttext": "2 2\na 1 -0.5 \nb 0.100000001 2.00000002e-07 \n",
    }
    for format, content in expected.items():
        write_vector_file(tmp_path / "v", stored, format=format)  # type: ignore[arg-type]
        assert (tmp_path / "v").read_text() == content


def test_the_first_rows(tmp_path: Path) -> None:
    for format in ROWS:
        write_vector_file(tmp_path / "v", STORED, format=format)
        read = read_vector_file(tmp_path / "v", limit=2)
        assert read.words == WORDS[:2]
        assert np.array_equal(read.vectors, VECTORS[:2])
        assert read_vector_file(tmp_path / "v", limit=99).words == WORDS
    with pytest.raises(ConfigError, match="limit 0: give 1 or more"):
        read_vector_file(tmp_path / "v", limit=0)


def test_more_rows_than_there_is_room_for_at_first(tmp_path: Path) -> None:
    vectors = np.arange(6000, dtype=np.float32).reshape(3000, 2)
    stored = StoredVectors([f"w{row}" for row in range(3000)], vectors)
    for format in ROWS:
        write_vector_file(tmp_path / "v", stored, format=format)
        assert np.array_equal(read_vector_file(tmp_path / "v").vectors, vectors)


def test_a_mark_of_byte_order_is_no_part_of_a_word(tmp_path: Path) -> None:
    (tmp_path / "v").write_bytes(b"\xef\xbb\xbf1 2\na 1 2\n")
    assert read_vector_file(tmp_path / "v").words == ["a"]
    (tmp_path / "v").write_bytes(b"\xef\xbb\xbfa 1 2\r\n")
    assert read_vector_file(tmp_path / "v").words == ["a"]


def test_words_with_spaces_as_in_glove(tmp_path: Path) -> None:
    words = ["a", ". . .", "", "0.5 b", "nan nan", "2 ½", "x y@example.com"]
    stored = StoredVectors(words, np.eye(7, dtype=np.float32))
    write_vector_file(tmp_path / "v", stored, format="glove")
    assert read_vector_file(tmp_path / "v").words == words


@settings(max_examples=50)
@example(["and 0.2"])
@given(st.lists(st.text(" .1ae-", max_size=5), min_size=1, max_size=4, unique=True))
def test_a_word_of_glove_is_refused_or_comes_back(
    tmp_path_factory: pytest.TempPathFactory, words: list[str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "words"
    words = ["first", *words]
    stored = StoredVectors(words, np.ones((len(words), 2), np.float32))
    try:
        write_vector_file(path, stored, format="glove")
    except DataError as error:
        (odd,) = [word for word in words if f"the word {word!r} (" in str(error)]
        path.write_text(f"first 1 1\n{odd} 1 1\n")
        with pytest.raises(DataError, match=r":2: \d values, expected 2"):
            read_vector_file(path)
    else:
        assert read_vector_file(path).words == words


@pytest.mark.parametrize("content", ["2 1\na 1\nb 2\n\n", "a 1\nb 2\n\n  \n\r\n", "a 1\nb 2\n "])
def test_empty_lines_at_the_end(tmp_path: Path, content: str) -> None:
    (tmp_path / "v").write_text(content)
    assert read_vector_file(tmp_path / "v").words == ["a", "b"]


@pytest.mark.parametrize("format", ["word2vec-binary", "glove"])
def test_of_a_word_that_stands_twice_the_first_row_is_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, format: VectorFormat
) -> None:
    stored = StoredVectors(["a", "b", "a", "a"], np.arange(8, dtype=np.float32).reshape(4, 2))
    write_vector_file(tmp_path / "v", stored, format=format)
    with caplog.at_level(logging.WARNING):
        read = read_vector_file(tmp_path / "v")
    assert read.words == ["a", "b"] and read.vectors.tolist() == [[0, 1], [2, 3]]
    (message,) = caplog.messages
    place = "v: vector 3" if format == "word2vec-binary" else "v:3"
    assert "rows that repeat a word: 2" in message and f"{place} ('a')" in message


def packed(rows: dict[bytes, list[float]], header: bytes) -> bytes:
    body = [word + b" " + struct.pack(f"<{len(r)}f", *r) + b"\n" for word, r in rows.items()]
    return header + b"\n" + b"".join(body)


TWO = {b"a": [1.0, 2.0], b"b": [3.0, 4.0]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "v: empty"),
        (b"0 3\n", "v: holds no word vectors"),
        (b"3 2\na 1 2\nb 3 4\n", "its header says 3 vectors, the file has 2"),
        (b"1 2\na 1 2\nb 3 4\n", "its header says 1 vector, the file has 2"),
        (b"2 3\na 1 2\nb 3 4\n", r"v:2: 2 values, expected 3, as its header says 3"),
        (b"2 1\na 1 2\nb 3 4\n", r"v:2: 2 values, expected 1, as its header says 1"),
        (b"2 2\na 1 2\nb 3\n", r"v:3: 1 value, expected 2"),
        (b"a 1 2\n\nb 3 4\n", r"v:2: 0 values, expected 2"),
        (b"2 2\na 1 2\n\nb 3 4\n", r"v:3: 0 values, expected 2, as its header says 2"),
        (b"2 2\n\na 1 2\nb 3 4\n", r"v:2: 0 values, expected 2"),
        (b"the 0.5 0.1\nand 0.2 0.3 0.4\n", r"v:2: 3 values, expected 2$"),
        (b"a 1 2\nb  3 4\n", r"v:2: 3 values, expected 2; .* apart by single spaces"),
        (b"2 2\na\t1\t2\nb\t3\t4\n", r"v:2: 0 values, expected 2, .* apart by single spaces"),
        (b"a\t1\t2\n", r"v:1: 0 values, expected some; .* apart by single spaces"),
        (b"a  1 2\n", r"v:1: '' is no number: .* apart by single spaces"),
        (b"all that is text\n", r"v:1: 'that' is no number: expected a word and its numbers"),
        (b"2 0\na 1\nb 1\n", r"v:2: 1 value, expected some, as its header says 0"),
        (b"a 1 2\nb nan 2\n", r"v:2: the vector of 'b' has .* not finite .*: take the word out"),
        (b"a 1 2\nb 1 -inf\n", r"v:2: .* not finite"),
        (b"2 2\na 1 2\nb 1 x\n", r"v:3: 'x' is no number: expected a word and its numbers"),
        (b"2 2\na 1 2\nb\xff 1 2\n", r"v:3: its word b'b\\xff' is not UTF-8"),
        (packed(TWO, b"3 2"), "its header says 3 vectors, the file has 2"),
        (packed(TWO, b"1 2"), "its header says 1 vector, the file has 2"),
        (packed(TWO, b"2 3"), r"v: ends in the middle of a word after vector 1"),
        (packed(TWO, b"2 2")[:-4], "ends in the middle of vector 2, its header says 2 vectors"),
        (packed(TWO, b"2 2") + b"cd", "ends in the middle of a word after vector 2"),
        (packed(TWO, b"2 0"), r"v:1: vectors of 0 values, expected 1 to"),
        (packed(TWO, b"2 99999999999"), r"v:1: vectors of 99,999,999,999 values"),
        (packed({b"a": [1.0, float("nan")]}, b"1 2"), r"vector 1: the vector of 'a' .* not finite"),
        (packed({b"a": [1.0, float("inf")]}, b"1 2"), r"vector 1: .* not finite"),
        (packed({b"\xff": [1.0, 2.0]}, b"1 2"), r"vector 1: its word b'\\xff' is not UTF-8"),
        (b"<!DOCTYPE html>\n<html>\n", "a web page, not word vectors"),
        (b"\n <html lang=en>", "web page|0 values"),
        (pickle.dumps({"a": 1}), r"a pickle, such as gensim's .* wv\.save_word2vec_format"),
        (b"\x93NUMPY\x01\x00v\x00{'descr'", "an array without words"),
        (b"\x89HDF\r\n\x1a\n\x00\x00", "no word vectors: expected the text or binary form"),
        (gzip.compress(b"a 1 2\n" * 99, mtime=0)[:-9], "damaged or cut short"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "v").write_bytes(content)
    with pytest.raises(DataError, match=message) as error:
        read_vector_file(tmp_path / "v")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("format", FORMATS)
def test_damage_at_random_is_read_or_refused_in_one_line(
    tmp_path: Path, format: VectorFormat
) -> None:
    counts, subwords = np.arange(6, 0, -1), Subwords(np.ones((5, 4), np.float32), 3, 4)
    write_vector_file(
        tmp_path / "v", replace(STORED, counts=counts, subwords=subwords), format=format
    )
    whole, rng = (tmp_path / "v").read_bytes(), np.random.default_rng(0)
    refused = 0
    for _ in range(100):
        at = int(rng.integers(len(whole)))
        (tmp_path / "v").write_bytes(whole[:at] + rng.bytes(2) + whole[at + rng.integers(5) :])
        try:
            read_vector_file(tmp_path / "v")
        except DataError as error:
            refused += 1
            assert "\n" not in str(error)
    assert 10 < refused < 100


def test_no_file_and_an_archive(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="v: no such file of word vectors"):
        read_vector_file(tmp_path / "v")
    with zipfile.ZipFile(tmp_path / "glove.zip", "w") as archive:
        archive.writestr("glove.txt", "a 1 2\n")
    with pytest.raises(DataError, match="a zip archive: unpack it"):
        read_vector_file(tmp_path / "glove.zip")


@pytest.mark.parametrize(
    ("word", "formats"),
    [
        ("a b", ["word2vec", "word2vec-binary", "fasttext"]),
        ("", ["word2vec", "word2vec-binary", "fasttext"]),
        ("a\nb", ["word2vec", "word2vec-binary", "fasttext", "glove"]),
        ("a\tb", ["word2vec", "word2vec-binary", "fasttext", "glove"]),
        ("and 0.2", ["word2vec", "word2vec-binary", "fasttext", "glove"]),
        ("a ", ["word2vec", "word2vec-binary", "fasttext", "glove"]),
        ("\ud83d", FORMATS),
        ("a\0b", FORMATS),
    ],
)
def test_words_that_a_format_cannot_hold(
    tmp_path: Path, word: str, formats: list[VectorFormat]
) -> None:
    ones = np.ones((2, 3), np.float32)
    stored = StoredVectors(["x", word], ones, np.array([2, 1]), Subwords(np.ones((4, 3)), 3, 6))
    for format in FORMATS:
        if format in formats:
            with pytest.raises(DataError, match=rf"{format} cannot hold the word .* \(row 2\)"):
                write_vector_file(tmp_path / "v", stored, format=format)
            assert not [*tmp_path.iterdir()]
        else:
            write_vector_file(tmp_path / "v", stored, format=format)
            assert read_vector_file(tmp_path / "v").words == ["x", word]
            (tmp_path / "v").unlink()


def test_glove_takes_its_width_from_the_first_row(tmp_path: Path) -> None:
    stored = StoredVectors(["a b"], np.ones((1, 3), np.float32))
    with pytest.raises(DataError, match=r"glove cannot hold the word 'a b' \(row 1\)"):
        write_vector_file(tmp_path / "v", stored, format="glove")


def test_formats_that_cannot_be_written(tmp_path: Path) -> None:
    assert get_args(VectorFormat) == FORMATS
    with pytest.raises(ConfigError, match=r"format 'glov': choose from .* \(did you mean 'glove'"):
        write_vector_file(tmp_path / "v", STORED, format="glov")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="fasttext-binary holds n-grams and counts"):
        write_vector_file(tmp_path / "v.bin", STORED, format="fasttext-binary")


def test_bytes_taken_over_the_bounds_of_chunks(tmp_path: Path) -> None:
    content = b"word " + bytes(range(256)) * 9000 + b"end"  # more than two chunks
    (tmp_path / "b").write_bytes(content)
    with open(tmp_path / "b", "rb") as stream:
        reader = ByteReader(stream)
        assert reader.until(b" ") == b"word"
        assert reader.take(2_000_000) == content[5:2_000_005]
        assert reader.offset == 2_000_005
        floats = np.zeros(10, np.float32)
        assert reader.fill(floats)
        assert floats.tobytes() == content[2_000_005:2_000_045]
        assert reader.until(b"Z" * 2) is None
        assert reader.take(9_999_999) == content[2_000_045:]
        assert not reader.fill(floats)
