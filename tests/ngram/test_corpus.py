"""Reading a corpus once, against `build_pipeline` and `encode_many`."""

import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import ConfigError, DataError
from seqkit.ngram import corpus
from seqkit.ngram.corpus import encode_lines, join_lines, read_corpus
from seqkit.text import Normalizer, TextConfig, Vocab, build_pipeline
from seqkit.text.lexicon import Lexicon

LINES = ["The cat  sat .", "", "a&#10;dog &amp; A CAT", "\u3000<b>ÉTÉ</b>\x85", "the 3 1,000 dogs "]
PIECES = [
    "a",
    "b",
    "A",
    "é",
    "E\u0301",
    " ",
    "\t",
    "\u2003",
    "&#10;",
    "&amp;",
    "<b>",
    "7",
    "\ud83d",
]
texts = st.lists(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), max_size=8)


def reference(text: TextConfig, lines: list[str]) -> tuple[dict[str, bytes], list[int]]:
    pipeline = build_pipeline(text, lines)
    ids = [id for line in pipeline.encode_many(lines) for id in [*line, Vocab.EOS]]
    return pipeline.to_files(), ids


def joined(blocks) -> list[int]:
    return [id for block in blocks for id in block.tolist()]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"case": "keep", "unicode": "none"},
        {"html": True},
        {"html": True, "numbers": True, "urls": True, "whitespace": True},
        {"min_count": 2},
        {"max_vocab": 3},
    ],
    ids=str,
)
@pytest.mark.parametrize("tokenizer", ["whitespace", "word", "char"])
def test_it_is_what_build_pipeline_and_encode_many_give(tokenizer, options, tmp_path):
    text = TextConfig(tokenizer=tokenizer, **options)
    read = read_corpus(iter(LINES), text, folder=tmp_path)
    files, ids = reference(text, LINES)
    assert read.pipeline.to_files() == files
    assert joined(read.blocks()) == joined(read.blocks()) == ids
    assert (read.lines, read.tokens) == (len(LINES), len(ids))


@given(texts, st.sampled_from(["whitespace", "word", "char", "byte"]), st.booleans())
def test_any_text(tmp_path_factory, lines, tokenizer, html):
    text, folder = TextConfig(tokenizer=tokenizer, html=html), tmp_path_factory.mktemp("corpus")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus, "_CHARACTERS", 7)  # of the lines of a block
        try:
            read = read_corpus(iter(lines), text, folder=folder)
        except DataError:
            pipeline = build_pipeline(text, ["x", *lines])
            assert not any(map(pipeline.tokens, lines)) and not any(folder.iterdir())
            return
        files, ids = reference(text, lines)
        assert read.pipeline.to_files() == files
        blocks = list(read.blocks())
        assert joined(blocks) == ids
        assert all(block.dtype == np.uint32 and block[-1] == Vocab.EOS for block in blocks)
        assert joined(encode_lines(lines, read.pipeline)) == ids


def test_tokenisers_that_keep_all_their_units(tmp_path):
    lines = [f"lower lowest new newest number {i * i}" for i in range(300)]
    trained = TextConfig(tokenizer="sentencepiece", subwords=512, subword_model="bpe")
    for text in (trained, TextConfig(tokenizer="byte")):
        read = read_corpus(lines, text, folder=tmp_path, seed=0)
        files, ids = reference(text, lines)
        assert read.pipeline.to_files() == files
        assert joined(read.blocks()) == ids


@pytest.mark.parametrize("tokenizer", ["whitespace", "word"])
def test_other_text_with_the_same_pipeline(tokenizer, monkeypatch):
    pipeline = build_pipeline(TextConfig(tokenizer=tokenizer, html=True), LINES)
    other = ["the&#10;wolf", "", *LINES, "a CAT"]
    expected = [id for line in other for id in [*pipeline.encode(line), Vocab.EOS]]
    lexicon = Lexicon.from_words(pipeline.vocab.words)
    assert joined(encode_lines(iter(other), pipeline, lexicon)) == expected
    monkeypatch.setattr(corpus, "_CHARACTERS", 20)
    assert len(list(encode_lines(other, pipeline))) > 2
    assert joined(encode_lines(other, pipeline)) == expected


def test_a_line_feed_within_a_line():
    assert join_lines(["a\nb", "", "c\n"], Normalizer()) == b"a b\n\nc \n"
    assert join_lines([], Normalizer()) == b""


@pytest.mark.parametrize("lines", [[], ["", " \t"]])
@pytest.mark.parametrize("tokenizer", ["whitespace", "word"])
def test_an_empty_corpus_is_refused(lines, tokenizer, tmp_path):
    with pytest.raises(DataError, match="the training text is empty: it has no token"):
        read_corpus(lines, TextConfig(tokenizer=tokenizer), folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_errors_of_build_pipeline(tmp_path):
    def never():
        raise AssertionError("options are checked before the text is read")
        yield

    for options in ({"min_count": 0}, {"max_vocab": 0}, {"subwords": 100}):
        text = TextConfig(tokenizer="whitespace", **options)
        with pytest.raises(ConfigError) as expected:
            build_pipeline(text, LINES)
        with pytest.raises(ConfigError) as caught:
            read_corpus(never(), text, folder=tmp_path)
        assert str(caught.value) == str(expected.value)
    with pytest.raises(DataError, match="no whitespace token is seen 9 times"):
        read_corpus(LINES, TextConfig(tokenizer="whitespace", min_count=9), folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_too_many_tokens_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(corpus, "_MOST", 5)
    text = TextConfig(tokenizer="whitespace")
    assert read_corpus(["a b", "c"], text, folder=tmp_path).tokens == 5
    with pytest.raises(DataError, match="more than 5 tokens: count the text in shards"):
        read_corpus(["a b", "c d"], text, folder=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("lines", [["a b"], ["a b"] * 100_000])
def test_a_full_disk_leaves_nothing(lines, tmp_path):
    os.symlink("/dev/full", tmp_path / "corpus-ids.bin")
    with pytest.raises(
        DataError, match=f"{tmp_path}: the disk is full after .* give --tmp"
    ) as caught:
        read_corpus(lines, TextConfig(tokenizer="whitespace"), folder=tmp_path)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif("SEQKIT_DATA" not in os.environ, reason="needs the sets of SEQKIT_DATA")
def test_penn_treebank(tmp_path):
    with gzip.open(Path(os.environ["SEQKIT_DATA"]) / "ptb" / "ptb.train.txt.gz", "rt") as handle:
        lines = handle.read().removesuffix("\n").split("\n")
    text = TextConfig(tokenizer="whitespace", case="keep")
    read = read_corpus(lines, text, folder=tmp_path)
    assert (read.tokens, read.lines, len(read.pipeline.vocab.words)) == (929_589, 42_068, 9_999)
    files, ids = reference(text, lines)
    assert read.pipeline.to_files() == files
    assert np.array_equal(np.concatenate(list(read.blocks())), ids)
