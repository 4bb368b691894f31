"""The splits of pairs that a recipe asks for: what is cut, what is dropped, what is refused."""

import hashlib
import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.data import Pair, PairDataConfig, audit_pairs, content_text, load_pairs
from seqkit.errors import ConfigError, DataError


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(name: str, content: str) -> str:
    Path(name).write_bytes(content.encode())
    return name


def table(name: str, pairs) -> str:
    return write(name, "source\ttarget\n" + "".join(f"{a}\t{b}\n" for a, b in pairs))


def load(path: str, *, seed: int = 1, **options):
    return load_pairs(PairDataConfig(train=path, **options), seed=seed)


def fault(path: str, **options) -> str:
    with pytest.raises((ConfigError, DataError)) as caught:
        load(path, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


WORDS = [(f"word {number % 70}", f"target {number}") for number in range(100)]

source = st.sampled_from(["a", "A.", "a!", "b c", "B, c", *"defghij"])
shares = st.tuples(st.floats(0.2, 0.4), st.floats(0.2, 0.4))


@given(
    st.lists(st.tuples(source, source), min_size=1, max_size=40),
    shares,
    st.integers(0, 2**32),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_a_cut_keeps_equal_sources_together(pairs, shares, seed, by_content, rng):
    options = {"valid_share": shares[0], "test_share": shares[1], "by_content": by_content}
    path = table("a.tsv", pairs)
    same = content_text if by_content else str
    try:
        splits = load(path, seed=seed, **options)
    except DataError as error:
        assert "would be empty" in str(error)
        return
    side_of: dict[str, str] = {}
    for name, part in splits.named().items():
        for pair in part:
            assert side_of.setdefault(same(pair.source), name) == name
    together = sorted(pair.line for part in splits.named().values() for pair in part)
    assert together == list(range(2, len(pairs) + 2)) and splits.cut == ("valid", "test")
    rng.shuffle(pairs)
    again = load(table("b.tsv", pairs), seed=seed, **options)
    for name, part in again.named().items():
        assert sorted(p[:2] for p in part) == sorted(p[:2] for p in splits.named()[name])


def test_the_shares_and_the_seed(caplog):
    caplog.set_level(logging.INFO, logger="seqkit")
    path = table("a.tsv", [(f"word {number}", "x") for number in range(1000)])
    sizes = [len(part) for part in load(path).named().values()]
    assert sizes == [850, 50, 100]
    assert caplog.messages == ["valid and test cut from a.tsv, by source"]
    assert load(path, seed=1).test == load(path, seed=1).test != load(path, seed=2).test
    assert [pair.line for pair in load(path).train] == sorted(p.line for p in load(path).train)


def test_sources_that_say_the_same():
    pairs = [(f"{'Wow' if number % 2 else 'wow!'} {number // 2}", "x") for number in range(200)]
    together = load(table("a.tsv", pairs))
    assert audit_pairs(together.named()).warnings() == []
    parted = load("a.tsv", by_content=False)
    assert "have a source that stands in train too, 0 to the letter" in "".join(
        audit_pairs(parted.named()).warnings()
    )


def test_official_splits_are_taken_and_never_cut_anew(caplog):
    caplog.set_level(logging.INFO, logger="seqkit")
    splits = load("bundled:reverse")
    assert [len(part) for part in splits.named().values()] == [8_000, 500, 500]
    assert splits.cut == () and splits.valid[0].origin == "bundled:reverse:valid"
    assert caplog.messages == [
        f"{split} is the official split: bundled:reverse:{split}" for split in ("valid", "test")
    ]
    assert load("bundled:reverse:train").test == splits.test
    own = load("bundled:reverse", test=table("own.tsv", WORDS))
    assert len(own.test) == 100 and own.valid == splits.valid and len(own.train) == 8_000


def test_the_official_splits_of_pronunciation_leak_nothing():
    splits = load("bundled:pronunciation")
    assert splits.cut == () and audit_pairs(splits.named()).warnings() == []


def test_a_set_without_splits_is_cut():
    splits = load("bundled:translation")
    assert [len(part) for part in splits.named().values()] == [25_500, 1_500, 3_000]
    assert splits.cut == ("valid", "test")


def test_given_splits_and_their_leaks():
    table("train.tsv", WORDS)
    splits = load("train.tsv", valid=table("valid.tsv", [("Word 3", "x"), ("new", "y")]))
    assert splits.cut == ("test",) and len(splits.valid) == 2
    sources = {pair.source for pair in splits.train}
    leak = audit_pairs(splits.named()).leaks[0]
    assert leak.sources == ("word 3" in sources)


def test_fingerprint():
    table("train.tsv", [("a", "b"), ("c", "d")])
    table("other.tsv", [("e", "f")])
    found = load("train.tsv", valid="other.tsv", test="other.tsv").fingerprint()
    assert found == {
        "records": {"train": 2, "valid": 1, "test": 1},
        "train_sha256": hashlib.sha256(b"a\tb\nc\td\n").hexdigest(),
    }


def test_an_empty_side_is_dropped_counted_and_told_once(caplog):
    write("train.en", "one\n\n \nfour\n\t\nsix\n")
    write("train.de", "eins\nzwei\n\n \nfünf\nsechs\n")
    table("test.tsv", [("a", ""), ("b", "c")])
    splits = load("train.en,train.de", valid=table("valid.tsv", WORDS), test="test.tsv")
    assert [pair.line for pair in splits.train] == [1, 6]
    assert splits.test == [Pair("b", "c", "test.tsv", 3)]
    assert (splits.stats.half_empty, splits.stats.empty) == (4, 1)
    assert caplog.messages == [
        "4 pairs are dropped, one side of which is empty: train.en:2 (source), train.en:4 "
        "(target), train.en:5 (source), test.tsv:2 (target)"
    ]


def warnings(caplog):
    return [row.getMessage() for row in caplog.records if row.levelno >= logging.WARNING]


def test_only_the_first_empty_sides_are_named(caplog):
    path = table("a.tsv", [*WORDS, *[("x", "")] * 9])
    assert load(path).stats.half_empty == 9
    (told,) = warnings(caplog)
    assert told.startswith("9 pairs are dropped, ") and told.endswith(
        "a.tsv:106 (target) and 4 more"
    )
    caplog.clear()
    assert load(table("a.tsv", [*WORDS, ("", " ")])).stats.empty == 1
    assert warnings(caplog) == []
    load(table("a.tsv", [*WORDS, ("", "x")]))
    told = "1 pair is dropped, one side of which is empty: a.tsv:102 (source)"
    assert warnings(caplog) == [told]


def test_nothing_is_left():
    path = table("a.tsv", [("a", ""), ("", "b")])
    assert fault(path) == "a.tsv: none of its 2 pairs has text on both sides"
    assert fault(table("b.tsv", WORDS), test=path) == fault(path)


def test_files_of_unequal_length():
    write("a.en", "one\ntwo\nthree\n")
    write("a.de", "eins\n")
    unequal = "a.en: 3 lines, and a.de has 1: the first is longer by 2: give files whose lines "
    for path in ("a.en,a.de", "a.de,a.en"):
        assert fault(path).startswith(unequal)


def test_bytes_that_are_not_utf8():
    Path("a.tsv").write_bytes("".join(f"w{n}\tx\n" for n in range(99)).encode() + b"caf\xe9\ty\n")
    assert fault("a.tsv").startswith("a.tsv:100: invalid UTF-8 at byte ")
    assert load("a.tsv", encoding_errors="replace").stats.replaced == 1


def test_two_files_have_no_columns():
    write("a.en", "one\ntwo\n")
    write("a.de", "eins\nzwei\n")
    message = (
        "a.en,a.de: two files have no columns for --{0}-column (train: --data.{0}-column): to "
        "exchange the sides give a.de,a.en"
    )
    swapped = {"source_column": "target", "target_column": "source"}
    assert fault("a.en,a.de", **swapped) == message.format("source")
    assert fault("a.en,a.de", target_column="source") == message.format("target")
    table("a.tsv", WORDS)
    assert fault("a.tsv", valid="a.en,a.de", **swapped) == message.format("source")


def test_columns():
    write("a.csv", "en,de\n" + "".join(f"{a},{b}\n" for a, b in WORDS))
    assert fault("a.csv") == (
        "a.csv:1: no column 'source': choose from de, en with --source-column "
        "(train: --data.source-column)"
    )
    whole = load("a.csv", source_column="de", target_column="en")
    assert all(pair.source.startswith("target ") for pair in whole.train)
    assert "no column 'fr'" in fault("a.csv", source_column="fr", target_column="en")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"valid_share": 0.0}, "--data.valid-share 0.0: a share lies between 0 and 1"),
        ({"test_share": 1.0}, "--data.test-share 1.0: a share lies between 0 and 1"),
        (
            {"valid_share": 0.5, "test_share": 0.5},
            "--data.valid-share and --data.test-share leave nothing to train on",
        ),
        (
            {},
            "a.tsv: valid, a share of 0.05, would be empty: 2 pairs, 1 distinct sources: give "
            "more, other shares, or --data.valid and --data.test",
        ),
    ],
)
def test_what_cannot_be_cut(options, message):
    assert fault(table("a.tsv", [("a", "x"), ("A!", "y")]), **options) == message


def test_a_set_of_another_kind():
    assert fault("bundled:spam").startswith("bundled:spam: labelled texts, not pairs: choose ")
