"""Labelled text: every format says the same records, and every fault has its sentence."""

import csv
import gzip
import io
import json
import lzma
import tracemalloc
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.data import LabeledText, ReadStats, read_labeled
from seqkit.errors import ConfigError, DataError

RECORDS = [("ham", 'he said "hi", then left'), ("spam", "WIN \U0001f600 now"), ("ham", "")]


def write(path: Path, content: str | bytes) -> str:
    content = content.encode() if isinstance(content, str) else content
    pack = {".gz": gzip.compress, ".xz": lzma.compress}.get(path.suffix, bytes)
    path.write_bytes(pack(content))
    return str(path)


def pairs(path: str, **options) -> list[tuple[str, str]]:
    return [(record.label, record.text) for record in read_labeled(path, **options)]


def fault(path: str, **options) -> str:
    with pytest.raises(DataError) as caught:
        list(read_labeled(path, **options))
    message = str(caught.value)
    assert "\n" not in message
    return message.replace(f"{Path(path).parent}/", "")


def as_csv(records, header=("label", "text")) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([header, *records])
    return out.getvalue()


def as_jsonl(records) -> str:
    return "".join(json.dumps({"id": 1, "label": a, "text": b}) + "\n" for a, b in records)


FORMATS = {
    "headerless.tsv": "".join(f"{a}\t{b}\n" for a, b in RECORDS),
    "header.tsv": "text\tid\tlabel\n" + "".join(f"{b}\t7\t{a}\n" for a, b in RECORDS),
    "crlf.tsv": "\ufefflabel\ttext\r\n" + "".join(f"{a}\t{b}\r\n" for a, b in RECORDS),
    "a.csv": as_csv(RECORDS),
    "a.jsonl": as_jsonl(RECORDS),
    "fasttext.txt": "".join(f"__label__{a} {b}\n" for a, b in RECORDS),
    "tabs.txt": "".join(f"{a}\t{b}\n" for a, b in RECORDS),
    "SMSSpamCollection": "".join(f"{a}\t{b}\n" for a, b in RECORDS),
}


@pytest.mark.parametrize("compression", ["", ".gz", ".xz"])
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_says_the_same(tmp_path, name, compression):
    assert pairs(write(tmp_path / f"{name}{compression}", FORMATS[name])) == RECORDS


@pytest.mark.parametrize("name", ["cooking.train", "cooking.valid.gz", "a.docx", "TEXTS.FT.xz"])
def test_fasttext_under_any_name_that_is_not_a_table(tmp_path, name):
    assert pairs(write(tmp_path / name, "\n" + FORMATS["fasttext.txt"])) == RECORDS


def test_only_fasttext_goes_under_any_name(tmp_path):
    wanted = "choose from .csv, .jsonl, .parquet, .tsv, .txt, each also .gz or .xz"
    for content in (FORMATS["tabs.txt"], b"PK\x03\x04\0", b"caf\xe9", ""):
        path = write(tmp_path / "cooking.train", content)
        assert fault(path) == f"cooking.train: extension '.train': {wanted}"
    path = write(tmp_path / "a.tsv", "__label__x a\n")  # a table stays a table
    assert fault(path) == "a.tsv:1: 1 tab-separated field, expected 2 (label<TAB>text)"
    multi = write(tmp_path / "b.train", "__label__x __label__y how to cook\n")
    assert fault(multi) == "b.train:1: more than one label, expected one (__label__x text)"


@pytest.mark.parametrize("compression", ["", ".gz", ".xz"])
def test_parquet(tmp_path, compression):
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    out = io.BytesIO()
    columns = {"text": [b for _, b in RECORDS], "label": [a for a, _ in RECORDS]}
    parquet.write_table(arrow.table(columns), out)
    path = write(tmp_path / f"a.parquet{compression}", out.getvalue())
    assert pairs(path) == RECORDS
    assert [record.line for record in read_labeled(path)] == [1, 2, 3]
    assert fault(path, text_column="body") == (
        f"a.parquet{compression}: no column 'body': choose from label, text "
        "with --text-column (train: --data.text-column)"
    )
    broken = write(tmp_path / f"b.parquet{compression}", out.getvalue()[:-9])
    assert fault(broken).startswith(f"b.parquet{compression}: damaged or foreign parquet file (")


