"""Sources that are not a file: folders of texts, sets that travel with seqkit, the hub."""

import logging
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from seqkit.data import (
    BUNDLED,
    PUBLIC,
    bundled_path,
    catalogue,
    official_split,
    read_labeled,
    read_text,
)
from seqkit.data.readers.bundled import sentiment_label
from seqkit.data.readers.hub import parse_hub
from seqkit.errors import ConfigError, DataError


def fault(path: str) -> str:
    with pytest.raises((DataError, ConfigError)) as caught:
        list(read_labeled(path))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def acl(tmp_path, monkeypatch) -> Path:
    """The layout of aclImdb, with what else lies in its folders."""
    monkeypatch.chdir(tmp_path)
    texts = {"pos/0_9": "fine", "pos/1_7": "two\r\nlines\n", "neg/0_1": "bad", "unsup/0_0": "?"}
    for split in ("train", "test"):
        for name, text in texts.items():
            file = Path("aclImdb", split, f"{name}.txt")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())
        Path("aclImdb", split, "urls_pos.txt").write_text("http://example.org\n")
        Path("aclImdb", split, "labeledBow.feat").write_text("9 0:9\n")
    Path("aclImdb", "imdb.vocab").write_text("the\n")
    return Path("aclImdb")


def test_folder_of_texts(acl):
    records = list(read_labeled("aclImdb/train"))
    assert [(record.label, record.text) for record in records] == [
        ("neg", "bad"),
        ("pos", "fine"),
        ("pos", "two\nlines"),
    ]
    assert records[1].source == "aclImdb/train/pos/0_9.txt" and records[1].line == 1


def test_what_is_left_out_of_a_folder_is_logged(acl, caplog):
    caplog.set_level(logging.INFO, logger="seqkit")
    labels = {record.label for record in read_labeled("aclImdb/train")}
    assert labels == {"neg", "pos"}
    assert caplog.messages == ["aclImdb/train/unsup: left out, as texts without a label: 1 files"]
    caplog.clear()
    (acl / "test" / "unsup" / "0_0.txt").unlink()
    (acl / "test" / "unsup").rmdir()
    list(read_labeled("aclImdb/test"))
    assert caplog.messages == []


def test_an_empty_file_is_an_empty_text(acl):
    (acl / "test" / "neg" / "0_1.txt").write_bytes(b"")
    assert next(read_labeled("aclImdb/test")).text == ""


def test_the_root_of_a_set_asks_for_a_split(acl):
    assert fault("aclImdb") == (
        "aclImdb: a folder with the splits test, train: give aclImdb/test or aclImdb/train"
    )


def test_folder_of_no_known_layout(acl):
    assert fault("aclImdb/train/pos") == (
        "aclImdb/train/pos: a folder of no known layout: expected a sub-folder of .txt files for "
        "each label (pos/*.txt, neg/*.txt), or give a file"
    )
    with pytest.raises(DataError) as caught:
        list(read_labeled("aclImdb/train", max_chars=5))
    assert str(caught.value).startswith("aclImdb/train/pos/1_7.txt:1: a single record of more")


def test_bundled_sets_are_as_described():
    for name, described in BUNDLED.items():
        splits = ["train"] if described.kind == "retrieval" else described.files
        paths = [f"bundled:{name}:{split}" for split in splits]
        assert next(iter(described.files)) == "train"
        beside = [file.name for file in bundled_path(name).parent.iterdir()]
        assert any(file.startswith(("LICENSE", "ORIGIN")) for file in beside)
        texts = [text for path in paths for text in read_text(path)]
        assert len(texts) == described.records
        if described.kind != "labeled":
            assert described.labels == ()
            continue
        records = list(read_labeled(f"bundled:{name}"))
        assert [record.text for record in records] == texts
        assert sorted({record.label for record in records}) == sorted(described.labels)
        assert records[0].source == f"bundled:{name}" and records[0].line == 2


