"""Texts and options at the edges of what can be estimated."""

import json
import logging
import math
import re

import numpy as np
import pytest
from counted import EOS, UNK, BackOff, block_of, count, listed

from seqkit import threads
from seqkit.errors import ConfigError, DataError
from seqkit.ngram import chunks
from seqkit.ngram.estimate import SMOOTHING_METHODS, SmoothingConfig, estimate, unused_smoothing
from seqkit.ngram.levels import Levels, NgramCounts

every_method = pytest.mark.parametrize("method", SMOOTHING_METHODS)


def estimated(lines, method, *, order, vocabulary=8, **options):
    counts = count(lines, order=order, vocabulary=vocabulary)
    config = SmoothingConfig(method=method, **options)
    return estimate(counts, config, heldout=lambda: [block_of([[4]])])


@every_method
def test_one_line_shorter_than_the_order(method):
    found = estimated([[4]], method, order=6)
    assert found.table.levels.sizes == [8, 2, 1, 0, 0, 0]
    assert "No line is long enough for 4-grams: the model is one of order 3." in found.notes
    assert BackOff(found.table).prob((1,), 4) > 0.2
    json.dumps(found.facts, allow_nan=False)


@every_method
def test_lines_without_words(method):
    found = estimated([[], []], method, order=3)
    assert BackOff(found.table).prob((1,), EOS) == max(
        BackOff(found.table).prob((1,), word) for word in range(8)
    )


@every_method
def test_order_one(method):
    found = estimated([[4, 4, 5]], method, order=1)
    table = BackOff(found.table)
    assert found.table.backoffs == []
    assert table.prob((), 4) > table.prob((), 5) > 0
    assert table.prob((), 7) == table.prob((), UNK)
    assert (table.prob((), UNK) > 0) == (method not in ("mle", "stupid-backoff"))


def test_unk_with_a_count_is_a_word_like_others():
    table = BackOff(estimated([[4, UNK], [UNK]], "modified-kneser-ney", order=2).table)
    swapped = BackOff(estimated([[UNK, 4], [4]], "modified-kneser-ney", order=2).table)
    assert table.prob((), UNK) == swapped.prob((), 4)
    assert table.prob((UNK,), EOS) == swapped.prob((4,), EOS)


def test_discounts_that_cannot_be_estimated_are_told(caplog):
    with caplog.at_level(logging.WARNING):
        found = estimated([[4, 5]], "modified-kneser-ney", order=2, fallback=(0.25, 1, 1.5))
    assert found.notes[0] == (
        "The discounts of the 1-grams cannot be estimated (none has a count of 2; the text is "
        "small or not natural): 0.25 1 1.5 stand in for them."
    )
    assert [record.getMessage() for record in caplog.records] == found.notes
    assert found.facts["discounts"] == [[0.25, 1, 1.5]] * 2


def test_no_text_at_all():
    with pytest.raises(DataError, match="no text was counted"):
        estimated([], "mle", order=2)


def test_jelinek_mercer_wants_other_text():
    counts = count([[4]], order=2, vocabulary=8)
    config = SmoothingConfig(method="jelinek-mercer")
    with pytest.raises(ConfigError, match="fitted on held-out text, and there is none: give"):
        estimate(counts, config)
    with pytest.raises(DataError, match="the held-out text is empty"):
        estimate(counts, config, heldout=lambda: [])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "kneser"}, "smoothing.method 'kneser': choose from absolute, add-k"),
        ({"k": 0.0}, "smoothing.k 0.0: must be more than 0, and finite"),
        ({"k": math.nan}, "smoothing.k nan: must be more than 0, and finite"),
        ({"alpha": 1.5}, "smoothing.alpha 1.5: must lie in (0, 1]"),
        ({"fallback": (0.5, 3.0, 1.0)}, "smoothing.fallback 0.5 3 1: three discounts"),
        ({"fallback": (0.5, 1.0)}, "smoothing.fallback 0.5 1: three discounts"),
        ({"prune": (1, 2)}, "smoothing.prune 1 2: must begin with 0 and never fall"),
        ({"prune": (0, 2, 1)}, "smoothing.prune 0 2 1: must begin with 0 and never fall"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ConfigError, match="^" + re.escape(message)):
        SmoothingConfig(**options)


def test_more_pruning_than_orders():
    with pytest.raises(ConfigError, match=r"smoothing.prune 0 1 1: 3 counts for order 2: give 2"):
        estimated([[4]], "mle", order=2, prune=(0, 1, 1))


def test_options_without_effect():
    assert dict(unused_smoothing(SmoothingConfig(method="add-k"))).keys() == {
        "smoothing.alpha",
        "smoothing.fallback",
    }
    assert dict(unused_smoothing(SmoothingConfig())) == {
        "smoothing.k": "without --smoothing.method add-k",
        "smoothing.alpha": "without --smoothing.method stupid-backoff",
    }


def random_lines(seed=0):
    rng = np.random.default_rng(seed)
    return [(rng.zipf(1.5, size=9) % 40 + 4).tolist() for _ in range(400)]


def same(one, other):
    pairs = [(one.levels.words, other.levels.words), (one.levels.starts, other.levels.starts)]
    pairs += [(one.log_probs, other.log_probs), (one.backoffs, other.backoffs)]
    for left, right in pairs:
        for a, b in zip(left, right, strict=True):
            assert a.dtype == b.dtype and np.array_equal(a, b)


@every_method
def test_threads_and_mapped_counts_change_nothing(method, tmp_path, monkeypatch):
    counts = count(random_lines(), order=4, vocabulary=44)
    config = SmoothingConfig(method=method, prune=(0, 0, 1))
    heldout = [block_of(random_lines(1)[:20])]
    alone = estimate(counts, config, heldout=lambda: heldout)

    def mapped(arrays, name):
        for number, array in enumerate(arrays):
            np.save(tmp_path / f"{name}{number}.npy", array)
            yield np.load(tmp_path / f"{name}{number}.npy", mmap_mode="r")

    levels = Levels([*mapped(counts.levels.words, "w")], [*mapped(counts.levels.starts, "s")])
    on_disk = NgramCounts(levels, [*mapped(counts.counts, "c")])
    monkeypatch.setattr(chunks, "_SMALL", 0)
    for module in (chunks, threads):
        monkeypatch.setattr(module, "thread_count", lambda: 3)
    same(alone.table, estimate(on_disk, config, heldout=lambda: heldout).table)


def test_pruning_drops_what_is_rare_with_all_that_contains_it():
    counts = count(random_lines(), order=3, vocabulary=44)
    found = estimate(counts, SmoothingConfig(prune=(0, 1, 2)))
    kept = [
        {gram for gram, times in zip(level, own, strict=True) if times > limit or len(gram) == 1}
        for level, own, limit in zip(listed(counts.levels), counts.counts, (0, 1, 2), strict=True)
    ]
    levels = found.table.levels
    assert [{*level} for level in listed(levels)] == kept
    assert [int(starts[-1]) for starts in levels.starts] == levels.sizes[1:]
    dropped = [old - new for old, new in zip(counts.levels.sizes, levels.sizes, strict=True)]
    assert found.facts["pruned"] == dropped and dropped[1] and dropped[2]