def test_records_know_their_place(tmp_path):
    path = write(tmp_path / "a.csv", 'label,text\n\nham,"two\nlines"\nspam,one\n')
    assert list(read_labeled(path)) == [
        LabeledText("two\nlines", "ham", path, 3),
        LabeledText("one", "spam", path, 5),
    ]


def test_columns_by_name(tmp_path):
    path = write(tmp_path / "a.csv", "sentence,stars,Label\nhello,5,x\n")
    assert pairs(path, text_column="sentence") == [("x", "hello")]  # "Label" is found for "label"
    assert pairs(path, text_column="sentence", label_column="stars") == [("5", "hello")]
    assert fault(path, text_column="sentense", label_column="stars") == (
        "a.csv:1: no column 'sentense': choose from Label, sentence, stars "
        "(did you mean 'sentence'?) with --text-column (train: --data.text-column)"
    )


def test_half_a_header_is_not_a_record(tmp_path):
    path = write(tmp_path / "sst2.tsv", "sentence\tlabel\nhide new secretions\t0\n")
    assert fault(path) == (
        "sst2.tsv:1: no column 'text': choose from label, sentence "
        "with --text-column (train: --data.text-column)"
    )
    assert pairs(path, text_column="sentence") == [("0", "hide new secretions")]


def test_json_values(tmp_path):
    lines = [
        '{"text": "a", "label": 1}',
        '{"label": true, "text": null}',
        "",
        '{"text": "b", "label": 0.5}',
    ]
    path = write(tmp_path / "a.jsonl", "\n".join(lines))
    assert pairs(path) == [("1", "a"), ("true", ""), ("0.5", "b")]


def test_csv_fields_may_be_long(tmp_path):
    long = "word " * 100_000  # the csv module refuses 131,072 characters unless told otherwise
    assert pairs(write(tmp_path / "a.csv", as_csv([("x", long)]))) == [("x", long)]


FAULTS = [
    (
        "valid.tsv",
        "ham\tok\nham\ta\tb\n",
        "valid.tsv:2: 3 tab-separated fields, expected 2 (label<TAB>text)",
    ),
    ("a.tsv", "no tab here\n", "a.tsv:1: 1 tab-separated field, expected 2 (label<TAB>text)"),
    (
        "a.tsv",
        "id\tlabel\ttext\n1\tx\n",
        "a.tsv:2: 2 tab-separated fields, expected 3 (id<TAB>label<TAB>text)",
    ),
    ("a.csv", "label,text\nx,a\nx,a,b\n", "a.csv:3: 3 fields, expected 2 (label,text)"),
    ("a.csv", 'label,text\nx,"a" b\n', "a.csv:2: not CSV (',' expected after '\"')"),
    ("a.csv", 'label,text\nx,"a\n', "a.csv:2: not CSV (unexpected end of data)"),
    (
        "a.csv",
        "1,hello\n",
        "a.csv:1: no column 'label': choose from 1, hello "
        "with --label-column (train: --data.label-column)",
    ),
    (
        "a.jsonl",
        '{"text": "a", "label": "x"}\n{"text": "a" "label"}\n',
        "a.jsonl:2: not JSON (Expecting ',' delimiter at column 14)",
    ),
    ("a.jsonl", "[1]\n", "a.jsonl:1: a JSON list, expected an object"),
    (
        "a.jsonl",
        '{"body": "a", "label": "x"}\n',
        "a.jsonl:1: no column 'text': choose from body, label "
        "with --text-column (train: --data.text-column)",
    ),
    (
        "a.jsonl",
        '{"text": ["a"], "label": "x"}\n',
        "a.jsonl:1: column 'text' holds a list, expected text or a number",
    ),
    ("a.tsv", "ham\tok\n\tno label\n", "a.tsv:2: empty label: label the record or remove it"),
    (
        "a.jsonl",
        '{"text": "a", "label": null}\n',
        "a.jsonl:1: empty label: label the record or remove it",
    ),
    ("a.tsv", "label\ttext\n", "a.tsv: no records in it"),
    ("a.tsv", "\n\n", "a.tsv: no records in it"),
    ("a.txt", "__label__x a\nb\n", "a.txt:2: no label, expected one (__label__x text)"),
    (
        "a.txt",
        "__label__x __label__y a\n",
        "a.txt:1: more than one label, expected one (__label__x text)",
    ),
    (
        "a.tsv",
        b"ham\tok\nham\tcaf\xe9\n",
        "a.tsv:2: invalid UTF-8 at byte 14 (0xe9): convert the file to UTF-8, or "
        "continue with --encoding-errors replace (train: --data.encoding-errors replace)",
    ),
    ("a.csv", b"label,text\nx,a\x00b\n", "a.csv:2: NUL byte at byte 14: this is not a text file"),
    ("a.txt", "", "a.txt: the file is empty"),
    (
        "a.docx",
        "x",
        "a.docx: extension '.docx': choose from .csv, .jsonl, .parquet, .tsv, .txt, each "
        "also .gz or .xz",
    ),
]