def test_bundled_text():
    assert next(read_text("bundled:shakespeare")) == "HAMLET, PRINCE OF DENMARK"
    first = {split: next(read_text(f"bundled:austen:{split}")) for split in ("train", "test")}
    assert first == {"train": "SENSE AND SENSIBILITY", "test": "Persuasion"}
    assert next(read_text("bundled:austen")) == first["train"]
    assert next(read_text("bundled:translation")) == "Oh no!"  # the sources of pairs
    assert fault("bundled:austen") == (
        "bundled:austen: running text, without labels: choose bundled:sentiment or bundled:spam"
    )
    assert fault("bundled:spam:test") == "bundled:spam: split 'test': choose from train"
    with pytest.raises(ConfigError, match=r"split 'vaild'.*\(did you mean 'valid'\?\)$"):
        read_text("bundled:austen:vaild")


@pytest.mark.parametrize(
    ("path", "valid", "test"),
    [
        ("bundled:austen", "bundled:austen:valid", "bundled:austen:test"),
        ("bundled:austen:train", "bundled:austen:valid", "bundled:austen:test"),
        ("bundled:austen:test", None, None),
        ("bundled:shakespeare", None, None),
        ("bundled:translation", None, None),
        ("bundled:reverse", "bundled:reverse:valid", "bundled:reverse:test"),
        ("bundled:else", None, None),
        ("hf:ptb_text_only", "hf:ptb_text_only:validation", "hf:ptb_text_only:test"),
        ("hf:wikitext-2:train[:9%]", "hf:wikitext-2:validation", "hf:wikitext-2:test"),
        ("hf:wikitext-2/raw", "hf:wikitext-2/raw:validation", "hf:wikitext-2/raw:test"),
        ("hf:imdb", None, "hf:imdb:test"),
        ("hf:someone/wikitext-2", None, None),
        ("hf:imdb/a/b", None, None),
        ("austen", None, None),
        ("C:austen", None, None),
    ],
)
def test_official_splits(path, valid, test):
    assert (official_split(path, "valid"), official_split(path, "test")) == (valid, test)


def test_a_bundled_file_that_is_gone(monkeypatch, tmp_path):
    monkeypatch.setattr(catalogue, "_HOMES", (tmp_path / "bundled", tmp_path / "data"))
    assert fault("bundled:spam") == (
        "bundled:spam: spam/sms_spam.tsv.xz is missing from this installation: reinstall seqkit"
    )
    (tmp_path / "bundled" / "spam").mkdir(parents=True)
    (tmp_path / "bundled" / "spam" / "sms_spam.tsv.xz").touch()  # as in an installed wheel
    assert bundled_path("spam") == tmp_path / "bundled" / "spam" / "sms_spam.tsv.xz"


@pytest.mark.skipif("SEQKIT_DATA" not in os.environ, reason="SEQKIT_DATA is not set")
def test_published_sets():
    folder = Path(os.environ["SEQKIT_DATA"])
    messages = [record.text for record in read_labeled(str(folder / "sms" / "SMSSpamCollection"))]
    assert (len(messages), len(messages) - len(set(messages))) == (5_574, 403)
    reviews = Counter(r.label for r in read_labeled(str(folder / "imdb" / "test.jsonl.gz")))
    assert reviews == {"pos": 12_500, "neg": 12_500}
    for split, lines in PUBLIC["ptb_text_only"].splits.items():
        file = folder / "ptb" / f"ptb.{split.removesuffix('ation')}.txt.gz"
        assert sum(1 for _ in read_text(str(file))) == lines


def test_bundled_counts():
    spam = Counter(record.label for record in read_labeled("bundled:spam"))
    assert spam == {"ham": 4_827, "spam": 747}  # as published
    sentiment = Counter(record.label for record in read_labeled("bundled:sentiment"))
    assert sentiment == {"positive": 2_345, "negative": 1_087}


