"""Splits: exact to a group, no content in two, the same on every run."""

import json
import tracemalloc
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.data import (
    FRACTIONS,
    LabeledText,
    assign,
    content_key,
    holdout,
    kfold,
    read_labeled,
    split_labeled,
    write_splits,
)
from seqkit.errors import ConfigError, DataError


def records(pairs) -> list[LabeledText]:
    return [LabeledText(text, label, "a.tsv", line) for line, (text, label) in enumerate(pairs, 1)]


group_numbers = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 3)), min_size=1, max_size=200)
shares = st.sampled_from([(0.8, 0.1, 0.1), (0.5, 0.5), (0.9, 0.1), (0.25,) * 4])


@given(group_numbers, shares, st.integers())
def test_a_stratum_is_split_to_within_its_largest_group(pairs, fractions, seed):
    groups = np.array([group for group, _ in pairs], dtype=np.uint64)
    strata = np.array([group % 4 for group, _ in pairs])
    splits = assign(groups, strata, fractions, seed=seed)
    assert splits.dtype == np.uint8
    for stratum in set(strata.tolist()):
        inside = strata == stratum
        largest = max(Counter(groups[inside].tolist()).values())
        for number, share in enumerate(fractions):
            asked = share * inside.sum()
            assert abs((splits[inside] == number).sum() - asked) <= largest + 1e-9
        if fractions[0] > 0.5:
            assert 0 in splits[inside]  # a label of one record is trained on
    for group in set(groups.tolist()):
        assert len(set(splits[groups == group].tolist())) == 1


@given(group_numbers, shares, st.integers(0, 99))
def test_a_mixed_group_belongs_to_the_label_of_most(pairs, fractions, seed):
    groups = np.array([group for group, _ in pairs], dtype=np.uint64)
    strata = np.array([stratum for _, stratum in pairs])
    of_group = defaultdict(Counter)
    for group, stratum in pairs:
        of_group[group][stratum] += 1
    named = {g: min(c, key=lambda stratum: (-c[stratum], stratum)) for g, c in of_group.items()}
    pure = np.array([named[group] for group, _ in pairs])
    assert np.array_equal(
        assign(groups, strata, fractions, seed=seed), assign(groups, pure, fractions, seed=seed)
    )


def test_many_small_classes_fill_every_split():
    groups = np.arange(5_000, dtype=np.uint64)
    splits = assign(groups, np.repeat(np.arange(1_000), 5), (0.8, 0.1, 0.1), seed=3)
    assert np.abs(np.bincount(splits) - [4_000, 500, 500]).max() <= 10


texts = st.sampled_from(
    [f"{word}{mark}" for word in ("one", "two", "three", "four", "five") for mark in ("", "!", " ")]
)


@given(st.lists(st.tuples(texts, st.sampled_from("ab")), min_size=40, max_size=60))
def test_no_content_in_two_splits(pairs):
    data = records(pairs)
    fractions = {"train": 0.5, "test": 0.5}
    try:
        splits = split_labeled(lambda: data, fractions=fractions, seed=1)
    except DataError as error:
        assert "would be empty" in str(error)
        return
    parts = [
        {content_key(r.text) for r, s in zip(data, splits, strict=True) if s == n} for n in (0, 1)
    ]
    assert not parts[0] & parts[1]


def spam() -> list[LabeledText]:
    return list(read_labeled("bundled:spam"))


def test_real_messages_are_split_exactly_and_by_content():
    data = spam()
    splits = split_labeled(lambda: data, seed=7)
    assert np.abs(np.bincount(splits) - [4459.2, 557.4, 557.4]).max() < 4
    keys = np.array([content_key(record.text) for record in data], dtype=np.uint64)
    parts = [set(keys[splits == number].tolist()) for number in range(3)]
    assert not (parts[0] & parts[1] or parts[0] & parts[2] or parts[1] & parts[2])
    spams = Counter(int(s) for r, s in zip(data, splits, strict=True) if r.label == "spam")
    assert max(abs(spams[n] - 747 * share) for n, share in enumerate((0.8, 0.1, 0.1))) <= 4


