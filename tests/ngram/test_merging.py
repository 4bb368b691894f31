"""Merged counts are those of the whole text; limited ones those of the smaller vocabulary."""

from pathlib import Path

import numpy as np
import pytest
from counted import block_of, count, ngrams
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import ConfigError, DataError
from seqkit.ngram import runs
from seqkit.ngram.counting import count_ngrams
from seqkit.ngram.merging import limit_vocabulary, merge_counts
from seqkit.ngram.shards import CountShard, open_counts, save_counts
from seqkit.text import TextConfig, TextPipeline, build_pipeline

MEMORY = 16 * 2**20
WORDS = TextConfig(tokenizer="whitespace", case="keep")


def counted(texts: list[str], folder: Path, *, order: int, config=WORDS) -> CountShard:
    pipeline = build_pipeline(config, texts)
    return with_pipeline(texts, folder, pipeline, order=order)


def with_pipeline(texts: list[str], folder: Path, pipeline: TextPipeline, *, order: int):
    block = block_of(list(pipeline.encode_many(texts)))
    size = len(pipeline.vocab)
    counts = count_ngrams([block], order=order, vocabulary=size, memory=MEMORY, folder=folder)
    return CountShard(counts, pipeline)


def same(one: CountShard, other: CountShard) -> None:
    assert one.pipeline.to_files() == other.pipeline.to_files()
    assert one.pipeline.vocab.counts == other.pipeline.vocab.counts
    assert one.counts.levels.sizes == other.counts.levels.sizes
    for name in ("words", "starts"):
        pairs = zip(
            getattr(one.counts.levels, name), getattr(other.counts.levels, name), strict=True
        )
        for mine, theirs in pairs:
            np.testing.assert_array_equal(mine, theirs)
    for mine, theirs in zip(one.counts.counts, other.counts.counts, strict=True):
        np.testing.assert_array_equal(mine, theirs)


texts = st.lists(
    st.lists(st.sampled_from(["a", "b", "c", "d", "<unk>", "é"]), max_size=9).map(" ".join),
    min_size=1,
    max_size=8,
)


@given(st.lists(texts, min_size=1, max_size=4), st.integers(1, 8), st.booleans())
def test_any_split_of_any_text(tmp_path_factory, parts, order, spills):
    folder = tmp_path_factory.mktemp("merge")
    parts = [["a", *part] for part in parts]  # a part without a word has no vocabulary
    whole = counted([text for part in parts for text in part], folder, order=order)
    shards = [counted(part, folder, order=order) for part in parts]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "LEAST_MEMORY", 0)
        patch.setattr(runs, "_FAN_IN", 2)
        memory = 32 * len(whole.pipeline.vocab) if spills else MEMORY
        merged = merge_counts(shards, memory=memory, folder=folder)
    same(merged, whole)
    lines = list(whole.pipeline.encode_many(text for part in parts for text in part))
    assert merged.counts.tokens == sum(len(line) + 1 for line in lines)
    assert sum(merged.counts.levels.sizes[1:]) == sum(len(g) > 1 for g in ngrams(lines, order))


@given(texts, st.integers(1, 8), st.integers(1, 4), st.one_of(st.none(), st.integers(1, 6)))
def test_any_smaller_vocabulary(tmp_path_factory, lines, order, min_count, max_vocab):
    folder = tmp_path_factory.mktemp("limit")
    lines = ["a a a a", *lines]
    config = TextConfig(
        tokenizer="whitespace", case="keep", min_count=min_count, max_vocab=max_vocab
    )
    expected = counted(lines, folder, order=order, config=config)
    everything = counted(lines, folder, order=order)
    limits = {"min_count": min_count, "max_vocab": max_vocab}
    same(limit_vocabulary(everything, **limits, memory=MEMORY, folder=folder), expected)


def test_worked_by_hand(tmp_path):
    """`b a` and `b c b`: b 3 times, so it has the id 4; a and c follow by their text."""
    shards = [counted(["b a"], tmp_path, order=2), counted(["b c b"], tmp_path, order=2)]
    assert [shard.pipeline.vocab.words for shard in shards] == [["a", "b"], ["b", "c"]]
    merged = merge_counts(shards, memory=MEMORY, folder=tmp_path)
    assert (merged.pipeline.vocab.words, merged.pipeline.vocab.counts) == (
        ["b", "a", "c"],
        [3, 1, 1],
    )
    assert merged.counts.counts[0].tolist() == [0, 2, 2, 0, 3, 1, 1]
    # 1 4 | 4 2, 4 5, 4 6 | 5 2 | 6 4
    assert merged.counts.levels.words[1].tolist() == [4, 2, 5, 6, 2, 4]
    assert merged.counts.counts[1].tolist() == [2, 1, 1, 1, 1, 1]
    limited = limit_vocabulary(merged, min_count=2, memory=MEMORY, folder=tmp_path)
    assert limited.pipeline.vocab.words == ["b"]
    assert limited.counts.counts[0].tolist() == [0, 2, 2, 2, 3]
    # 1 4 | 3 2, 3 4 | 4 2, 4 3: both of the bigrams b a and b c are now b <unk>
    assert limited.counts.levels.words[1].tolist() == [4, 2, 4, 2, 3]
    assert limited.counts.counts[1].tolist() == [2, 1, 1, 1, 2]


