"""`seqkit search` beside the library: JSON when piped, pages and a prompt on a terminal."""

import io
import json
import logging
import re

import pytest

import seqkit as library
from seqkit.data import Document
from seqkit.search.array_file import open_arrays
from seqkit.search.config import SearchConfig
from seqkit.search.feedback import RM3
from seqkit.search.index import SearchIndex
from seqkit.search.scorers import BM25, Dirichlet

pytest.importorskip("numba", reason="needs the extra search")

DOCUMENTS = [
    Document("d1", "Heat transfer", "Heat in a jet engine.", {"year": "1960"}),
    Document("d2", "", "The transfer of heat, and heat again.", {"year": "1965", "kind": "report"}),
    Document("d3", "Wings", "A wing in a \x1b[31mflow\x07 of air.", {"year": "1970"}),
    Document("d4", "Jets", "Jet after jet.", {}),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("search") / "index"
    with SearchIndex.create(folder).writer() as writer:
        writer.add(DOCUMENTS)
    return folder


@pytest.fixture
def terminal(monkeypatch):
    """Make stdout one, with this typed at it."""

    def typed(text=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.delenv("NO_COLOR", raising=False)

    return typed


def answers(outcome):
    assert outcome.code == 0, outcome.err
    return [json.loads(line) for line in outcome.out.splitlines()]


def test_json_when_piped(seqkit, index):
    (found,) = answers(seqkit("search", index, "heat", "transfer"))
    wanted = library.load(index).search("heat transfer")
    assert found["query"] == "heat transfer" and found["total"] == wanted.total == 2
    assert [(hit["id"], hit["score"], hit["rank"]) for hit in found["hits"]] == [
        (hit.id, hit.score, hit.rank) for hit in wanted
    ]
    first = next(hit for hit in found["hits"] if hit["id"] == "d1")
    assert first["fields"] == {"title": "Heat transfer", "year": "1960"}
    assert first["snippet"] == "**Heat** in a jet engine."


def test_queries_of_a_file_and_of_stdin(seqkit, process, index, tmp_path):
    queries = tmp_path / "queries.txt"
    queries.write_text('heat\n+"jet engine" +heat\n\nnowhere\n')
    found = answers(seqkit("search", index, "--file", queries, "--k", "1"))
    assert [row["total"] for row in found] == [2, 1, 0, 0]
    assert [len(row["hits"]) for row in found] == [1, 1, 0, 0]
    assert found[2]["note"] == "the query is empty" and found[3]["note"] is None
    done = process("search", index, "--k", "1", input=queries.read_text())
    assert [json.loads(line) for line in done.stdout.splitlines()] == found


def test_options_reach_the_library(seqkit, index):
    opened = library.load(index)

    def ids(*options):
        (found,) = answers(seqkit("search", index, *options))
        return [(hit["id"], hit["score"]) for hit in found["hits"]]

    def wanted(query, **options):
        return [(hit.id, hit.score) for hit in opened.search(query, **options)]

    scorer = BM25(k1=0.5, b=0.1, variant="atire")
    options = ["--k1", "0.5", "--b", "0.1", "--variant", "atire"]
    assert ids("heat jet", *options) == wanted("heat jet", scorer=scorer)
    options = ["--scorer", "dirichlet", "--mu", "5"]
    assert ids("heat jet", *options) == wanted("heat jet", scorer=Dirichlet(mu=5))
    assert ids("heat jet", "--k", "1", "--offset", "2") == wanted("heat jet", k=1, offset=2)
    chosen = wanted("heat", filter="year:[1961 TO *]")
    assert ids("heat", "--filter", "year:[1961 TO *]") == chosen and len(chosen) == 1
    assert ids("+heat -jet", "--plain") == wanted("+heat -jet", syntax=False)
    assert ids("--plain", "--", "-jet") == wanted("jet")
    expanded = RM3(terms=3).expand(opened, "wing")
    assert ids("wing", "--feedback", "rm3", "--feedback-terms", "3") == wanted(expanded)


def test_fields_and_explanations(seqkit, index):
    (found,) = answers(seqkit("search", index, "heat", "--fields", "text", "kind", "--explain"))
    by_id = {hit["id"]: hit for hit in found["hits"]}
    assert by_id["d1"]["fields"] == {"text": DOCUMENTS[0].text}
    assert by_id["d2"]["fields"] == {"text": DOCUMENTS[1].text, "kind": "report"}
    for hit in found["hits"]:
        shares = hit["explanation"]["shares"]
        assert sum(share["score"] for share in shares) == hit["score"]
        assert [share["name"] for share in shares] == ["heat"]


def test_a_page_on_a_terminal(seqkit, index, terminal, monkeypatch):
    terminal()
    out = seqkit("search", index, "heat").out
    assert "\x1b[1mHeat transfer\x1b[0m" in out and "\x1b[1;33mHeat\x1b[0m in a jet engine." in out
    assert "year 1960" in out and "1 to 2 of 2" in out
    monkeypatch.setenv("NO_COLOR", "1")
    plain = seqkit("search", index, "heat", "--explain").out
    assert "\x1b" not in plain and "*Heat* in a jet engine." in plain
    assert re.search(r"\d\.\d{4} heat tf \d, weight", plain)
    assert plain.splitlines()[0].startswith("  1. ") and "id d1" in plain
    assert "no hits here, 2 in all" in seqkit("search", index, "heat", "--offset", "5").out
    assert "nothing found" in seqkit("search", index, "nowhere").out
    assert answers(seqkit("search", index, "heat", "--json"))[0]["total"] == 2


def test_a_document_cannot_steer_the_terminal(seqkit, index, terminal):
    terminal()
    out = seqkit("search", index, "wing").out
    assert "\x1b[31m" not in out and "\x07" not in out and "\ufffd[31m" in out


@pytest.fixture
def unreadable(tmp_path):
    """An index with the texts of two documents damaged, and that of one not."""
    folder = tmp_path / "index"
    texts = {"a": "heat " + "a " * 5000, "b": "heat " + "b " * 5000, "c": "heat, and heat"}
    with SearchIndex.create(folder).writer() as writer:
        writer.add(Document(id, id.upper(), text, {"year": "1960"}) for id, text in texts.items())
    path = folder / "seg-00000001.bin"
    content = bytearray(path.read_bytes())
    content[content.index(open_arrays(path).arrays["stored"].tobytes()) + 9] ^= 255
    path.write_bytes(content)
    return folder


def test_a_hit_whose_text_is_damaged_is_shown_without_it(seqkit, unreadable, terminal, caplog):
    (found,) = answers(seqkit("search", unreadable, "heat"))
    by_id = {hit["id"]: (hit["snippet"], hit["fields"]) for hit in found["hits"]}
    readable = "**heat**, and **heat**", {"title": "C", "year": "1960"}
    assert by_id == {"a": (None, {"year": "1960"}), "b": (None, {"year": "1960"}), "c": readable}
    message = "seg-00000001.bin: the text of document 0 is damaged: restore the file"
    (record,) = caplog.records
    assert message in record.message and record.levelno == logging.WARNING
    assert record.message.endswith("hits shown without their text, damaged so: 2")
    terminal()
    out = seqkit("search", unreadable, "heat", "--fields", "title", "year").out
    assert re.findall(r"\d\. \x1b\[1m(\w)\x1b", out) == ["C", "a", "b"]
    assert out.count("year 1960") == 3 and "1 to 3 of 3" in out
    assert len(caplog.records) == 2


def test_the_prompt(seqkit, index, terminal):
    terminal("heat\n(jet\n:hepl\n\n:help\nwing\n:quit\njet\n")
    outcome = seqkit("search", index)
    assert outcome.code == 0
    assert "4 documents; :help tells more" in outcome.out and "heat -transfer" in outcome.out
    assert re.search(r"1 to 2 of 2, \d+\.\d ms", outcome.out) and "Wings" in outcome.out
    assert "Jets" not in outcome.out
    first, second = outcome.err.splitlines()
    assert first.startswith("seqkit: query, column 1: '(' is not closed")
    assert second == "seqkit: command ':hepl': choose from :help, :quit (did you mean ':help'?)"
    terminal("wing\n")
    assert seqkit("search", index).out.endswith("\n")  # Ctrl-D


def test_the_prompt_sees_later_commits(seqkit, tmp_path, terminal, monkeypatch):
    made = SearchIndex.create(tmp_path / "index")

    def lines():
        yield "heat"
        with made.writer() as writer:
            writer.add(DOCUMENTS)
        yield "heat"

    typed = lines()
    terminal()
    monkeypatch.setattr("seqkit.commands.search._typed", lambda: typed)
    out = seqkit("search", tmp_path / "index").out
    assert "the index has no documents" in out and "1 to 2 of 2" in out


def test_without_stored_texts(seqkit, refused, tmp_path):
    with SearchIndex.create(tmp_path / "index", SearchConfig(store=False)).writer() as writer:
        writer.add(DOCUMENTS)
    (found,) = answers(seqkit("search", tmp_path / "index", "heat"))
    assert found["hits"][0]["fields"].keys() == {"year"} or found["hits"][0]["id"] == "d2"
    assert "snippet" not in found["hits"][0]
    message = refused("search", tmp_path / "index", "heat", "--fields", "text")
    assert message == "--fields text: this index does not store texts"
    assert "not store" in refused("search", tmp_path / "index", "heat", "--feedback", "rm3")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["heat (jet"], "query, column 6: '(' is not closed"),
        (['"heat'], "query, column 1"),
        (["titel:heat"], "titel"),
        (["heat", "--filter", "yaer:1960"], "yaer"),
        (
            ["heat", "--fields", "yaer"],
            "--fields: field 'yaer': choose from kind, text, title, year",
        ),
        (["heat", "--k", "0"], "k 0, offset 0: k is 1 or more"),
        (["heat", "--offset", "-1"], "offset -1"),
        (["heat", "--mu", "5"], "--mu is for --scorer dirichlet, got bm25"),
        (["heat", "--b", "2"], "b 2.0: choose a number from 0 to 1"),
        (["heat", "--file", "x"], "search: give a query or --file, not both"),
        (["--file", "nowhere.txt"], "nowhere.txt: no such file"),
        (["heat", "--scorer", "bm52"], "bm25"),
        (["heat", "--feedback-terms", "5"], "has no effect without --feedback rm3"),
        (["heat", "--feedback", "rm3", "--feedback-terms", "0"], "RM3: terms 0: must be 1 or more"),
        (["heat", "--filters", "x"], "did you mean"),
        (["-heat"], "a query that begins with a dash stands behind --: -- '-heat'"),
        (["heat", "--filter", "-year:1"], "a dash stands behind =: --filter='-year:1'"),
        (["--variant", "lucen"], "atire, bm25+, bm25l, lucene, robertson (did you mean 'lucene'?)"),
    ],
)
def test_what_cannot_be(refused, index, options, message):
    said = refused("search", index, *options)
    assert message in said and "---" not in said


