"""Documents from files of every kind, with their ids and what else is known of them."""

import gzip
import json

import pytest

from seqkit.data import (
    CollectionConfig,
    Document,
    Query,
    load_collection,
    read_documents,
    read_retrieval,
)
from seqkit.errors import ConfigError, DataError


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def fault(path, **options):
    with pytest.raises((ConfigError, DataError)) as caught:
        list(read_documents(path, **options))
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_each_kind_of_file_gives_the_same(here):
    wanted = [
        Document("a", "First", "one two", {"year": "1960"}),
        Document("b", "", "three", {"year": "1961"}),
    ]
    rows = [
        {"_id": d.id, "title": d.title, "text": d.text, "year": int(d.fields["year"])}
        for d in wanted
    ]
    write(here, "docs.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    write(here, "docs.csv", 'year,id,title,text\n1960,a,First,"one two"\n1961,b,,three\n')
    write(here, "docs.tsv", "id\ttext\tyear\ttitle\na\tone two\t1960\tFirst\nb\tthree\t1961\t\n")
    (here / "docs.jsonl.gz").write_bytes(gzip.compress((here / "docs.jsonl").read_bytes()))
    write(here, "beir/corpus.jsonl", (here / "docs.jsonl").read_text())
    for path in ("docs.jsonl", "docs.csv", "docs.tsv", "docs.jsonl.gz", "beir"):
        assert list(read_documents(path)) == wanted, path


def test_without_a_header(here):
    write(here, "two.tsv", "a\tone two\nb\t\n")
    assert list(read_documents("two.tsv")) == [
        Document("a", "", "one two", {}),
        Document("b", "", "", {}),
    ]
    write(here, "three.txt", "a\tFirst\tone two\n")
    assert list(read_documents("three.txt")) == [Document("a", "First", "one two", {})]
    write(here, "lines.txt", "one two\n\nthree\n")
    lines = [Document("1", "", "one two", {}), Document("3", "", "three", {})]
    assert list(read_documents("lines.txt", number=True)) == lines
    assert fault("lines.txt").startswith("lines.txt:1: no tab, so no id: expected id<TAB>text")


def test_columns_of_other_names(here):
    write(here, "docs.csv", "key,head,body,text\na,First,one,more\n")
    options = {"id_column": "key", "title_column": "head", "text_column": "body"}
    found = list(read_documents("docs.csv", **options))
    assert found == [Document("a", "First", "one", {"text": "more"})]
    message = fault("docs.csv", id_column="kee")
    assert message.startswith("docs.csv:2: no key 'kee': it has key, head, body, text; name it")
    assert "--data.id-column" in message


def test_records_without_an_id_are_numbered_or_refused(here):
    write(here, "docs.jsonl", '{"text": "one"}\n\n{"text": "two", "label": null}\n')
    assert [d.id for d in read_documents("docs.jsonl", number=True)] == ["1", "3"]
    message = fault("docs.jsonl")
    assert message.startswith("docs.jsonl:1: no key 'id': it has text; name it with")
    assert message.endswith("or add it: only a new index gives numbers to records without ids")


def test_the_object_metadata_of_beir_is_fields(here):
    rows = [
        {"_id": "a", "text": "x", "metadata": {"year": 2009, "by": ["A", "B"], "url": None}},
        {"_id": "b", "text": "x", "metadata": {}, "kind": None, "title": None},
        {"_id": "c", "text": "x", "metadata": {"more": {"n": 1}}, "open": True},
        {"_id": "d", "text": "x", "metadata": "plain"},
    ]
    write(here, "docs.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert list(read_documents("docs.jsonl")) == [
        Document("a", "", "x", {"year": "2009", "by": '["A", "B"]'}),
        Document("b", "", "x", {}),
        Document("c", "", "x", {"open": "true", "more": '{"n": 1}'}),
        Document("d", "", "x", {"metadata": "plain"}),
    ]
    for name in ("kind", "title", "id"):
        row = {"id": "a", "text": "x", "kind": "y", "metadata": {name: "z"}}
        write(here, "docs.jsonl", json.dumps(row) + "\n")
        message = f"docs.jsonl:1: {name!r} is in metadata and beside it: rename one"
        assert fault("docs.jsonl") == message


def test_a_text_is_needed_where_it_is_indexed(here):
    write(here, "docs.jsonl", '{"id": "a", "head": "one"}\n')
    assert fault("docs.jsonl").startswith("docs.jsonl:1: no key 'text': it has id, head; name it")
    found = list(read_documents("docs.jsonl", fields=["head"]))
    assert found == [Document("a", "", "", {"head": "one"})]


def test_a_folder_of_texts(here):
    write(here, "acl/train/pos/0_9.txt", "good\nfilm")
    write(here, "acl/train/neg/0_1.txt", "")
    write(here, "acl/train/urls_pos.txt", "http://example.org/0")
    write(here, "acl/notes.txt", "a note")
    assert list(read_documents("acl")) == [
        Document("notes", "", "a note", {}),
        Document("train/neg/0_1", "", "", {"folder": "train/neg"}),
        Document("train/pos/0_9", "", "good\nfilm", {"folder": "train/pos"}),
    ]
    assert "has no columns to be chosen" in fault("acl", text_column="body")
    (here / "empty").mkdir()
    assert "expected .txt files, or corpus.jsonl (BEIR)" in fault("empty")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.pdf", "x", "a.pdf: extension '.pdf': choose from .csv, .jsonl, .tsv, .txt"),
        ("a.tsv", "id\tid\ttext\n", "a.tsv:1: two columns of one name: id, id, text"),
        ("a.tsv", "a\tb\nc\n", "a.tsv:2: 1 tab-separated field, expected 2 (id<TAB>text)"),
        ("a.csv", 'id,"te\n', "a.csv:1: not CSV"),
        ("a.jsonl", "{}\n", "a.jsonl:1: no key 'id': it has "),
        ("a.jsonl", '{"id": [1], "text": "x"}\n', "a.jsonl:1: column 'id' holds a list"),
        ("a.jsonl", "\n", "a.jsonl: no records in it"),
        ("a.txt", "", "a.txt: the file is empty"),
    ],
)
def test_faults(here, name, content, message):
    write(here, name, content)
    assert fault(name).startswith(message)