@pytest.mark.parametrize("name, content, message", FAULTS)
def test_bad_input_is_named_in_one_line(tmp_path, name, content, message):
    assert fault(write(tmp_path / name, content)) == message


@pytest.mark.parametrize("content", ["[" * 100_000, '{"text": ' + "1" * 5_000 + "}"])
def test_json_that_python_refuses(tmp_path, content):
    message = fault(write(tmp_path / "a.jsonl", content + "\n"))
    assert message.startswith("a.jsonl:1: not JSON that can be read (")


def test_one_long_record_over_many_lines(tmp_path):
    path = write(tmp_path / "a.csv", 'label,text\nham,ok\nspam,"' + "a line\n" * 1_000)
    assert fault(path, max_chars=500) == (
        "a.csv:3: a single record of more than 500 characters: check that the file has line "
        "breaks, or allow it with --max-chars (train: --data.max-chars)"
    )


def test_a_missing_file_fails_at_the_call(tmp_path):
    with pytest.raises(DataError, match=r"no such file or folder$"):
        read_labeled(str(tmp_path / "train.tsv"))
    with pytest.raises(ConfigError, match="encoding_errors 'skip'"):
        read_labeled(str(tmp_path), encoding_errors="skip")


def test_replacing_is_counted_once_a_line(tmp_path):
    stats = ReadStats()
    path = write(tmp_path / "a.txt", b"ham\t\xff\xfe\nham\tok\nspam\t\xe9\n")
    read = pairs(path, encoding_errors="replace", stats=stats)
    assert read == [("ham", "\ufffd\ufffd"), ("ham", "ok"), ("spam", "\ufffd")]
    assert stats.replaced == 2


field = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0\ufeff"))
labels = st.text("abc 0", min_size=1).filter(str.strip)


@given(st.lists(st.tuples(labels, field), min_size=1))
def test_csv_and_json_hold_any_text(tmp_path_factory, records):
    folder = tmp_path_factory.mktemp("any")
    assert pairs(write(folder / "a.csv", as_csv(records))) == records
    assert pairs(write(folder / "a.jsonl", as_jsonl(records))) == records


def test_reading_holds_one_record_at_a_time(tmp_path):
    line = "spam\t" + "free prize " * 100 + "\n"
    path = write(tmp_path / "a.tsv.gz", line * 8_000)  # 8.8 MB
    tracemalloc.start()
    counts = Counter(record.label for record in read_labeled(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert counts == {"spam": 8_000}
    assert peak < 1_000_000
