"""Running text, parallel text, tagged text and search collections."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.data import (
    Document,
    Judgement,
    Pair,
    Query,
    TaggedSentence,
    read_pairs,
    read_retrieval,
    read_tagged,
    read_text,
)
from seqkit.errors import DataError


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(name: str, content: str) -> str:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_bytes(content.encode())
    return name


def fault(read) -> str:
    with pytest.raises(DataError) as caught:
        list(read())
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_text_is_its_lines_whatever_the_extension():
    write("ptb.train", "no it was n't <unk>\n\nblack monday\n")
    assert list(read_text("ptb.train")) == ["no it was n't <unk>", "", "black monday"]


def test_text_of_tables_and_folders():
    write("a.jsonl", '{"text": "one"}\n{"text": "two"}\n')
    assert list(read_text("a.jsonl")) == ["one", "two"]
    write("a.tsv", "id\ttext\n1\tone\n")
    assert list(read_text("a.tsv")) == ["one"]
    write("books/b.txt", "second\n")
    write("books/a.txt", "first\nline\n")
    assert list(read_text("books")) == ["first", "line", "second"]
    assert next(read_text("bundled:spam")).startswith("Go until jurong point")
    Path("none").mkdir()
    assert fault(lambda: read_text("none")) == (
        "none: a folder of no known layout: expected .txt files, or give a file"
    )


def test_pairs_from_a_table():
    write("a.tsv", "Go.\tVa !\tCC-BY\nRun!\tCours !\tCC-BY\n")
    assert list(read_pairs("a.tsv")) == [
        Pair("Go.", "Va !", "a.tsv", 1),
        Pair("Run!", "Cours !", "a.tsv", 2),
    ]
    write("b.jsonl", '{"en": "Go.", "fr": "Va !"}\n')
    pairs = list(read_pairs("b.jsonl", source_column="fr", target_column="en"))
    assert pairs == [Pair("Va !", "Go.", "b.jsonl", 1)]
    write("c.tsv", "Go.\tVa !\nRun!\n")
    assert fault(lambda: read_pairs("c.tsv")) == (
        "c.tsv:2: 1 tab-separated field, expected 2 (source<TAB>target)"
    )
    write("d.tsv", "source\ttarget\n")
    assert fault(lambda: read_pairs("d.tsv")) == "d.tsv: no records in it"
    assert fault(lambda: read_pairs(".")) == (
        ".: a folder: give a table, or two files as train.en,train.de"
    )


def test_pairs_from_two_files():
    write("train.en", "a dog\na cat\n")
    write("train.de", "ein Hund\neine Katze\n")
    assert list(read_pairs("train.en,train.de")) == [
        Pair("a dog", "ein Hund", "train.en", 1),
        Pair("a cat", "eine Katze", "train.en", 2),
    ]
    write("train.de", "ein Hund\n")
    assert fault(lambda: read_pairs("train.en,train.de")) == (
        "train.en: 2 lines, and train.de has 1: the first is longer by 1: "
        "give files whose lines belong together"
    )
    assert fault(lambda: read_pairs("a,b,c")) == "a,b,c: 3 files, expected two: train.en,train.de"


CONLL = """# Rom.4.9
Abraham\tB-PER
#\tO

-DOCSTART- -X- O

# another

