"""Word vectors in each format; gensim writes the files that are compared."""

import gzip
import lzma
import struct
from pathlib import Path

import numpy as np
import pytest

from seqkit.errors import DataError
from seqkit.vectors import Coverage, read_vectors

WORDS = ["the", "Cat", "straße", "東京", "1,000"]
VECTORS = np.random.default_rng(1).normal(size=(5, 4)).astype(np.float32)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same five vectors in every format."""
    keyed = pytest.importorskip("gensim.models").KeyedVectors(4)
    keyed.add_vectors(WORDS, VECTORS)
    folder = tmp_path_factory.mktemp("vectors")
    paths = {
        "word2vec text": folder / "w2v.txt",
        "word2vec binary": folder / "w2v.bin",
        "word2vec binary by another name": folder / "w2v.model",
        "glove": folder / "glove.txt",
        "fasttext": folder / "wiki.vec",
    }
    keyed.save_word2vec_format(str(paths["word2vec text"]), binary=False)
    for name in ("word2vec binary", "word2vec binary by another name"):
        keyed.save_word2vec_format(str(paths[name]), binary=True)
    keyed.save_word2vec_format(str(paths["glove"]), binary=False, write_header=False)
    lines = paths["word2vec text"].read_bytes().split(b"\n")
    paths["fasttext"].write_bytes(b" \n".join(lines))  # fastText ends its lines with a space
    for name, opener, suffix in (
        ("gz", gzip.open, ".gz"),
        ("xz", lzma.open, ".xz"),
    ):
        for plain in ("fasttext", "word2vec binary"):
            packed = paths[f"{plain} {name}"] = Path(f"{paths[plain]}{suffix}")
            with opener(packed, "wb") as stream:
                stream.write(paths[plain].read_bytes())
    return paths


@pytest.mark.parametrize(
    "name",
    [
        "word2vec text",
        "word2vec binary",
        "word2vec binary by another name",
        "glove",
        "fasttext",
        "fasttext gz",
        "fasttext xz",
        "word2vec binary gz",
        "word2vec binary xz",
    ],
)
def test_every_format_gives_the_vectors_that_gensim_wrote(
    files: dict[str, Path], name: str
) -> None:
    vectors, known, coverage = read_vectors(files[name], ["東京", "unseen", *WORDS[:3], "1,000"])
    assert vectors.dtype == np.float32 and known.dtype == bool
    np.testing.assert_allclose(vectors[[2, 3, 4, 0, 5]], VECTORS, rtol=1e-6)
    assert known.tolist() == [True, False, True, True, True, True]
    assert (vectors[1] == 0).all()
    assert coverage == Coverage(found=5, lowered=0, words=6)
    assert coverage.share == 5 / 6


def test_a_word_takes_the_vector_of_its_small_letters(files: dict[str, Path]) -> None:
    vectors, known, coverage = read_vectors(str(files["glove"]), ["The", "THE", "the", "cat"])
    np.testing.assert_allclose(vectors[:3], VECTORS[[0, 0, 0]], rtol=1e-6)
    assert known.tolist() == [True, True, True, False]  # never the other way: cat is not Cat
    assert coverage == Coverage(found=1, lowered=2, words=4)


def text(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8", newline="")
    return path


def test_of_a_word_that_stands_twice_the_first_row_counts(tmp_path: Path) -> None:
    path = text(tmp_path / "v", "a 1 2\na 3 4\nb 5 6\n")
    assert read_vectors(path, ["b", "a"])[0].tolist() == [[5, 6], [1, 2]]


def test_words_with_spaces_as_in_glove(tmp_path: Path) -> None:
    path = text(tmp_path / "v", "a 1 2\n. . . 3 4\r\nb 5 6")
    vectors, known, _ = read_vectors(path, [". . .", "b", "."])
    assert vectors.tolist() == [[3, 4], [5, 6], [0, 0]]
    assert known.tolist() == [True, True, False]


def test_a_lone_surrogate_is_a_word_that_no_file_has(tmp_path: Path) -> None:
    path = text(tmp_path / "v", "a 1 2\n")
    assert read_vectors(path, ["a", "\ud83d"])[1].tolist() == [True, False]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a 1 2\nb 3\n", r"v:2: 1 values, expected 2"),
        ("2 3\na 1 2 3\nb 1 2 3 4\n", r"v:3: 4 values, expected 3"),
        ("2 3\na 1 2\n", r"v:2: 2 values, expected 3"),
        ("a\n", r"v:1: 0 values, expected some"),
        ("a 1 x\n", r"v:1: could not convert string to float: b'x'"),
        ("b 1 2\na 1 nan\n", r"v:2: .* not finite"),
        ("a 1 1e39\n", r"v:1: .* not finite in float32"),
        ("c 1 2\n", r"v: knows none of the 1 words"),
        ("", r"v: knows none of the 1 words"),
    ],
)
def test_a_text_file_that_cannot_be_used(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_vectors(text(tmp_path / "v", content), ["a"])


def binary(path: Path, rows: dict[str, list[float]], *, header: str) -> Path:
    body = b"".join(
        word.encode() + b" " + struct.pack(f"<{len(row)}f", *row) + b"\n"
        for word, row in rows.items()
    )
    path.write_bytes(header.encode() + b"\n" + body)
    return path


def test_a_binary_file_by_hand(tmp_path: Path) -> None:
    path = binary(tmp_path / "v.bin", {"a": [1, 2], "b": [3, 4]}, header="2 2")
    assert read_vectors(path, ["b", "a"])[0].tolist() == [[3, 4], [1, 2]]


@pytest.mark.parametrize(
    ("header", "values", "message"),
    [
        ("3 2", [1, 2], r"ends at vector 3, its header says 3"),
        ("2 2", [1, float("nan")], r"vector 1: .* not finite"),
        ("2 2", [1, float("inf")], r"vector 1: .* not finite"),
        ("2 0", [1, 2], r"v\.bin:1: vectors of 0 values"),
    ],
)
def test_a_binary_file_that_cannot_be_used(
    tmp_path: Path, header: str, values: list[float], message: str
) -> None:
    path = binary(tmp_path / "v.bin", {"a": values, "b": [3, 4]}, header=header)
    with pytest.raises(DataError, match=message):
        read_vectors(path, ["a"])


def test_files_that_are_no_vectors(tmp_path: Path, files: dict[str, Path]) -> None:
    with pytest.raises(DataError, match="missing: no such file of word vectors"):
        read_vectors(tmp_path / "missing", ["a"])
    (tmp_path / "model.bin").write_bytes(bytes.fromhex("ba164f2f0c000000"))
    with pytest.raises(DataError, match=r"a whole fastText model: give the \.vec file"):
        read_vectors(tmp_path / "model.bin", ["a"])
    for name in ("fasttext gz", "fasttext xz"):
        cut = tmp_path / files[name].name
        cut.write_bytes(files[name].read_bytes()[:-20])
        with pytest.raises(DataError, match="damaged or cut short"):
            read_vectors(cut, ["the"])
    (tmp_path / "v.gz").write_text("the 1 2\n")
    with pytest.raises(DataError, match="damaged or cut short"):
        read_vectors(tmp_path / "v.gz", ["the"])