def test_large_shards_through_files(tmp_path, monkeypatch):
    """Rows of three words, from counts that were saved, beside counting at once."""
    monkeypatch.setattr(runs, "LEAST_MEMORY", 0)
    random = np.random.default_rng(0)
    ids = (random.pareto(0.4, size=120_000) % 70_000).astype(int)
    texts = [" ".join(f"w{i}" for i in line) for line in np.split(ids, range(9, len(ids), 11))]
    whole = counted(texts, tmp_path, order=8)
    shards = []
    for number in range(3):
        shard = counted(texts[number::3], tmp_path, order=8)
        save_counts(tmp_path / f"{number}", shard.counts, shard.pipeline)
        shards.append(open_counts(tmp_path / f"{number}"))
    least = 32 * len(whole.pipeline.vocab)
    merged = merge_counts(shards, memory=least, folder=tmp_path / "tmp")
    assert list((tmp_path / "tmp").iterdir())
    same(merged, whole)


def test_units_that_a_tokenizer_knows_beforehand(tmp_path):
    config = TextConfig(tokenizer="byte")
    texts = ["zebra", "a banana", "Übermut"]
    whole = counted(texts, tmp_path, order=3, config=config)
    shards = [counted([text], tmp_path, order=3, config=config) for text in texts]
    merged = merge_counts(shards, memory=MEMORY, folder=tmp_path)
    same(merged, whole)
    with pytest.raises(ConfigError, match="the byte tokeniser keeps all of its units"):
        limit_vocabulary(merged, min_count=2, memory=MEMORY, folder=tmp_path)
    assert limit_vocabulary(merged, memory=MEMORY, folder=tmp_path) is merged


def test_shards_that_differ(tmp_path):
    def refused(*shards: CountShard) -> str:
        with pytest.raises(DataError) as caught:
            merge_counts(shards, memory=MEMORY, folder=tmp_path)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    lines = ["a b b", "1 c"]
    first = counted(lines, tmp_path, order=2)
    assert refused(first, counted(lines, tmp_path, order=3)).startswith(
        "counts 2: order 3, counts 1 have 2: merge only "
    )
    lower = counted(lines, tmp_path, order=2, config=TextConfig(tokenizer="whitespace"))
    assert "counts 3: case 'lower', counts 1 have 'keep'" in refused(first, first, lower)
    words = counted(lines, tmp_path, order=2, config=TextConfig(case="keep"))
    assert "tokenizer 'word', counts 1 have 'whitespace'" in refused(first, words)
    cut = TextConfig(tokenizer="whitespace", case="keep", min_count=2)
    assert "counts 2: 3 tokens are unknown words already" in refused(
        first, counted(lines, tmp_path, order=2, config=cut)
    )
    pieced = TextConfig(tokenizer="sentencepiece", subwords=512)
    pieces = [
        counted([text] * 30, tmp_path, order=2, config=pieced)
        for text in ("the cat and the dog", "a long way from home")
    ]
    assert "counts 2: another trained tokenizer than counts 1" in refused(*pieces)


def test_too_much_and_too_little(tmp_path, monkeypatch):
    first = counted(["a b b"], tmp_path, order=2)
    options = {"memory": MEMORY, "folder": tmp_path}
    with pytest.raises(ConfigError, match="no counts to merge"):
        merge_counts([], **options)
    for limits in ({"min_count": 0}, {"max_vocab": 0}):
        with pytest.raises(ConfigError, match="0: must be 1 or more"):
            limit_vocabulary(first, **limits, **options)
    with pytest.raises(DataError, match="no word is seen 3 times"):
        limit_vocabulary(first, min_count=3, **options)
    monkeypatch.setattr("seqkit.ngram.merging._MOST", 9)
    with pytest.raises(DataError, match="10 tokens in all: counts hold no more than 9"):
        merge_counts([first, first], **options)


def test_counts_of_the_reference_can_be_merged(tmp_path):
    """Arrays that can be written, as those that cannot."""
    pipeline = build_pipeline(WORDS, ["a b a"])
    shard = CountShard(count([[4, 5, 4]], order=3, vocabulary=6), pipeline)
    merged = merge_counts([shard, shard], memory=MEMORY, folder=tmp_path)
    same(merged, counted(["a b a", "a b a"], tmp_path, order=3))
