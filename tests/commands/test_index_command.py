"""`seqkit index` and `seqkit inspect` of an index, beside what the library finds then."""

import json
import re
import shutil

import pytest

import seqkit as library
from seqkit.search.index import SearchIndex

pytest.importorskip("numba", reason="needs the extra search")


def rows(*ids, text="heat transfer"):
    return "".join(
        json.dumps({"id": id, "text": f"{text} {id}", "year": 1960}) + "\n" for id in ids
    )


@pytest.fixture
def index(tmp_path):
    """Two commits of documents."""
    made = SearchIndex.create(tmp_path / "index")
    for ids in ("ab", "cd"):
        with made.writer() as writer:
            writer.add([library.Document(id, "", f"heat {id}", {}) for id in ids])
    return tmp_path / "index"


@pytest.fixture
def file(tmp_path):
    def write(content, name="docs.jsonl"):
        (tmp_path / name).write_text(content)
        return tmp_path / name

    return write


def ids(folder):
    return "".join(sorted(library.load(folder)))


def figures(outcome):
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)


def test_add(seqkit, index, file):
    out = seqkit("index", "add", index, file(rows("e", "f"))).out
    assert re.fullmatch(
        r"added documents: 2; in \d+\.\d\d seconds; the index has 6 documents, segments: \d\n", out
    )
    assert ids(index) == "abcdef" and library.load(index).document("e").fields == {"year": "1960"}
    found = figures(seqkit("index", "add", index, file("g\tjet\n", "docs.tsv"), "--json"))
    assert found["added"] == 1 and found["documents"] == 7
    assert found["generation"] == library.load(index).snapshot.generation
    columns = file("nr,body\nh,a wing\n", "docs.csv")
    options = ["--id-column", "nr", "--text-column", "body"]
    assert seqkit("index", "add", index, columns, *options).code == 0
    assert [hit.id for hit in library.load(index).search("wing")] == ["h"]


def test_update(seqkit, index, file):
    out = seqkit("index", "update", index, file(rows("d", "e", text="jet"))).out
    assert out.startswith("updated documents: 2, 1 of them new; ")
    assert ids(index) == "abcde"
    assert {hit.id for hit in library.load(index).search("jet")} == {"d", "e"}


def test_delete(seqkit, index, file):
    assert seqkit("index", "delete", index, "a", "c", "a").out.startswith("deleted documents: 2; ")
    assert ids(index) == "bd"
    given = file("b\nx\n", "ids.txt")
    found = seqkit("index", "delete", index, "--file", given, "--missing-ok").out
    assert found.startswith("deleted documents: 1, 1 id is not there; ")
    assert found.endswith("the index has 1 document, segments: 1\n")
    assert ids(index) == "d"


def test_merge_and_verify(seqkit, index, refused):
    seqkit("index", "delete", index, "a")
    found = figures(seqkit("index", "merge", index, "--json"))
    assert found["segments"] == 1 and found["documents"] == 3
    assert "every byte as it was written" in seqkit("index", "verify", index).out
    damage(index)
    message = refused("index", "verify", index)
    assert "damaged" in message and message.count("seg-") == 1


def damage(index, at=64):
    """Change a byte of the first segment."""
    path = sorted(index.glob("seg-*.bin"))[0]
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    return path


def test_all_or_nothing(refused, index, file):
    docs = file(rows("e", "a"))
    message = refused("index", "add", f"{index}/", docs)
    assert message == (
        f"{docs}: document 2: a document with the id 'a' is there already: give another id, or "
        "replace it with seqkit index update"
    )
    assert "id 'e' is there already" in refused("index", "add", index, file(rows("e", "e")))
    message = refused("index", "update", index, file(rows("e", "a", "e")))
    assert message == (
        f"{docs}: document 3: two documents with the id 'e' in one update: give the one that is "
        "to stay"
    )
    broken = file(rows("e") + "{\n")
    assert "docs.jsonl:2: not JSON" in refused("index", "update", index, broken)
    message = refused("index", "delete", index, "a", "x")
    assert message == (
        f"{index}: no document with the id 'x' to delete: check the id, or pass over such with "
        "--missing-ok"
    )
    assert ids(index) == "abcd"