went\tO
"""


def test_tagged():
    write("a.conll", CONLL.replace("-DOCSTART- -X- O\n\n", ""))
    assert list(read_tagged("a.conll")) == [
        TaggedSentence(("Abraham", "#"), ("B-PER", "O"), "a.conll", 2),
        TaggedSentence(("went",), ("O",), "a.conll", 7),
    ]
    write("eng.testa", "-DOCSTART- -X- O O\n\nEU NNP I-NP B-ORG\nrejects VBZ I-VP O\n")
    assert list(read_tagged("eng.testa")) == [
        TaggedSentence(("EU", "rejects"), ("B-ORG", "O"), "eng.testa", 3)
    ]


def test_tagged_faults():
    write("a.conll", "EU B-ORG\nrejects\n")
    assert fault(lambda: read_tagged("a.conll")) == (
        "a.conll:2: 1 column, expected 2 (the token first, its tag last)"
    )
    write("b.conll", "EU\n")
    assert fault(lambda: read_tagged("b.conll")).startswith("b.conll:1: 1 column, expected 2")
    write("c.conll", "EU\t\n")
    assert fault(lambda: read_tagged("c.conll")) == "c.conll:1: an empty tag"
    write("d.conll", "# only\n\n")
    assert fault(lambda: read_tagged("d.conll")) == "d.conll: no records in it"
    write("e.conll", "a O\n" * 100)
    assert fault(lambda: read_tagged("e.conll", max_chars=50)).startswith(
        "e.conll:1: a single record of more than 50 characters"
    )


words = st.text(st.characters(categories=["L", "N", "S"]), min_size=1)
sentences = st.lists(st.lists(st.tuples(words, words), min_size=1), min_size=1)


@given(sentences)
def test_tagged_round_trip(tmp_path_factory, wanted):
    path = tmp_path_factory.mktemp("tagged") / "a.conll.gz"
    blocks = ("".join(f"{token}\t{tag}\n" for token, tag in sentence) for sentence in wanted)
    path.write_bytes(gzip.compress("\n".join(blocks).encode()))
    read = [list(zip(each.tokens, each.tags, strict=True)) for each in read_tagged(str(path))]
    assert read == wanted


def test_retrieval_from_a_beir_folder():
    corpus = [{"_id": "d1", "title": "T", "text": "x", "metadata": {"n": 1}, "url": "u"}]
    write("set/corpus.jsonl", "".join(json.dumps(line) + "\n" for line in corpus))
    write("set/queries.jsonl", '{"_id": "q1", "text": "what", "metadata": {}}\n')
    write("set/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t2\n")
    collection = read_retrieval("set")
    assert collection.queries == (Query("q1", "what"),)
    assert collection.judgements == (Judgement("q1", "d1", 2),)
    for _ in range(2):  # a new pass each time
        assert list(collection.documents()) == [Document("d1", "T", "x", {"url": "u", "n": "1"})]
    message = fault(lambda: read_retrieval("set", split="dev").queries)
    assert message.startswith("set: no qrels/dev.tsv in this folder: expected a BEIR folder (")


def test_retrieval_from_three_files():
    write("docs.jsonl", '{"id": 7, "text": "wing"}\n')
    write("queries.tsv", "q1\twhat is lift\n")
    write("cranqrel", "q1 0 7 4\nq1 8 -1 \n")
    collection = read_retrieval("docs.jsonl,queries.tsv,cranqrel")
    assert list(collection.documents()) == [Document("7", "", "wing", {})]
    assert collection.queries == (Query("q1", "what is lift"),)
    assert collection.judgements == (Judgement("q1", "7", 4), Judgement("q1", "8", -1))


def test_retrieval_faults():
    write("docs.jsonl", '{"id": 7, "body": "wing"}\n')
    write("queries.tsv", "q1\twhat is lift\n")
    write("qrels", "q1 0 7 high\n")
    assert fault(lambda: read_retrieval("docs.jsonl,queries.tsv,qrels").queries) == (
        "qrels:1: 'q1 0 7 high' is not a judgement: expected query, document, grade, "
        "or TREC's query, iteration, document, grade"
    )
    write("qrels", "q1 0 7 1\n")
    collection = read_retrieval("docs.jsonl,queries.tsv,qrels")
    assert fault(collection.documents) == "docs.jsonl:1: no key 'text': it has id, body"
    assert fault(lambda: read_retrieval("docs.jsonl")).startswith("docs.jsonl: a single file, exp")
    assert fault(lambda: read_retrieval("a,b")).startswith("a,b: 2 files, expected a BEIR folder")