def test_a_query_of_a_file_that_cannot_be_parsed(seqkit, index, tmp_path):
    (tmp_path / "queries.txt").write_text("heat\n(jet\n")
    outcome = seqkit("search", index, "--file", tmp_path / "queries.txt")
    assert outcome.code == 2 and len(outcome.out.splitlines()) == 1
    assert outcome.err.startswith("seqkit: query 2: column 1: ")
    options = ["--file", tmp_path / "queries.txt", "--filter", "yaer:1"]
    assert seqkit("search", index, *options).err.startswith("seqkit: filter: column 1: ")


def test_what_finds_nothing_is_no_error(seqkit, tmp_path):
    SearchIndex.create(tmp_path / "index")
    (found,) = answers(seqkit("search", tmp_path / "index", "heat"))
    assert found["hits"] == [] and found["note"] == "the index has no documents"
    (found,) = answers(seqkit("search", tmp_path / "index", "?!"))
    assert found["note"].startswith("nothing to look for")


def test_folders_that_are_no_index(refused, saved_bag, index, tmp_path):
    assert "no such folder" in refused("search", tmp_path / "nowhere", "heat")
    (tmp_path / "docs.jsonl").write_text("{}")
    message = refused("search", tmp_path / "docs.jsonl", "heat")
    assert "docs.jsonl: a file, expected the folder of a search index: seqkit train" in message
    message = refused("search", saved_bag, "heat")
    assert "a TextClassifier, expected a SearchIndex: seqkit predict, evaluate" in message
    message = refused("predict", index, "heat")
    assert message.endswith(
        "expected a TextClassifier: seqkit search, index and evaluate work with it"
    )
    assert "a SearchIndex, expected a Lang" in refused("generate", index, "heat")
