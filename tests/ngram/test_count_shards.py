"""Counts saved in a folder and mapped again."""

import errno
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from counted import count

from seqkit import files
from seqkit.errors import DataError
from seqkit.ngram.shards import CountShard, open_counts, save_counts
from seqkit.text import (
    Normalizer,
    TextConfig,
    TextPipeline,
    Vocab,
    WhitespaceTokenizer,
    build_pipeline,
)
from seqkit.text.restore import make_tokenizer

LINES = [[4, 5, 4], [], [6, 4]]


def shard(order: int = 3, words: str = "a \u2028b c") -> CountShard:
    vocab = Vocab(words.split(" "), [3, 1, 1])
    pipeline = TextPipeline(Normalizer(case="fold", numbers=True), WhitespaceTokenizer(), vocab)
    return CountShard(count(LINES, order=order, vocabulary=7), pipeline)


@pytest.fixture
def saved(tmp_path) -> Path:
    save_counts(tmp_path / "shard", shard().counts, shard().pipeline)
    return tmp_path / "shard"


@pytest.mark.parametrize("order", range(1, 9))
def test_what_was_saved_is_opened(tmp_path, order):
    """Empty levels too: no line has six words."""
    given = shard(order)
    save_counts(tmp_path, given.counts, given.pipeline)
    found = open_counts(tmp_path)
    assert found.pipeline.to_files() == given.pipeline.to_files()
    assert found.counts.levels.sizes == given.counts.levels.sizes
    pairs = [(found.counts.counts, given.counts.counts)]
    pairs.append((found.counts.levels.words, given.counts.levels.words))
    pairs.append((found.counts.levels.starts, given.counts.levels.starts))
    for mine, theirs in pairs:
        for a, b in zip(mine, theirs, strict=True):
            np.testing.assert_array_equal(a, b)
            assert a.dtype == np.uint32 and not (a.flags.writeable and len(a))


def test_a_tokenizer_with_files_of_its_own(tmp_path):
    text = ["the cat saw the dog and the bird in the long grass"] * 20
    pipeline = build_pipeline(TextConfig(tokenizer="sentencepiece", subwords=512), text)
    save_counts(tmp_path, count([[4]], order=2, vocabulary=len(pipeline.vocab)), pipeline)
    assert open_counts(tmp_path).pipeline.encode(text[0]) == pipeline.encode(text[0])


def test_saved_over_the_counts_that_are_mapped(saved):
    mapped = open_counts(saved)
    save_counts(saved, mapped.counts, mapped.pipeline)
    assert open_counts(saved).counts.counts[2].tolist() == shard().counts.counts[2].tolist()


def test_the_folder_is_the_same_bytes(saved, tmp_path):
    save_counts(tmp_path / "again", shard().counts, shard().pipeline)
    names = sorted(path.name for path in saved.iterdir())
    assert names == sorted(path.name for path in (tmp_path / "again").iterdir())
    for name in names:
        assert (saved / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_a_vocabulary_of_other_counts_is_refused(tmp_path):
    other = TextPipeline(Normalizer(), make_tokenizer("word", options={}, files={}), Vocab(["a"]))
    with pytest.raises(DataError, match="counts of 7 ids with a vocabulary of 5"):
        save_counts(tmp_path, shard().counts, other)
    assert list(tmp_path.iterdir()) == []


def refusal(folder: Path) -> str:
    with pytest.raises(DataError) as caught:
        open_counts(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_every_damaged_file_is_named(saved, tmp_path):
    for name in sorted(path.name for path in saved.iterdir()):
        if name == "counts.json":
            continue
        for damage in ("flip", "cut", "remove"):
            folder = Path(shutil.copytree(saved, tmp_path / f"{name}-{damage}"))
            content = (folder / name).read_bytes()
            if damage == "remove":
                (folder / name).unlink()
            elif damage == "cut":
                (folder / name).write_bytes(content[:-1])
            else:
                (folder / name).write_bytes(bytes([content[0] ^ 1]) + content[1:])
            message = refusal(folder)
            assert message.startswith(f"{folder / name}: ")
            assert ("missing" if damage == "remove" else "damaged") in message


def test_what_is_no_folder_of_counts(saved, tmp_path):
    assert "no counts.json" in refusal(tmp_path / "nowhere")
    assert "no counts.json" in refusal(saved / "vocab.txt")
    index = saved / "counts.json"
    good = json.loads(index.read_text())

    def with_index(value: object) -> str:
        index.write_text(value if isinstance(value, str) else json.dumps(value))
        return refusal(saved)

    assert "not JSON" in with_index("{")
    assert "no format number" in with_index([])
    assert "no format number" in with_index({"order": 3})
    assert "format 2 is newer than 1: update seqkit" in with_index({**good, "format": 2})
    assert "damaged" in with_index({"format": 1})
    assert "damaged" in with_index({**good, "sizes": [1]})
    assert "damaged" in with_index({**good, "order": 0, "sizes": []})
    assert "damaged" in with_index({**good, "sizes": "abc"})
    assert "damaged" in with_index({**good, "files": []})
    assert "damaged" in with_index({**good, "files": {"../x": ""}})
    assert "expected 16" in with_index({**good, "sizes": [good["sizes"][0], 4, 6]})
    without = {name: value for name, value in good["files"].items() if name != "text.json"}
    assert "text.json is missing" in with_index({**good, "files": without})


def test_a_disk_that_fills_leaves_nothing(tmp_path, monkeypatch):
    """In whichever file."""
    replace, left = os.replace, [0]

    def replace_or_fail(*paths: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "no")
        replace(*paths)

    monkeypatch.setattr(files.os, "replace", replace_or_fail)
    for done in range(11):
        left[0] = done
        if done == 10:
            save_counts(tmp_path, shard().counts, shard().pipeline)
            break
        with pytest.raises(DataError, match=r"the disk is full .*: nothing was saved"):
            save_counts(tmp_path, shard().counts, shard().pipeline)
        assert list(tmp_path.iterdir()) == []
    assert open_counts(tmp_path).counts.lines == 3


def test_counts_that_were_half_replaced_are_none(saved, monkeypatch):
    """The index goes first and comes last."""

    def stop(path: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("seqkit.ngram.shards.sha256", stop)
    with pytest.raises(KeyboardInterrupt):
        save_counts(saved, shard().counts, shard().pipeline)
    assert list(saved.iterdir()) == []