def test_a_second_writer(refused, index, file, seqkit):
    with library.load(index).writer():
        for args in (["add", index, file(rows("e"))], ["delete", index, "a"], ["merge", index]):
            message = refused("index", *args)
            assert "another writer is at work there (process " in message
        assert seqkit("search", index, "heat").code == 0
    assert ids(index) == "abcd"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["ad", "INDEX"], "index 'ad': choose from add, delete, merge, update, verify"),
        (["add", "nowhere", "docs.jsonl"], "nowhere: no such folder"),
        (["add", "long.tsv", "INDEX"], "long.tsv: a file, expected the folder of a search index"),
        (["add", "INDEX", "nowhere.jsonl"], "nowhere.jsonl: no such file"),
        (["add", "INDEX", "no-ids.txt"], "no-ids.txt:1: no tab, so no id"),
        (["add", "INDEX", "no-ids.jsonl"], "no-ids.jsonl:1: no key 'id': it has text"),
        (["add", "INDEX", "no-ids.jsonl"], "only a new index gives numbers to records without"),
        (["add", "INDEX", "long.tsv", "--max-chars", "9"], "of more than 9 characters"),
        (["add", "INDEX", "long.tsv", "--memory", "1"], "memory 1: "),
        (["delete", "INDEX"], "index delete: give ids or --file, one of the two"),
        (["delete", "INDEX", "a", "--file", "x"], "index delete: give ids or --file"),
        (["delete", "INDEX", "--file", "nowhere"], "nowhere: no such file"),
    ],
)
def test_what_cannot_be(refused, index, file, monkeypatch, args, message):
    file("a text\n", "no-ids.txt")
    file('{"text": "x"}\n', "no-ids.jsonl")
    file("x\tlonger than that\n", "long.tsv")
    monkeypatch.chdir(index.parent)
    assert message in refused("index", *["index" if arg == "INDEX" else arg for arg in args])
    assert ids(index) == "abcd"


def test_usage(seqkit):
    assert "seqkit index add INDEX DOCUMENTS" in seqkit("index").out


def test_a_damaged_segment_is_named_and_the_others_are_searched(
    index, seqkit, refused, caplog, file
):
    path = damage(index, at=9)  # its head
    found = figures(seqkit("search", index, "heat"))
    assert {hit["id"] for hit in found["hits"]} == {"c", "d"}
    assert path.name in caplog.text and "can be searched, not changed" in caplog.text
    message = seqkit("index", "add", index, file(rows("e")))
    assert message.code == 2 and path.name in message.err
    outcome = seqkit("inspect", index)
    assert outcome.code == 2 and path.name in outcome.err


def test_a_newer_format(index, refused):
    manifest = json.loads((index / "manifest.json").read_text())
    (index / "manifest.json").write_text(json.dumps({**manifest, "format": 99}))
    message = refused("search", index, "heat")
    assert "format 99, written by a newer seqkit" in message and "pip install --upgrade" in message


def test_a_large_document(index, seqkit, tmp_path):
    path = tmp_path / "large.tsv"
    path.write_text("big\t" + "heat transfer of a jet " * 100_000 + "\n")
    options = ["--max-chars", "50000000", "--memory", "16M"]
    assert seqkit("index", "add", index, path, *options).code == 0
    (hit,) = library.load(index).search("transfer", k=1)
    assert hit.id == "big" and len(hit.snippet()) < 300


def test_inspect(seqkit, index):
    seqkit("index", "delete", index, "a")
    page = seqkit("inspect", index).out
    assert "SearchIndex, bundle format 1, every file as it was written" in page
    assert "commit 3: 3 documents of 6 indexed words, 1 deleted; segments: 2" in page
    assert re.search(r"bytes  seg-00000001: 1 document, 1 deleted, 3 different terms", page)
    assert "bytes  postings" in page and "fields: title, text; their texts are stored" in page
    assert "analysis: tokenizer word" in page and "stemmer none" in page
    found = figures(seqkit("inspect", index, "--json"))
    assert found["kind"] == "SearchIndex" and found["search"]["documents"] == 3
    sizes = sum(path.stat().st_size for path in index.glob("seg-*.bin"))
    assert sum(found["search"]["bytes"].values()) == sizes


def test_inspect_of_damage(index, refused, tmp_path):
    whole = shutil.copytree(index, tmp_path / "whole")
    path = damage(index)
    assert path.name in refused("inspect", index)
    (whole / "manifest.json").write_text("{}")
    assert "manifest.json" in refused("inspect", whole)
