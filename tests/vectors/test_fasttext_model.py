"""The .bin of fastText: gensim writes and reads it too, and one is made by hand."""

import gzip
import lzma
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqkit.errors import DataError
from seqkit.vectors import StoredVectors, Subwords, read_vector_file, read_vectors
from seqkit.vectors.fasttext_model import read_fasttext
from seqkit.vectors.writing import write_vector_file

UNKNOWN = ["unseen", "straßen", "東", "thecat"]


@pytest.fixture(scope="module")
def gensim_fasttext() -> Any:
    return pytest.importorskip("gensim.models.fasttext")


@pytest.fixture(scope="module")
def trained(gensim_fasttext: Any) -> Any:
    """A small model of gensim."""
    lines = [["the", "cat", "sat", "straße"], ["東京", "the", "dog", "ran"]] * 20
    return gensim_fasttext.FastText(
        lines, vector_size=6, min_count=1, bucket=300, min_n=2, max_n=5, epochs=2, seed=1, workers=1
    )


@pytest.fixture(scope="module")
def path(trained: Any, gensim_fasttext: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fasttext") / "model.bin"
    gensim_fasttext.save_facebook_model(trained, str(path))
    return path


@pytest.mark.parametrize("opener", [open, gzip.open, lzma.open])
def test_a_model_that_gensim_wrote(path: Path, trained: Any, tmp_path: Path, opener: Any) -> None:
    packed = tmp_path / "model"
    with opener(packed, "wb") as stream:
        stream.write(path.read_bytes())
    stored = read_vector_file(packed)
    assert stored.words == trained.wv.index_to_key
    assert stored.counts is not None and stored.subwords is not None
    assert stored.counts.tolist() == [trained.wv.get_vecattr(w, "count") for w in stored.words]
    np.testing.assert_allclose(stored.vectors, trained.wv.vectors, atol=1e-7)
    expected = np.stack([trained.wv[word] for word in UNKNOWN])
    np.testing.assert_allclose(stored.subwords.vectors(UNKNOWN), expected, atol=1e-7)


def test_the_first_words_of_a_model(path: Path) -> None:
    stored, whole = read_vector_file(path, limit=3), read_vector_file(path)
    assert stored.words == whole.words[:3] and stored.counts is not None
    assert stored.counts.tolist() == whole.counts[:3].tolist()  # type: ignore[index]
    assert np.array_equal(stored.vectors, whole.vectors[:3])


@pytest.mark.parametrize("suffix", ["", ".gz", ".xz"])
def test_gensim_reads_what_is_written(
    path: Path, gensim_fasttext: Any, tmp_path: Path, suffix: str
) -> None:
    stored = read_vector_file(path)
    written = tmp_path / f"again.bin{suffix}"
    write_vector_file(written, stored, format="fasttext-binary")
    again = read_vector_file(written)
    assert again.words == stored.words
    assert again.subwords is not None and stored.subwords is not None
    assert np.array_equal(again.subwords.table[:], stored.subwords.table[:])
    np.testing.assert_allclose(again.vectors, stored.vectors, atol=1e-7)
    if not suffix:  # gensim reads no packed ones
        loaded = gensim_fasttext.load_facebook_vectors(str(written))
        assert loaded.index_to_key == stored.words
        np.testing.assert_allclose(loaded.vectors, stored.vectors, atol=1e-7)
        np.testing.assert_allclose(loaded["unseen"], stored.subwords.vector("unseen"), atol=1e-7)
        assert written.stat().st_size == path.stat().st_size
        assert gensim_fasttext.load_facebook_model(str(written)).wv.bucket == 300


def test_unknown_words_take_the_vectors_of_their_ngrams(path: Path, trained: Any) -> None:
    words = ["cat", "The", "unseen", "straßen"]
    vectors, known, coverage = read_vectors(path, words)
    assert known.all()
    assert (coverage.exact, coverage.case, coverage.subwords) == (1, 1, 2)
    expected = np.stack([trained.wv[word] for word in ("cat", "the", "unseen", "straßen")])
    np.testing.assert_allclose(vectors, expected, atol=1e-7)


def by_hand(
    *,
    version: int = 12,
    model: int = 2,
    lengths: tuple[int, int] = (3, 3),
    labels: int = 0,
    pruned: int = -1,
    quantised: bool = False,
    kinds: bytes = b"\0\0",
    word: bytes = b"at",
    values: float = 1.0,
) -> bytes:
    """Two words, </s> and at, two buckets, vectors of one value: 1, 2, and 10, 20."""
    words = [b"</s>", word, *(b"__label__%d" % n for n in range(labels))]
    content = struct.pack("<2i", 793712314, version)
    content += struct.pack("<12id", 1, 5, 5, 1, 5, 1, 2, model, 2, *lengths, 100, 1e-4)
    content += struct.pack("<3i2q", 2 + labels, 2, labels, 9, pruned)
    for each, kind in zip(words, kinds + b"\1" * labels, strict=True):
        content += each + b"\0" + struct.pack("<qb", 4, kind)
    content += struct.pack("<?2q", quantised, 4, 1) + struct.pack("<4f", values, 2, 10, 20)
    return content + struct.pack("<?2q", False, 2, 1) + bytes(8)


def test_a_model_made_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "m.bin"
    path.write_bytes(by_hand())
    stored = read_vector_file(path)
    assert stored.words == ["</s>", "at"] and stored.counts is not None
    assert stored.counts.tolist() == [4, 4]
    # at: its row, 2, and those of <at and at>; the end of a sentence has no n-grams
    rows = Subwords(np.array([[10.0], [20.0]]), 3, 3).ngram_rows("at")
    expected = (2 + sum([10, 20][row] for row in rows)) / 3
    np.testing.assert_allclose(stored.vectors, [[1], [expected]])


def test_a_supervised_model_has_labels_that_are_no_words(tmp_path: Path) -> None:
    path = tmp_path / "m.bin"
    path.write_bytes(by_hand(model=3, lengths=(0, 0), labels=2))
    stored = read_vector_file(path)
    assert stored.words == ["</s>", "at"] and stored.subwords is None
    assert stored.vectors.tolist() == [[1], [2]]
    path.write_bytes(by_hand(version=11, model=3))  # which says n-grams and has none
    assert read_vector_file(path).vectors.tolist() == [[1], [2]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (by_hand(version=13), "fastText format 13, expected 11 or 12"),
        (by_hand(quantised=True), r"a quantised fastText model .* give the \.bin or \.vec file"),
        (by_hand(pruned=1), "n-grams cut off"),
        (by_hand(kinds=b"\0\1"), "damaged: entry 2 of its dictionary is a label"),
        (by_hand(word=b"\xff"), r"word 2, b'\\xff', is not UTF-8"),
        (by_hand(values=float("nan")), r"m\.bin: the vector of '</s>' has a value that is not"),
        (by_hand()[:3], "no word vectors|cut short|3 values|values, expected"),
        (by_hand().replace(struct.pack("<2q", 4, 1), struct.pack("<2q", 5, 1)), "damaged: a matr"),
    ],
)
def test_a_model_that_cannot_be_used(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "m.bin"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_vector_file(path)


@pytest.mark.parametrize("opener", [open, gzip.open])
def test_a_model_cut_anywhere_before_the_output_layer(tmp_path: Path, opener: Any) -> None:
    path = tmp_path / "m.bin"
    whole = by_hand()
    for size in range(8, len(whole) - 25):
        with opener(path, "wb") as stream:
            stream.write(whole[:size])
        with pytest.raises(DataError, match="a fastText model that is cut short"):
            read_fasttext(path)


def test_the_same_vectors_make_the_same_bytes(tmp_path: Path) -> None:
    table = np.random.default_rng(0).normal(size=(9, 3)).astype(np.float16)
    vectors = np.random.default_rng(1).normal(size=(2, 3)).astype(np.float32)
    stored = StoredVectors(["a b", "c"], vectors, np.array([3, 2]), Subwords(table, 2, 3))
    for name in ("one.bin.gz", "two.bin.gz"):
        write_vector_file(tmp_path / name, stored, format="fasttext-binary")
    assert (tmp_path / "one.bin.gz").read_bytes() == (tmp_path / "two.bin.gz").read_bytes()
    again = read_vector_file(tmp_path / "one.bin.gz")
    assert again.words == ["a b", "c"]  # words with spaces stand in it
    np.testing.assert_allclose(again.vectors, vectors, atol=1e-6)