def scattered(value: int) -> int:
    """SplitMix64's step and finaliser, on Python's integers."""
    value = (value + 0x9E3779B97F4A7C15) % 2**64
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    value = (value ^ value >> 27) * 0x94D049BB133111EB % 2**64
    return value ^ value >> 31


def reference(data: list[LabeledText], shares: list[float], seed: int) -> list[int]:
    """The method of the module's docstring, group by group, for texts of one label each."""
    groups = defaultdict(list)
    for position, record in enumerate(data):
        groups[record.label, content_key(record.text)].append(position)
    splits = [-1] * len(data)
    for turn, label in enumerate(sorted({record.label for record in data})):
        keys = [key for name, key in groups if name == label]
        total = sum(len(groups[label, key]) for key in keys)
        done = 0
        for key in sorted(keys, key=lambda key: scattered(key ^ scattered(seed))):
            members = groups[label, key]
            middle = ((done + len(members) / 2) / total + turn * (5**0.5 - 1) / 2) % 1
            done += len(members)
            for position in members:
                splits[position] = sum(sum(shares[: n + 1]) <= middle for n in range(len(shares)))
    return splits


def test_a_plain_implementation_agrees():
    data = spam()[:1_000]
    labels = defaultdict(set)
    for record in data:
        labels[content_key(record.text)].add(record.label)
    data = [record for record in data if len(labels[content_key(record.text)]) == 1]
    splits = split_labeled(lambda: data, seed=7)
    assert splits.tolist() == reference(data, [0.8, 0.1, 0.1], 7)


def test_the_order_of_the_records_does_not_matter_and_the_seed_does():
    data = spam()[:1_000]
    splits = split_labeled(lambda: data, seed=7)
    assert np.array_equal(split_labeled(lambda: data[::-1], seed=7)[::-1], splits)
    assert not np.array_equal(split_labeled(lambda: data, seed=8), splits)