def test_sets_that_are_no_collection():
    assert fault("bundled:spam") == (
        "bundled:spam: no search collection: choose bundled:bible-search"
    )
    assert "save them as .jsonl" in fault("hf:imdb")
    assert "no such file" in fault("nowhere.jsonl")
    with pytest.raises(ConfigError, match="bundled:austen: no search collection"):
        read_retrieval("bundled:austen")


def test_the_bundled_collection():
    found = load_collection(CollectionConfig(), fields=("text",))
    assert next(found.documents()).id == "Gen.1.1"
    assert len(found.queries) == 1500 and len(found.judgements) == 4260
    assert read_retrieval("bundled:bible-search").judgements == found.judgements


def test_queries_are_found_or_given(here, caplog):
    write(here, "beir/corpus.jsonl", '{"_id": "a", "text": "x"}\n')
    folder = CollectionConfig(train="beir")
    assert load_collection(folder, fields=("text",)).queries == ()
    assert "no queries.jsonl and no qrels/test.tsv in it: nothing is measured" in caplog.text
    write(here, "beir/queries.jsonl", '{"_id": "q", "text": "x?"}\n')
    write(here, "beir/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq\ta\t1\n")
    found = load_collection(folder, fields=("text",))
    assert found.queries == (Query("q", "x?"),) and found.judgements == (("q", "a", 1),)
    given = CollectionConfig(
        train="beir", queries="beir/queries.jsonl", qrels="beir/qrels/test.tsv"
    )
    assert load_collection(given, fields=("text",)).judgements == found.judgements
    with pytest.raises(ConfigError, match=r"--data\.queries without --data\.qrels: give both"):
        load_collection(CollectionConfig(train="beir", queries="q.tsv"), fields=("text",))


def test_the_first_reading_counts(here):
    (here / "docs.tsv").write_bytes(b"a\tcaf\xe9\n")
    config = CollectionConfig(train="docs.tsv", encoding_errors="replace")
    found = load_collection(config, fields=("text",))
    assert [list(found.documents()) for _ in range(2)] == 2 * [[Document("a", "", "caf\ufffd", {})]]
    assert found.stats.replaced == 1
