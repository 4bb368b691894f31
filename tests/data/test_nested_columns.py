"""Columns within a column, as sets of translations have them: JSON lines, Parquet, the hub."""

import json
import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.data import Pair, read_labeled, read_pairs
from seqkit.data.readers.columns import named_columns
from seqkit.errors import DataError

ROWS = [
    {"id": 1, "translation": {"en": "a dog", "de": "ein Hund"}},
    {"id": 2, "translation": {"de": "eine Katze", "en": None}},
    {"id": 3, "translation": None},
]
SIDES = [("a dog", "ein Hund"), ("", "eine Katze"), ("", "")]
COLUMNS = {"source_column": "translation.en", "target_column": "translation.de"}
KNOWN = "choose from id, translation.de, translation.en"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def jsonl(*rows, name: str = "a.jsonl") -> str:
    Path(name).write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return name


def parquet(*rows, name: str = "a.parquet") -> str:
    pyarrow = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.parquet").write_table(pyarrow.Table.from_pylist(rows), name)
    return name


def fault(path: str, **columns: str) -> str:
    with pytest.raises(DataError) as caught:
        list(read_pairs(path, **columns))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("write", [jsonl, parquet])
def test_a_column_within_a_column(write):
    path = write(*ROWS)
    expected = [Pair(*sides, path, line) for line, sides in enumerate(SIDES, 1)]
    assert list(read_pairs(path, **COLUMNS)) == expected
    mixed = list(read_pairs(path, source_column="id", target_column="translation.de"))
    assert [pair[:2] for pair in mixed] == [("1", "ein Hund"), ("2", "eine Katze"), ("3", "")]
    where = path if write is parquet else f"{path}:1"
    assert fault(path).startswith(f"{where}: no column 'source': {KNOWN} with --source-column")
    wrong = fault(path, source_column="translation.en", target_column="translation.fr")
    assert wrong.startswith(f"{where}: no column 'translation.fr': {KNOWN} (did you mean")
    whole = fault(path, source_column="translation", target_column="id")
    assert whole.startswith(f"{where}: no column 'translation': {KNOWN}")


def test_the_hub(monkeypatch):
    datasets = pytest.importorskip("datasets")
    kinds = [datasets.Translation(["en", "de"])]
    kinds.append({"en": datasets.Value("string"), "de": datasets.Value("string")})
    for kind in kinds:
        features = datasets.Features({"id": datasets.Value("int64"), "translation": kind})
        table = datasets.Dataset.from_list(ROWS[:2], features=features)
        monkeypatch.setattr(datasets, "load_dataset", lambda *a, table=table, **o: table)
        found = [pair[:2] for pair in read_pairs("hf:someone/set", **COLUMNS)]
        assert found == SIDES[:2]
        assert f"no column 'source': {KNOWN}" in fault("hf:someone/set")


def test_labelled_texts_too():
    path = jsonl({"label": "ham", "message": {"body": {"text": "hello"}}})
    (record,) = read_labeled(path, text_column="message.body.text")
    assert record[:2] == ("hello", "ham")


def test_a_name_with_a_dot_is_first_of_all_a_name():
    row = {"a.b": "flat", "a": {"b": "deep"}, "target": "x"}
    for path in (jsonl(row), parquet(row)):
        assert next(read_pairs(path, source_column="a.b")).source == "flat"


def test_rows_of_another_form():
    first = {"translation": {"en": "a", "de": "b"}}
    for second, message in (
        ({"translation": {"en": "a"}}, "key 'de': choose from en in column 'translation'"),
        ({"translation": "a"}, "column 'translation' holds a str, expected an object"),
        ({"translation": {"en": ["a"], "de": "b"}}, "column 'translation.en' holds a list"),
        ({"other": 1}, "no column 'translation.en': choose from other"),
    ):
        assert fault(jsonl(first, second), **COLUMNS).startswith(f"a.jsonl:2: {message}")


def test_one_column_for_both_sides():
    expected = "source and target are the same column, 'translation.en': name each, "
    same = {"source_column": "translation.en", "target_column": "translation.en"}
    assert fault(jsonl(*ROWS), **same).startswith(f"a.jsonl:1: {expected}--target-column")
    assert expected in fault(parquet(*ROWS), **same)
    Path("a.tsv").write_text("source\ttarget\na\tb\n")
    assert "are the same column, 'target'" in fault("a.tsv", source_column="target")


names = st.text("abc", min_size=1, max_size=2)
values = st.recursive(
    st.integers() | st.none(), lambda inner: st.dictionaries(names, inner, max_size=3), max_leaves=9
)


@given(st.dictionaries(names, values, max_size=4))
def test_named_columns_are_the_leaves(record):
    def leaves(value, prefix=()):
        if isinstance(value, dict) and value:
            for key, below in value.items():
                yield from leaves(below, (*prefix, key))
        elif prefix:
            yield prefix

    assert list(named_columns(record).values()) == list(leaves(record))
    assert all(".".join(keys) == name for name, keys in named_columns(record).items())


def test_a_deep_record_is_no_fault_of_ours():
    deep: object = "x"
    for _ in range(5000):
        deep = {"a": deep}
    assert len(named_columns({"a": deep})) == 1


def test_what_columns_are_taken_is_not_told_of_named_ones(caplog):
    caplog.set_level(logging.INFO, logger="seqkit")
    assert list(read_pairs(jsonl(*ROWS), **COLUMNS)) and caplog.messages == []
