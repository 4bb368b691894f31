"""`seqkit data`: list, audit, split."""

import json

import pytest

from seqkit.data import BUNDLED, PUBLIC, read_labeled


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
        (["audit", "bundled:reverse"], "bundled:reverse: parallel text, without labels: choose"),
    ],
)
def test_what_cannot_be_is_refused(args, message, refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message in refused("data", *args)
    assert list(tmp_path.iterdir()) == []
