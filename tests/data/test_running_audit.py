"""The audit of running text, against faults counted by hand and a plain set of texts."""

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.data import (
    LONG_LINE,
    audit_text,
    content_key,
    content_text,
    running_audit,
    running_distinct,
)
from seqkit.data.running_distinct import DistinctKeys

LONG = "it is a truth universally acknowledged, that"
OTHER = "a single man in possession of a good fortune"
TRAIN = [LONG, "", "Exit.", "Exit.", OTHER + "!", "   "]
VALID = ["Exit.", LONG.upper(), OTHER, "must be in want of a wife, however little", "caf\ufffd"]
TEST = ["must be  in want of a wife -- however little"]


def test_counts_by_hand():
    train, valid, test = audit_text({"train": TRAIN, "valid": VALID, "test": TEST}).splits
    assert (train.lines, train.empty, train.distinct, train.long) == (6, 2, 3, 2)
    assert train.characters == len("\n".join(TRAIN)) + 1 and train.longest == len(OTHER) + 1
    assert (valid.empty, valid.distinct, valid.long, valid.undecodable) == (0, 5, 3, 1)
    assert (test.lines, test.long) == (1, 1)


def test_leaks_by_hand():
    found = audit_text({"train": TRAIN, "valid": VALID, "test": TEST})
    assert [(x.split, x.against, x.lines, x.share) for x in found.leaks] == [
        ("valid", "train", 2, 2 / 3),  # "Exit." is too short to count
        ("test", "train", 0, 0.0),
        ("test", "valid", 1, 1.0),
    ]
    assert found.leaks[0].examples == ((2, LONG.upper()), (3, OTHER))
    assert found.warnings() == [
        "2 of 3 valid lines of 40 characters or more (66.7%) stand in train too: figures on valid "
        "flatter the model; leave them out of one of the two",
        "1 of 1 test lines of 40 characters or more (100.0%) stand in valid too: figures on test "
        "flatter the model; leave them out of one of the two",
        "1 of 5 valid lines hold U+FFFD, the mark of bytes that were not UTF-8",
    ]
    lines = found.lines()
    assert "| train | 6 | 108 | 2 | 3 | 2 | 45 | 0 |" in lines
    assert "- 0 of 1 test lines of 40 characters or more stand in train too." in lines
    assert f"    - line 3 of valid: {OTHER!r}" in lines and all("\n" not in each for each in lines)
    assert json.loads(json.dumps(found.to_dict()))["leaks"][0]["lines"] == 2


def test_a_few_repeats_are_shown_and_not_warned_of():
    valid = [f"{number:>{LONG_LINE}}" + "x" * LONG_LINE for number in range(99)]
    found = audit_text({"train": [LONG], "valid": [*valid, LONG]})
    assert found.leaks[0].share == 0.01 and found.warnings() == []


def test_empty_splits():
    found = audit_text({"train": [""], "valid": []})
    assert found.splits[0].distinct == 0 and found.leaks[0].share == 0.0


def test_nothing_is_kept_of_what_is_trained_on(monkeypatch):
    """Four times the lines, no more memory; what repeats is found all the same."""
    monkeypatch.setattr(running_distinct, "_KEPT", 1000)
    valid = [f"{LONG} {number}" for number in range(500)]

    def audited(lines):
        tracemalloc.start()
        train = (f"{number} {LONG}" if number % 100 else valid[3] for number in range(lines))
        leak = audit_text({"train": train, "valid": valid}).leaks[0]
        assert (leak.lines, leak.examples) == (1, ((4, valid[3]),))
        return tracemalloc.get_traced_memory()[1]

    audit_text({"train": TRAIN, "valid": VALID})  # its tables are there
    try:
        few, many = audited(5_000), audited(20_000)
    finally:
        tracemalloc.stop()
    assert many < few + 16_384


@pytest.mark.parametrize("count", [0, 1, 50, 99, 100, 3_000, 200_000])
def test_distinct_keys_are_counted_and_many_are_estimated(monkeypatch, count):
    monkeypatch.setattr(running_distinct, "_KEPT", 100 if count < 200_000 else 10_000)
    keys = DistinctKeys()
    for number in range(count):
        for _ in range(1 + number % 2):
            keys.add(content_key(str(number)))
    kept = running_distinct._KEPT
    assert keys.count() == (count if count < kept else pytest.approx(count, rel=4 / kept**0.5))
    assert keys.count() == keys.count() and len(keys._smallest) <= kept


texts = st.lists(st.sampled_from([f"{'so and ' * 6}{c}" for c in "abcdefgh"] + ["", "a", "b"]))


@pytest.mark.parametrize("chunk", [1, 3, 4096])
@given(train=texts, valid=texts)
def test_the_same_as_a_set_of_texts(chunk, train, valid):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running_audit, "_CHUNK", chunk)
        found = audit_text({"train": train, "valid": valid})
    known = {content_text(text) for text in train if text}
    leaked = [(n, t) for n, t in enumerate(valid, 1) if len(t) > 40 and content_text(t) in known]
    assert found.splits[0].distinct == len(known)
    assert found.leaks[0].lines == len(leaked)
    assert list(found.leaks[0].examples) == leaked[:5]
