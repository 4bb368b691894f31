"""Running text in splits: what is cut, what is official, what is read and what is refused."""

import gzip
import hashlib
import json
import logging
import os
from itertools import chain, pairwise
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from seqkit.data import TextDataConfig, cut_blocks, load_split, load_text, read_text, text_lines
from seqkit.errors import ConfigError, DataError


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(name: str, content: str) -> str:
    Path(name).write_bytes(content.encode())
    return name


def numbered(count: int) -> str:
    return "".join(f"line {number}\n" for number in range(count))


def load(train: str, *, seed: int = 1, **options):
    return load_text(TextDataConfig(train=train, **options), seed=seed)


def fault(*args, **options) -> str:
    with pytest.raises((DataError, ConfigError)) as caught:
        load(*args, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


shares = st.sampled_from([0.01, 0.05, 0.1, 0.25, 0.3, 0.45]) | st.floats(0.02, 0.9)


@given(st.integers(1, 3000), shares, shares, st.integers(0, 2**64))
def test_a_cut_gives_each_line_to_one_split(lines, valid, test, seed):
    assume(valid + test < 0.98)
    wanted = {"valid": valid, "test": test}
    smallest = min(valid, test, 1 - valid - test)
    try:
        parts = cut_blocks(lines, wanted, seed=seed)
    except DataError as error:
        assert "too few to cut valid and test from" in str(error) and lines <= 1 / smallest
        return
    assert list(parts) == ["train", "valid", "test"]
    ranges = sorted(piece for pieces in parts.values() for piece in pieces)
    assert [start for start, _ in ranges] == [0, *[stop for _, stop in ranges[:-1]]]
    assert ranges[-1][1] == lines and all(start < stop for start, stop in ranges)
    for name, pieces in parts.items():
        assert pieces == sorted(pieces) and pieces
        assert all(a[1] < b[0] for a, b in pairwise(pieces))  # none touch
        got = sum(stop - start for start, stop in pieces)
        if name != "train":  # within a block and the rounding of its ends
            assert abs(got - wanted[name] * lines) <= 1 + max(lines / 100, 10, smallest * lines)


def test_the_cut_of_a_hundred_blocks_is_exact():
    parts = cut_blocks(10_000, {"valid": 0.05, "test": 0.1}, seed=3)
    sizes = {name: sum(b - a for a, b in pieces) for name, pieces in parts.items()}
    assert sizes == {"train": 8_500, "valid": 500, "test": 1_000}
    assert all(start % 100 == 0 for pieces in parts.values() for start, _ in pieces)
    other = cut_blocks(10_000, {"valid": 0.05, "test": 0.1}, seed=4)
    assert other != parts == cut_blocks(10_000, {"valid": 0.05, "test": 0.1}, seed=3)


def test_a_small_share_is_cut_in_several_blocks():
    parts = cut_blocks(100_000, {"valid": 0.001, "test": 0.01}, seed=1)
    assert len(parts["valid"]) == 5 and 45 < len(parts["test"]) <= 50  # where two touch, one
    assert sum(stop - start for start, stop in parts["valid"]) == 100


def test_of_a_long_text_no_more_is_cut_than_is_asked_for(caplog):
    """What is measured must not grow with the text."""
    caplog.set_level(logging.INFO, logger="seqkit")
    write("a.txt", numbered(40_000))
    whole = load("a.txt")
    assert len(whole.valid) == 2_000 and "--data.cut-chars" not in caplog.text
    splits = load("a.txt", cut_chars=4_000)
    assert "about 4,000 characters at most (--data.cut-chars)" in caplog.text
    for split in (splits.valid, splits.test):
        assert 3_000 < split.characters < 5_000
    lines = [list(split) for split in splits.named().values()]
    assert sum(map(len, lines)) == 40_000 == len({*chain.from_iterable(lines)})
    assert sum(b != a + 1 for a, b in pairwise(int(line[5:]) for line in lines[1])) == 4
    assert load("a.txt", cut_chars=4_000, test="a.txt").valid.characters < 5_000


@pytest.mark.parametrize("lines", [21, 30, 200])
def test_a_text_of_long_lines_can_be_cut_for_all_that(lines):
    splits = load(write("a.txt", ("x" * 999 + "\n") * lines), cut_chars=10)
    assert 1 <= len(splits.valid) <= 3 and 1 <= len(splits.test) <= 3


def test_cut_splits_read_their_lines_in_order():
    splits = load(write("a.txt", numbered(1000)))
    assert splits.cut == ("valid", "test")
    sizes = {"train": 900, "valid": 50, "test": 50}
    assert {name: len(split) for name, split in splits.named().items()} == sizes
    read = {name: list(split) for name, split in splits.named().items()}
    assert all(list(split) == read[name] for name, split in splits.named().items())  # anew
    numbers = {name: [int(line[5:]) for line in lines] for name, lines in read.items()}
    assert all(each == sorted(each) for each in numbers.values())
    assert sorted(chain.from_iterable(numbers.values())) == list(range(1000))
    joints = sum(b != a + 1 for a, b in pairwise(numbers["valid"]))
    assert joints < 5  # five blocks of ten lines


def test_sizes_are_those_of_the_files():
    """As `wc` counts them, and `sha256sum`."""
    content = numbered(70) + "été\n\n  indented\n"
    write("a.txt", content)
    Path("b.txt.gz").write_bytes(gzip.compress(content.encode()))
    splits = load("a.txt", valid="b.txt.gz", test=write("c.txt", "one\ntwo"))
    assert splits.cut == ()
    assert splits.fingerprint() == {
        "lines": {"train": 73, "valid": 73, "test": 2},
        "characters": {"train": len(content), "valid": len(content), "test": 8},
        "train_sha256": hashlib.sha256(content.encode()).hexdigest(),
    }
    assert list(splits.train)[-3:] == ["été", "", "  indented"]


@pytest.mark.skipif("SEQKIT_DATA" not in os.environ, reason="SEQKIT_DATA is not set")
def test_the_published_treebank():
    path = f"{os.environ['SEQKIT_DATA']}/ptb/ptb.{{}}.txt.gz"
    splits = load(path.format("train"), valid=path.format("valid"), test=path.format("test"))
    tokens = {name: sum(len(s.split()) + 1 for s in each) for name, each in splits.named().items()}
    assert tokens == {"train": 929_589, "valid": 73_760, "test": 82_430}  # as published
    assert splits.fingerprint()["characters"]["train"] == 5_101_618


def test_official_splits_are_taken_where_none_are_given(caplog):
    caplog.set_level(logging.INFO, logger="seqkit")
    splits = load("bundled:austen")
    assert splits.cut == () and "valid is the official split: bundled:austen:valid" in caplog.text
    assert next(iter(splits.test)) == "Persuasion"
    mixed = load("bundled:austen", valid=write("v.txt", "mine\n"))
    assert list(mixed.valid) == ["mine"] and mixed.test.source == "bundled:austen:test"


def test_one_split_given_the_other_cut():
    splits = load(write("a.txt", numbered(200)), test=write("t.txt", "end\n"))
    assert splits.cut == ("valid",)
    assert len(splits.train) + len(splits.valid) == 200 and list(splits.test) == ["end"]


def test_records_of_a_table_are_cut_into_lines():
    assert text_lines("a\r\nb\u2028c\rd\n\n") == ["a", "b\u2028c\rd", ""]
    rows = [" = title = \n", "", "one\ntwo", " \n"]  # as wikitext stands on the hub
    write("a.jsonl", "".join(json.dumps({"body": row}) + "\n" for row in rows))
    write("b.txt", "x\n")
    splits = load("a.jsonl", text_column="body", valid="a.jsonl", test="a.jsonl")
    assert list(splits.train) == [" = title = ", "", "one", "two", " "]
    assert list(read_text("a.jsonl", text_column="body")) == rows  # a record stays a record


@given(st.lists(st.text(st.characters(exclude_characters="\n\0", codec="utf-8")), min_size=1))
def test_text_lines_cuts_as_files_are_read(tmp_path_factory, lines):
    text = "".join(f"{line}\n" for line in lines)
    path = tmp_path_factory.mktemp("lines") / "a.txt"
    path.write_bytes(text.encode())
    assume(not text.startswith("\ufeff"))
    assert text_lines(text) == list(read_text(str(path)))


def test_what_was_not_utf8_is_counted_once():
    Path("a.txt").write_bytes(b"caf\xe9\n" * 60)
    assert fault("a.txt").startswith("a.txt:1: invalid UTF-8 at byte 3")
    splits = load("a.txt", encoding_errors="replace")
    assert splits.stats.replaced == 60 and set(splits.train) == {"caf\ufffd"}
    list(splits.test)
    assert load("a.txt", encoding_errors="replace", valid="a.txt").stats.replaced == 120


def test_too_short_to_cut():
    assert fault(write("a.txt", "all in one line")) == (
        "a.txt: 1 line, too few to cut valid and test from (these shares take 21): "
        "break the text into more lines, or give --data.valid and --data.test"
    )
    write("b.txt", numbered(12))
    assert fault("b.txt", test="a.txt").startswith("b.txt: 12 lines, too few to cut valid from (")
    small = load("b.txt", valid_share=0.25, test_share=0.25)
    sizes = {"train": 8, "valid": 2, "test": 2}
    assert {name: len(split) for name, split in small.named().items()} == sizes


def test_nothing_in_it():
    write("a.txt", numbered(30))
    write("blank.txt", "\n \n" * 30)
    assert fault(write("none.txt", "")) == "none.txt: the file is empty"
    assert fault("a.txt", valid="blank.txt", test="a.txt") == (
        "blank.txt: valid holds nothing but empty lines: give a text"
    )
    assert fault("blank.txt", valid="a.txt", test="a.txt").startswith("blank.txt: train holds noth")
    mostly = write("mostly.txt", "\n" * 500 + numbered(20))
    messages = {fault(mostly, seed=seed) for seed in range(3)}
    assert any("valid was cut from it and holds nothing but empty lines" in m for m in messages)


def test_a_file_that_changes_is_noticed():
    splits = load(write("a.txt", numbered(60)), valid=write("v.txt", "x\n"), test="v.txt")
    write("a.txt", numbered(59))
    with pytest.raises(DataError, match=r"^a\.txt: 60 lines when it was opened, 59 now: "):
        list(splits.train)


def test_shares_that_leave_nothing():
    write("a.txt", numbered(30))
    assert fault("a.txt", cut_chars=0) == "--data.cut-chars 0: must be 1 or more"
    assert fault("a.txt", valid_share=0) == "--data.valid-share 0: a share lies between 0 and 1"
    assert fault("a.txt", valid_share=0.5, test_share=0.5).endswith("leave nothing to train on")
    load("a.txt", valid_share=0, valid="a.txt", test="a.txt")  # unused


def test_one_split_is_the_whole_of_its_source(tmp_path):
    (tmp_path / "a.txt").write_text("one\n\ntwo\n")
    split = load_split(str(tmp_path / "a.txt"), "test", TextDataConfig())
    assert list(split) == list(split) == ["one", "", "two"]
    assert (split.lines, split.characters) == (3, 9)
    (tmp_path / "a.txt").write_text("\n")
    with pytest.raises(DataError, match="test holds nothing but empty lines"):
        load_split(str(tmp_path / "a.txt"), "test", TextDataConfig())