def test_splitting_holds_a_few_bytes_a_record(tmp_path):
    path = tmp_path / "a.jsonl"
    with path.open("w", encoding="utf-8") as out:
        for number in range(4_000):  # 8 MB
            out.write(json.dumps({"label": "ab"[number % 2], "text": f"{number} " + "word" * 500}))
            out.write("\n")
    tracemalloc.start()
    splits = split_labeled(lambda: read_labeled(str(path)), seed=1)
    paths = write_splits(
        lambda: read_labeled(str(path)), splits, names=list(FRACTIONS), out=tmp_path / "out"
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_500_000
    assert sum(path.stat().st_size for path in paths.values()) > 7_000_000


def test_near_duplicates_stay_together():
    words = [f"word{number}" for number in range(15)]
    pairs = []
    for number in range(40):
        unlike = [f"{word}{number}" for word in words]
        pairs += [(" ".join(unlike), "a"), (" ".join([*unlike[:-1], "sleeps"]), "a")]
    data = records(pairs)
    splits = split_labeled(lambda: data, seed=1, near=True)
    assert np.array_equal(splits[0::2], splits[1::2])
    assert not np.array_equal(*np.split(split_labeled(lambda: data, seed=1).reshape(-1, 2), 2, 1))


def test_splitting_by_position():
    data = records([("same", "a")] * 100)
    splits = split_labeled(lambda: data, seed=1, by_content=False)
    assert np.bincount(splits).tolist() == [80, 10, 10]
    with pytest.raises(DataError) as caught:
        split_labeled(lambda: data, seed=1)
    assert str(caught.value) == (
        "the split 'valid' (0.1) would be empty: 100 records, 1 of them distinct: "
        "give more records or a larger share"
    )


def test_holdout():
    data = spam()
    kept, held = holdout(data, fraction=0.25, seed=1)
    assert sorted([*kept, *held], key=lambda record: record.line) == data
    assert abs(len(held) - len(data) / 4) < 8
    assert [record.line for record in kept] == sorted(record.line for record in kept)
    with pytest.raises(ConfigError, match=r"^fractions train=-1, held-out=2: each must lie"):
        holdout(data, fraction=2.0, seed=1)
    with pytest.raises(DataError, match=r"^no records to split$"):
        holdout([], fraction=0.1, seed=1)


def test_kfold_tests_each_record_once():
    data = spam()[:500]
    folds = list(kfold(data, folds=5, seed=1))
    assert sorted(np.concatenate([test for _, test in folds]).tolist()) == list(range(500))
    for train, test in folds:
        assert sorted([*train.tolist(), *test.tolist()]) == list(range(500))
        assert abs(len(test) - 100) <= 8
    with pytest.raises(ConfigError, match=r"^folds 1: choose a number from 2 to 255$"):
        kfold(data, folds=1, seed=1)


@pytest.mark.parametrize(
    "options, message",
    [
        (
            {"fractions": {"train": 0.8, "test": 0.3}},
            "fractions train=0.8, test=0.3: they sum to 1.1 and must sum to 1",
        ),
        ({"fractions": {"train": 1.0}}, "fractions train=1: name 2 to 255 splits"),
        (
            {"fractions": {"train": 1.0, "test": 0.0}},
            "fractions train=1, test=0: each must lie between 0 and 1",
        ),
        (
            {"near": True, "by_content": False},
            "near=True with by_content=False: near-duplicates include duplicates",
        ),
        (
            {"complete": "trian"},
            "complete 'trian': choose from test, train, valid (did you mean 'train'?)",
        ),
    ],
)
def test_options_fail_at_the_door(options, message):
    with pytest.raises(ConfigError) as caught:
        split_labeled(spam, seed=1, **options)
    assert str(caught.value) == message


tricky = st.text(st.characters(exclude_categories=[]), max_size=20)


@given(st.lists(st.tuples(tricky, st.sampled_from("ab")), min_size=1, max_size=20), st.data())
def test_written_splits_hold_the_records(tmp_path_factory, pairs, draw):
    data = records(pairs)
    splits = np.array([draw.draw(st.integers(0, 1)) for _ in data], dtype=np.uint8)
    out = tmp_path_factory.mktemp("out")
    paths = write_splits(lambda: data, splits, names=["train", "test"], out=out)
    for number, path in enumerate(paths.values()):
        wanted = [(r.label, r.text) for r, s in zip(data, splits, strict=True) if s == number]
        if wanted:
            assert [(r.label, r.text) for r in read_labeled(str(path))] == wanted


def test_written_tsv(tmp_path):
    data = spam()
    splits = split_labeled(lambda: data, seed=1)
    paths = write_splits(lambda: data, splits, names=list(FRACTIONS), out=tmp_path, format="tsv")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "test.tsv",
        "train.tsv",
        "valid.tsv",
    ]
    read = [record for path in paths.values() for record in read_labeled(str(path))]
    assert Counter(record[:2] for record in read) == Counter(record[:2] for record in data)


@pytest.mark.parametrize("text", ["a\tb", "a\nb", "a\rb", "a\0b", "\ud800"])
def test_what_tsv_cannot_hold_leaves_nothing_behind(tmp_path, text):
    data = records([("fine", "a"), (text, "b")])
    splits = np.array([0, 1], dtype=np.uint8)
    with pytest.raises(DataError) as caught:
        write_splits(lambda: data, splits, names=["train", "test"], out=tmp_path, format="tsv")
    assert str(caught.value) == (
        "a.tsv:2: TSV cannot hold this text (a tab, a line break, NUL or half a surrogate pair): "
        "write jsonl"
    )
    assert list(tmp_path.iterdir()) == []


def test_data_that_changed_between_the_passes(tmp_path):
    data = records([("one", "a"), ("two", "b")])
    splits = np.array([0, 1, 0], dtype=np.uint8)
    with pytest.raises(
        DataError, match="first pass read 3 records, the second 2: the data changed"
    ):
        write_splits(lambda: data, splits, names=["train", "test"], out=tmp_path)
    with pytest.raises(DataError, match="first pass read 1 records, the second more: the data"):
        write_splits(lambda: data, splits[:1], names=["train", "test"], out=tmp_path)
    with pytest.raises(ConfigError, match="format 'csv': choose from jsonl, tsv"):
        write_splits(lambda: data, splits, names=["train", "test"], out=tmp_path, format="csv")
    assert list(tmp_path.iterdir()) == []