def test_sentiment_leaves_out_what_the_raters_did_not_lean_on():
    scores = [line.split("\t")[0] for line in read_lines_of("sentiment")]
    named = Counter(sentiment_label(float(score)) for score in scores)
    assert named == {"positive": 2_345, "negative": 1_087, None: 768}


def read_lines_of(name: str) -> list[str]:
    return list(read_text(str(bundled_path(name)), text_column="score"))


def test_unknown_bundled_set():
    assert fault("bundled:sapm") == (
        "bundled set 'sapm': choose from austen, bible-search, glosses, pronunciation, reverse, "
        "sentiment, shakespeare, spam, translation (did you mean 'spam'?)"
    )


@pytest.mark.parametrize(
    "path, hub, config, split",
    [
        ("hf:imdb", "stanfordnlp/imdb", None, "train"),
        ("hf:imdb:test", "stanfordnlp/imdb", None, "test"),
        ("hf:imdb/plain_text:test", "stanfordnlp/imdb", "plain_text", "test"),
        ("hf:emotion", "dair-ai/emotion", "split", "train"),
        ("hf:nyu-mll/glue/cola:validation", "nyu-mll/glue", "cola", "validation"),
        ("hf:someone/set:train[:10%]", "someone/set", None, "train[:10%]"),
    ],
)
def test_hub_paths(path, hub, config, split):
    source = parse_hub(path)
    assert (source.hub, source.config, source.split) == (hub, config, split)


@pytest.mark.parametrize("path", ["hf:", "hf:a//b", "hf:a/b/c/d"])
def test_hub_paths_of_another_form(path):
    assert fault(path) == f"{path}: expected hf:NAME, hf:NAME:SPLIT or hf:NAME/CONFIG:SPLIT"


def test_hub_rows_are_named_by_their_classes(monkeypatch):
    datasets = pytest.importorskip("datasets")
    features = datasets.Features(
        {"sentence": datasets.Value("string"), "label": datasets.ClassLabel(names=["neg", "pos"])}
    )
    table = datasets.Dataset.from_dict(
        {"sentence": ["dull", "fine", "?"], "label": [0, 1, -1]}, features=features
    )
    asked = []
    monkeypatch.setattr(
        datasets, "load_dataset", lambda *args, **options: (asked.append((args, options)), table)[1]
    )
    reader = read_labeled("hf:sst2:test")
    assert next(reader)[:2] == ("dull", "neg")
    assert tuple(next(reader)) == ("fine", "pos", "hf:sst2:test", 2)
    with pytest.raises(DataError, match=r"^hf:sst2:test:3: empty label"):
        next(reader)  # the hub hides the labels of this split
    assert asked == [(("stanfordnlp/sst2", None), {"split": "test", "revision": None})]
    assert list(read_text("hf:sst2")) == ["dull", "fine", "?"]


def test_hub_without_a_network(tmp_path):
    pytest.importorskip("datasets")
    code = "from seqkit.data import read_labeled; read_labeled('hf:imdb')"
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr.splitlines()[-1].startswith(
        "seqkit.errors.DataError: hf:imdb: no network and no copy on this machine ("
    )
    assert done.stderr.endswith("): connect once, or give a file\n")


def test_catalogue_is_whole():
    assert {"imdb", "sst2", "ag_news", "dbpedia_14", "yelp_polarity", "trec"} < PUBLIC.keys()
    for name, each in PUBLIC.items():
        assert name == each.name and "/" in each.hub and each.home.startswith("https://")
        assert each.splits["train"] > 0 and len(set(each.labels)) == len(each.labels)
        assert len(each.labels) >= 2 if each.kind == "labeled" else not each.labels
        assert each.licence and each.citation
        assert each.reported in each.splits or set(each.splits) == {"train"}


def test_import_is_cheap():
    code = (
        "import sys, seqkit.data; heavy = {'torch', 'datasets', 'pyarrow', 'spacy', 'scipy'}; "
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
