"""Counts of all orders, in memory and through files, beside a Counter."""

import errno
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from counted import block_of, count, listed, ngrams
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import ConfigError, DataError
from seqkit.ngram import runs, scratch
from seqkit.ngram.counting import count_ngrams
from seqkit.ngram.levels import NgramCounts

MEMORY = 16 * 2**20


def as_dict(counts: NgramCounts) -> dict[tuple[int, ...], int]:
    """Return the n-grams that came, with their counts."""
    found = {}
    for grams, totals in zip(listed(counts.levels), counts.counts, strict=True):
        found |= {gram: c for gram, c in zip(grams, totals.tolist(), strict=True) if c}
    return found


def same(one: NgramCounts, other: NgramCounts) -> None:
    pairs = [(one.counts, other.counts), (one.levels.words, other.levels.words)]
    pairs.append((one.levels.starts, other.levels.starts))
    for mine, theirs in pairs:
        for a, b in zip(mine, theirs, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.fixture
def least(monkeypatch):
    """Let counting work in a few hundred bytes, so that it spills and merges in stages."""
    monkeypatch.setattr(runs, "LEAST_MEMORY", 0)
    monkeypatch.setattr(runs, "_FAN_IN", 3)


def test_worked_by_hand(tmp_path):
    """The lines `4 5`, `4 5 4` and an empty one; BOS is 1, EOS 2."""
    block = np.array([4, 5, 2, 4, 5, 4, 2, 2], dtype=np.uint32)
    counts = count_ngrams([block], order=3, vocabulary=7, memory=MEMORY, folder=tmp_path)
    words, starts = counts.levels.words, counts.levels.starts
    assert words[0].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert counts.counts[0].tolist() == [0, 3, 3, 0, 3, 2, 0]
    # 1 2, 1 4 | 4 2, 4 5 | 5 2, 5 4
    assert starts[0].tolist() == [0, 0, 2, 2, 2, 4, 6, 6]
    assert words[1].tolist() == [2, 4, 2, 5, 2, 4]
    assert counts.counts[1].tolist() == [1, 2, 1, 2, 1, 1]
    # 1 4 5 | 4 5 2, 4 5 4 | 5 4 2
    assert starts[1].tolist() == [0, 0, 1, 1, 3, 3, 4]
    assert words[2].tolist() == [5, 2, 4, 2]
    assert counts.counts[2].tolist() == [2, 1, 1, 1]
    assert (counts.lines, counts.tokens, counts.levels.sizes) == (3, 8, [7, 6, 4])
    assert not any(array.flags.writeable for array in [*counts.counts, *words, *starts])
    assert list(tmp_path.iterdir()) == []  # nothing is written where it is not needed


corpora = st.lists(st.lists(st.integers(3, 7), max_size=12), min_size=1, max_size=12)


@given(corpora, st.integers(1, 8), st.sampled_from([8, 40, 600]), st.booleans(), st.integers(1, 5))
def test_any_corpus_in_any_memory(tmp_path_factory, lines, order, vocabulary, spills, times):
    lines, folder = lines * times, tmp_path_factory.mktemp("counts")
    blocks = [block_of(lines[: len(lines) // 2]), block_of(lines[len(lines) // 2 :])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "LEAST_MEMORY", 0)
        patch.setattr(runs, "_FAN_IN", 3)
        memory = 32 * vocabulary if spills else MEMORY
        counts = count_ngrams(
            blocks, order=order, vocabulary=vocabulary, memory=memory, folder=folder
        )
    assert as_dict(counts) == ngrams(lines, order)
    same(counts, count(lines, order=order, vocabulary=vocabulary))


@pytest.mark.parametrize(("order", "vocabulary"), [(2, 5_000), (5, 5_000), (8, 163_000)])
def test_spilling_equals_not_spilling(tmp_path, least, order, vocabulary):
    """Rows of one, two and three words; ten runs or more, merged three at a time."""
    random = np.random.default_rng(order)
    ids = (4 + random.pareto(0.5, size=400_000) % (vocabulary - 4)).astype(np.uint32)
    ids[random.random(len(ids)) < 0.05] = 2
    ids[-1] = 2
    options = {"order": order, "vocabulary": vocabulary, "folder": tmp_path}
    whole = count_ngrams([ids], memory=2**28, **options)
    assert list(tmp_path.iterdir()) == []
    spilled = count_ngrams([ids], memory=32 * vocabulary, **options)
    same(spilled, whole)
    [folder] = tmp_path.iterdir()
    assert all("run" not in path.name for path in folder.iterdir())  # only the levels are left


def test_levels_that_do_not_fit_beside_the_rows_go_to_files(tmp_path, least):
    ids = np.append(np.random.default_rng(0).integers(4, 600, 700), 2).astype(np.uint32)
    memory = 40_000  # of which the 702 rows may take 35,000, and the levels of 700 x 7 n-grams more
    options = {"order": 8, "vocabulary": 600}
    counts = count_ngrams([ids], memory=memory, folder=tmp_path, **options)
    [folder] = tmp_path.iterdir()
    assert (folder / "8-words.uint32").stat().st_size == 4 * counts.levels.sizes[7]
    same(counts, count([ids[:-1].tolist()], **options))


@pytest.mark.parametrize("lines", [[[4]], [[]], [[], []], [[4, 5], [4]]])
def test_an_order_longer_than_any_line(tmp_path, lines):
    counts = count_ngrams([block_of(lines)], order=8, vocabulary=6, memory=MEMORY, folder=tmp_path)
    assert as_dict(counts) == ngrams(lines, 8)
    assert counts.levels.sizes[-1] == 0 and len(counts.levels.starts[-1]) > 0


def test_refused(tmp_path):
    def refused(error: type[Exception], blocks: list, **changed: int) -> str:
        options = {"order": 2, "vocabulary": 9, "memory": MEMORY, **changed}
        with pytest.raises(error) as caught:
            count_ngrams(iter(blocks), folder=tmp_path, **options)
        return str(caught.value)

    line = np.array([4, 2], dtype=np.uint32)
    assert refused(ConfigError, [line], order=0) == "order 0: choose from 1 to 8"
    assert refused(ConfigError, [line], order=9) == "order 9: choose from 1 to 8"
    assert "needs 16777216 or more (16M)" in refused(ConfigError, [line], memory=MEMORY - 1)
    assert "needs 32000000 or more (31M)" in refused(ConfigError, [line], vocabulary=10**6)
    assert refused(DataError, []) == "no text to count: the corpus has no lines"
    assert refused(DataError, [line[:0]]) == "no text to count: the corpus has no lines"
    assert "ids from 2 to 4: expected 2 to 3" in refused(DataError, [line], vocabulary=4)
    assert "ids from 1 to 2" in refused(DataError, [np.array([1, 2], dtype=np.uint32)])
    assert "ends with id 4" in refused(DataError, [line, line[:1]])


def test_more_tokens_than_can_be_counted(tmp_path, monkeypatch):
    monkeypatch.setattr("seqkit.ngram.counting._MOST", 5)
    block = np.array([4, 2], dtype=np.uint32)
    options = {"order": 2, "vocabulary": 5, "memory": MEMORY, "folder": tmp_path}
    assert count_ngrams([block], **options).tokens == 2
    with pytest.raises(DataError, match="more than 5 tokens"):
        count_ngrams([block, block], **options)


def test_more_ngrams_than_can_be_numbered(tmp_path, least, monkeypatch):
    monkeypatch.setattr("seqkit.ngram.growing._MOST", 300)
    block = np.append(np.random.default_rng(0).integers(4, 40, 400), 2).astype(np.uint32)
    for memory in (32 * 40, MEMORY):
        with pytest.raises(DataError, match="more than 300 n-grams of order 2"):
            count_ngrams([block], order=2, vocabulary=40, memory=memory, folder=tmp_path)
        assert list(tmp_path.iterdir()) == []


def blocks_of_much(after: BaseException | None = None) -> Iterator[np.ndarray]:
    random = np.random.default_rng(0)
    for _ in range(100):
        yield np.append(random.integers(4, 500, 1_000), 2).astype(np.uint32)
    if after:
        raise after


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("writes", [0, 1, 7, 130])
def test_a_disk_that_fills(tmp_path, least, monkeypatch, code, writes):
    """While runs are written first, while they are merged then."""
    write, left = scratch._write, [writes]

    def write_or_fail(handle, array):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(code, "no")
        write(handle, array)

    monkeypatch.setattr(scratch, "_write", write_or_fail)
    with pytest.raises(DataError) as caught:
        count_ngrams(blocks_of_much(), order=3, vocabulary=500, memory=200_000, folder=tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}: the disk is full (")
    assert "MB of temporary files so far" in str(caught.value)
    assert "\n" not in str(caught.value) and "--tmp" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_limit_of_the_system(tmp_path, least):
    """Not even the file that was being written stays."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))  # Python ignores its signal
    try:
        with pytest.raises(DataError, match=r"the disk is full \(File too large\)"):
            count_ngrams(blocks_of_much(), order=3, vocabulary=500, memory=200_000, folder=tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


def test_whoever_stops_leaves_nothing(tmp_path, least):
    with pytest.raises(KeyboardInterrupt):
        count_ngrams(
            blocks_of_much(KeyboardInterrupt()),
            order=3,
            vocabulary=500,
            memory=200_000,
            folder=tmp_path,
        )
    assert list(tmp_path.iterdir()) == []


def test_another_fault_of_the_disk_keeps_its_name(tmp_path, least):
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        count_ngrams(
            blocks_of_much(), order=3, vocabulary=500, memory=200_000, folder=tmp_path / "file"
        )


MEASURE = """
import resource, sys, numpy as np
from pathlib import Path
from seqkit.ngram.counting import count_ngrams

def blocks(number):
    random = np.random.default_rng(0)
    for _ in range(number):
        ids = (4 + random.pareto(0.3, size=100_000) % 100_000).astype(np.uint32)
        ids[::20] = 2
        ids[-1] = 2
        yield ids

order, memory = int(sys.argv[1]), int(sys.argv[2])
options = dict(order=order, vocabulary=100_004, memory=memory, folder=Path(sys.argv[3]))
count_ngrams(blocks(1), **options)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count_ngrams(blocks(60), **options)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("order", [2, 5, 8])
def test_memory_is_bounded(tmp_path: Path, order):
    """Of 6 million tokens; the first call has paid for the compiled loops."""
    memory = 40 * 2**20
    command = [sys.executable, "-c", MEASURE, str(order), str(memory), str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert int(done.stdout) < memory
    assert list(tmp_path.rglob("*.uint32"))  # it did not fit
