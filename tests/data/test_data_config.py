"""The splits that a recipe asks for: what is refused, what is moved, what is warned of."""

import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.data import LabeledDataConfig, LabeledText, config, content_key, load_labeled
from seqkit.errors import ConfigError, DataError


def write(path: Path, pairs) -> str:
    path.write_text("".join(f"{label}\t{text}\n" for label, text in pairs))
    return str(path)


def load(path: str, *, seed: int = 1, **options):
    return load_labeled(LabeledDataConfig(train=path, **options), seed=seed)


def test_swapped_columns(tmp_path):
    pairs = [(f"text {n % 118}", "ham" if n % 3 else "spam") for n in range(120)]
    path = write(tmp_path / "a.tsv", pairs)
    for others in ({}, {"valid": path, "test": path}):
        with pytest.raises(DataError) as caught:
            load(path, **others)
        assert str(caught.value) == (
            "train: 118 labels, 2 texts: are the columns swapped? headerless TSV is label<TAB>text"
        )
    load(write(tmp_path / "b.tsv", [(label, text) for text, label in pairs]))
    one = write(tmp_path / "c.tsv", [(f"text {n}", "ham") for n in range(20)])
    with pytest.raises(DataError, match=r"^train: 20 labels, 1 text: are the columns swapped\?"):
        load(one)


def test_many_labels_are_not_swapped_columns(tmp_path):
    path = write(tmp_path / "a.tsv", [(f"label {n}", f"text {n}") for n in range(40)])
    assert len(load(path, valid=path, test=path).labels) == 40


def lone(seed: int = 0) -> list[tuple[str, str]]:
    """Two labels of twenty, and a third whose one text stands elsewhere under another label."""
    return [(f"{'ab'[n % 2]}", f"text {n}") for n in range(40)] + [("c", f"Text {seed % 40}!")]


@pytest.mark.parametrize("by_content", [True, False])
@pytest.mark.parametrize("shares", [(0.1, 0.2), (0.3, 0.4)])
def test_train_has_every_label_whatever_the_seed(tmp_path, shares, by_content, caplog):
    caplog.set_level(logging.INFO, logger="seqkit")
    options = {"valid_share": shares[0], "test_share": shares[1], "by_content": by_content}
    path = write(tmp_path / "a.tsv", lone())
    for seed in range(60):
        splits = load(path, seed=seed, **options)
        assert splits.labels == ("a", "b", "c")
        assert {record.label for record in splits.train} == {"a", "b", "c"}
        lines = sorted(record.line for records in splits.named().values() for record in records)
        assert lines == list(range(1, 42))
        if by_content:
            keys = [{content_key(r.text) for r in s} for s in splits.named().values()]
            assert sum(map(len, keys)) == len(set.union(*keys))
    moved = set(caplog.messages)
    if by_content:  # "Text 0!" goes with "text 0"
        expected = "train lacked 1 of the 3 labels after the cut: 2 records moved into it"
        assert expected in moved
    assert all(message.startswith("train lacked 1 of the 3 labels") for message in moved)


pairs = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 30)), min_size=6, max_size=60)
shares = st.sampled_from([(0.1, 0.2), (0.25, 0.25), (0.3, 0.5)])


@given(pairs, shares, st.integers(0, 2**32), st.booleans(), st.booleans())
def test_a_cut_leaves_no_label_out_of_train(pairs, shares, seed, by_content, near):
    data = [LabeledText(f"text {n}", label, "a", at) for at, (label, n) in enumerate(pairs, 1)]
    options = {"valid_share": shares[0], "test_share": shares[1]}
    options |= {"by_content": by_content, "near": near}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(config, "_read", lambda *args: data)
        try:
            splits = load("a", seed=seed, **options)
        except DataError as error:
            assert "would be empty" in str(error) or "two labels" in str(error)
            return
    assert {record.label for record in splits.train} == {record.label for record in data}
    parts = [{record.line for record in records} for records in splits.named().values()]
    assert sum(map(len, parts)) == len(set.union(*parts)) == len(data)
    if by_content:
        keys = [{content_key(r.text) for r in records} for records in splits.named().values()]
        assert sum(map(len, keys)) == len(set.union(*keys))


@pytest.mark.parametrize(
    ("path", "option"),
    [
        ("hf:imdb", "hf:imdb:test"),
        ("hf:imdb:train", "hf:imdb:test"),
        ("hf:imdb/plain_text:train[:10%]", "hf:imdb/plain_text:test"),
        ("hf:sst2", "hf:sst2:validation"),  # the labels of its test are hidden
        ("hf:imdb:test", None),
        ("hf:sms_spam", None),
        ("hf:someone/imdb", None),
        ("hf:imdb/a/b", None),
        ("imdb", None),
        ("bundled:spam", None),
    ],
)
def test_an_official_test_split_is_named(monkeypatch, caplog, path, option):
    data = [LabeledText(f"text {n}", "ab"[n % 2], "a", n) for n in range(40)]
    monkeypatch.setattr(config, "_read", lambda *args: data)
    load(path)
    expected = (
        f"{path}: test is cut from train, and the set has an official one: for figures to set "
        f"beside published ones, --data.test {option}"
    )
    assert caplog.messages == ([expected] if option else [])
    caplog.clear()
    load(path, test="hf:imdb:test")
    assert caplog.messages == []


def test_shares_that_leave_nothing(tmp_path):
    path = write(tmp_path / "a.tsv", lone())
    with pytest.raises(ConfigError, match=r"^--data\.valid-share 0: a share lies between 0 and 1$"):
        load(path, valid_share=0)
    with pytest.raises(ConfigError, match=r"leave nothing to train on$"):
        load(path, valid_share=0.5, test_share=0.5)
