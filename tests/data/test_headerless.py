"""Pairs in a TSV that names no side: what is told, what is doubted, and what must not be."""

import logging
import random
from pathlib import Path

import pytest

from seqkit.data import Pair, read_pairs
from seqkit.errors import DataError


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch, caplog):
    monkeypatch.chdir(tmp_path)
    caplog.set_level(logging.INFO, logger="seqkit")


ENGLISH = ["You see Anna.", "We know bread.", "A dog finds it.", "Go.", "I know English."] * 3
GERMAN = ["Du siehst Anna.", "Wir kennen Brot.", "Ein Hund.", "Geh.", "Ich kann Deutsch."] * 3


def write(name: str, rows) -> str:
    Path(name).write_text("".join("\t".join(row) + "\n" for row in rows), "utf-8")
    return name


def told(path: str, caplog, **options) -> tuple[list[str], list[str]]:
    """What reading a path logs: what is told, and what is warned of."""
    caplog.clear()
    assert list(read_pairs(path, **options))
    return tuple(
        [row.getMessage() for row in caplog.records if row.levelno == level]
        for level in (logging.INFO, logging.WARNING)
    )


HEADERS = [
    ([("english", "german"), *zip(ENGLISH, GERMAN, strict=True)], "'english', 'german'"),
    ([("en-GB", "de"), *zip(ENGLISH, GERMAN, strict=True)], "'en-GB', 'de'"),
    (
        [("id", "en", "de"), *zip(map(str, range(15)), ENGLISH, GERMAN, strict=True)],
        "'id', 'en', 'de'",
    ),
    (
        [("word", "phones"), *[(f"word{n}", "W ER D") for n in range(12)]],
        "'word', 'phones'",
    ),
    ([("中文", "英文"), *zip([f"第{n}個句子" for n in range(15)], ENGLISH, strict=True)], "英文"),
]


@pytest.mark.parametrize(("rows", "shown"), HEADERS)
def test_a_header_that_names_no_side_is_warned_of(rows, shown, caplog):
    (told_of,), (warning,) = told(write("a.tsv", rows), caplog)
    left = ", column 3 is left out" if len(rows[0]) == 3 else ""
    assert told_of == f"a.tsv: no header: column 1 is the source, column 2 the target{left}"
    assert warning.startswith("a.tsv: the first row (") and shown in warning
    assert "--source-column NAME (train: --data.source-column NAME)" in warning
    source, target = rows[0][-2:]
    assert told("a.tsv", caplog, source_column=source, target_column=target) == ([], [])
    pairs = read_pairs("a.tsv", source_column=source, target_column=target)
    assert next(pairs) == Pair(*rows[1][-2:], "a.tsv", 2)


@pytest.mark.parametrize(
    ("column", "shown"),
    [
        (list(map(str, range(15))), "column 1 is read as the source and holds no text ('0', '1'"),
        (["12.5"] * 15, "'12.5'"),
        (["en-de"] * 15, "column 1 is read as the source and holds no text ('en-de', 'en-de'"),
    ],
)
def test_a_column_without_text_is_warned_of(column, shown, caplog):
    path = write("a.tsv", zip(column, ENGLISH, GERMAN, strict=True))
    _, (warning,) = told(path, caplog)
    assert shown in warning and warning.endswith("source and target among them")
    _, (warning,) = told(write("b.tsv", zip(ENGLISH, column, GERMAN, strict=True)), caplog)
    assert warning.startswith("b.tsv: column 2 is read as the target and holds no text")


ATTRIBUTION = [f"CC-BY 2.0 (France) Attribution: tatoeba.org #{n}" for n in range(15)]


@pytest.mark.parametrize(
    "rows",
    [
        list(zip(ENGLISH, GERMAN, strict=True)),
        list(zip(ENGLISH, GERMAN, ATTRIBUTION, strict=True)),
        list(zip(ENGLISH, GERMAN, ["CC-BY"] * 15, strict=True)),
        [("Go.", "Geh."), *zip(ENGLISH, GERMAN, strict=True)],
        [("know", "weiß"), *zip(ENGLISH, GERMAN, strict=True)],  # a word of the sentences
        [("apple", "Apfel"), *[(f"fruit{n}", f"Obst{n}") for n in range(20)]],  # a dictionary
        [("a", "AH"), *[(f"a{n}", "AH B AH") for n in range(20)]],
        [("en", "de"), *zip(ENGLISH[:9], GERMAN, strict=False)],  # too few to tell
    ],
)
def test_pairs_alone_are_not_doubted(rows, caplog):
    assert told(write("a.tsv", rows), caplog)[1] == []


@pytest.mark.parametrize("name", ["pronunciation", "translation"])
def test_no_part_of_a_bundled_set_is_doubted(name, caplog):
    pairs, rng = list(read_pairs(f"bundled:{name}")), random.Random(1)
    for _ in range(30):
        at = rng.randrange(len(pairs) - 40)
        assert told(write("a.tsv", [pair[:2] for pair in pairs[at : at + 40]]), caplog)[1] == []


def test_what_is_found_by_name_is_not_told(caplog):
    sides = list(zip(ENGLISH, GERMAN, strict=True))
    assert told(write("a.tsv", [("Source", "target"), *sides]), caplog) == ([], [])
    assert told("bundled:reverse", caplog) == ([], [])
    write("a.en", [(text,) for text in ENGLISH])
    assert told("a.en,a.en", caplog) == ([], [])


def test_a_file_of_another_width_is_refused_as_before(caplog):
    with pytest.raises(DataError, match=r"a\.tsv:1: 4 tab-separated fields, expected 2"):
        list(read_pairs(write("a.tsv", [("a", "b", "c", "d")] * 20)))
    assert caplog.messages == []
