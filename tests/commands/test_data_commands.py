"""`seqkit data`: list, audit, split."""

import json

import pytest

from seqkit.data import (
    BUNDLED,
    PUBLIC,
    Pair,
    audit_pairs,
    holds_pairs,
    read_labeled,
    read_pairs,
)


def test_list(seqkit):
    lines = seqkit("data", "list").out.splitlines()
    assert len(lines) == len(BUNDLED) + len(PUBLIC)
    assert lines[0].split("  ")[0] == "bundled:austen" and "10,011 lines of text" in lines[0]
    rows = json.loads(seqkit("data", "list", "--json").out)
    assert {row["path"] for row in rows} >= {"bundled:spam", "bundled:sentiment"}
    kinds = {row["path"]: row["kind"] for row in rows}
    assert kinds["bundled:shakespeare"] == kinds["hf:wikitext-2"] == "text"
    assert kinds["bundled:bible-search"] == "retrieval"
    assert kinds["bundled:translation"] == kinds["hf:multi30k"] == "parallel"
    assert any("bundled:translation" in line and "30,000 pairs" in line for line in lines)
    assert any("31,095 documents" in line for line in lines)
    assert kinds["bundled:spam"] == kinds["hf:imdb"] == "labeled"
    assert all(row["records"] and row["licence"] for row in rows)


def test_audit_tells_a_leak_on_both_streams(seqkit, spam_file, tmp_path, caplog):
    (tmp_path / "test.tsv").write_text(
        "ham\tsomething new\n" + spam_file.read_text().split("\n")[1]
    )
    outcome = seqkit("data", "audit", spam_file, "--test", tmp_path / "test.tsv")
    assert outcome.code == 0
    assert "- 1 of 2 test records (50.0%) repeat a train record." in outcome.out
    assert "flatter the model" in caplog.text
    found = json.loads(seqkit("data", "audit", spam_file, "--json").out)
    assert found["splits"][0]["records"] == 240


PAIRS = [(f"word {number}", f"Wort {number}") for number in range(12)]


@pytest.fixture
def pairs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, side in (("a.en", 0), ("a.de", 1)):
        (tmp_path / name).write_text("".join(f"{pair[side]}\n" for pair in PAIRS))
    table = [("source", "target"), *PAIRS[:3], ("new", ""), ("newer", "neuer")]
    (tmp_path / "a.tsv").write_text("".join("\t".join(row) + "\n" for row in table))
    rows = [{"translation": {"en": a, "de": b}} for a, b in PAIRS]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


NESTED = ["a.jsonl", "--source-column", "translation.en", "--target-column", "translation.de"]


def test_an_audit_of_pairs(seqkit, pairs, caplog):
    outcome = seqkit("data", "audit", "a.en,a.de", "--test", "a.tsv")
    assert outcome.code == 0
    splits = {"train": list(read_pairs("a.en,a.de")), "test": list(read_pairs("a.tsv"))[:3]}
    splits["test"].append(Pair("newer", "neuer", "a.tsv", 6))
    found = audit_pairs(splits)
    assert outcome.out.splitlines() == found.lines()
    assert caplog.messages == [
        "1 pair is dropped, one side of which is empty: a.tsv:5 (target)",
        *found.warnings(),
    ]
    assert caplog.messages[1].startswith("3 of 4 test pairs (75.0%) have a source that stands in")
    numbers = json.loads(seqkit("data", "audit", "a.en,a.de", "--test", "a.tsv", "--json").out)
    assert numbers == json.loads(json.dumps(found.to_dict()))


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["a.tsv"], 4),
        (NESTED, 12),
        (["bundled:reverse", "--test", "bundled:reverse:test"], 8_000),
    ],
)
def test_what_is_audited_as_pairs(args, expected, seqkit, pairs):
    found = json.loads(seqkit("data", "audit", *args, "--json").out)
    assert found["splits"][0]["pairs"] == expected


def test_pairs_or_labelled_texts(pairs):
    (pairs / "both.csv").write_text("source,target,text,label\na,b,c,d\n")
    (pairs / "headerless.tsv").write_text("a\tb\n")
    (pairs / "Upper.csv").write_text("id,Source,TARGET\n1,a,b\n")
    (pairs / "one.tsv").write_text("source\ttext\na\tb\n")
    for path in ("a.en,a.de", "a.tsv", "Upper.csv", "bundled:translation:train", "hf:multi30k"):
        assert holds_pairs(path)
    for path in ("both.csv", "headerless.tsv", "one.tsv", "a.jsonl", "a.en", ".", "none.tsv"):
        assert not holds_pairs(path)
    for path in ("a,b,c", "bundled:spam", "bundled:none", "hf:imdb", "hf:someone/set"):
        assert not holds_pairs(path)
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table({"source": ["a"], "target": ["b"]})
    pytest.importorskip("pyarrow.parquet").write_table(table, "a.parquet")
    assert holds_pairs("a.parquet")


def test_split_writes_files_that_train_reads(seqkit, spam_file, tmp_path):
    out = tmp_path / "parts"
    outcome = seqkit("data", "split", spam_file, "--out", out)
    assert outcome.code == 0
    whole = sorted((r.label, r.text) for r in read_labeled(str(spam_file)))
    paths = [line.rsplit(":", 1)[0] for line in outcome.out.splitlines()]
    assert len(paths) == 3
    parts = [(r.label, r.text) for path in paths for r in read_labeled(path)]
    assert sorted(parts) == whole


def test_the_remedies_are_options_here(seqkit, refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_bytes(b"body,label\n" + b"x" * 30 + b"\xe9,ham\nyes,spam\n")
    given = ["--max-chars", "34"]
    for option in (["--text-column", "body"], ["--encoding-errors", "replace"], ["--max-chars"]):
        for action in (["audit"], ["split", "--out", "parts"]):
            message = refused("data", *action, "a.csv", *given)
            name = " ".join(option).removesuffix(" body")
            assert message.endswith(f" {name} (train: --data.{name[2:]})")
        given = [*given, *option] if option[1:] else [*given[2:], *option, "40"]
    assert seqkit("data", "audit", "a.csv", *given).code == 0


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["list", "--jsno"], "usage: seqkit data list"),
        (["split", "bundled:spam", "--out", "x", "--test-share", "1"], "--test-share 1.0"),
        (
            ["split", "bundled:spam", "--out", "x", "--valid-share", "0.6", "--test-share", "0.6"],
            "",
        ),
        (["split", "bundled:spma", "--out", "x"], "did you mean 'spam'?"),
        (["audit", "none.tsv"], "no such file"),
        (["audit", "bundled:austen"], "bundled:austen: running text, without labels: choose"),
        (["audit", "bundled:reverse", "--near"], "--near has no effect on pairs: bundled:reverse"),
        (["audit", "bundled:reverse", "--label-column", "x"], "--label-column has no effect on"),
        (
            ["split", "bundled:reverse", "--out", "x"],
            "data split: bundled:reverse: pairs, and this splits labelled texts: seqkit train "
            "translate cuts valid and test from train, by source: --data.valid-share, ",
        ),
        (["audit", "x.en,x.de"], "x.en: no such file"),
    ],
)
def test_what_cannot_be_is_refused(args, message, refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message in refused("data", *args)
    assert list(tmp_path.iterdir()) == []
