"""Documents that are texts alone: what is one, by the source and the options."""

import pytest

from seqkit.data import DocumentConfig, ReadStats, document_texts, lines_a_document
from seqkit.errors import ConfigError


def texts(path, **options):
    return [*document_texts(DocumentConfig(train=str(path), **options), str(path))]


def test_lines_and_records_without_empty_ones(tmp_path):
    (tmp_path / "a.txt").write_text("one\n\n  \ntwo\nthree\n")
    assert texts(tmp_path / "a.txt") == ["one", "two", "three"]
    (tmp_path / "a.csv").write_text('body,text\nx,"one\ntwo"\ny,\n')
    assert texts(tmp_path / "a.csv") == ["one\ntwo"]
    assert texts(tmp_path / "a.csv", text_column="body") == ["x", "y"]


def test_joined_lines(tmp_path):
    (tmp_path / "a.txt").write_text("one\n\ntwo\nthree\n")
    assert texts(tmp_path / "a.txt", join=2) == ["one\ntwo", "three"]
    assert texts(tmp_path / "a.txt", join=9) == ["one\ntwo\nthree"]


def test_a_file_of_a_folder_is_a_document(tmp_path):
    (tmp_path / "a.txt").write_text("one\n\ntwo\n")
    (tmp_path / "b.txt").write_text(" \n")
    (tmp_path / "c.txt").write_text("three")
    assert [text.split() for text in texts(tmp_path)] == [["one", "two"], ["three"]]


def test_lines_of_a_bundled_text_are_joined():
    assert lines_a_document(DocumentConfig()) == 20
    assert lines_a_document(DocumentConfig(train="bundled:austen:train")) == 20
    assert lines_a_document(DocumentConfig(train="bundled:spam")) == 1
    assert lines_a_document(DocumentConfig(train="bundled:austen", join=3)) == 3
    assert lines_a_document(DocumentConfig(train="austen.txt")) == 1


def test_replaced_bytes_are_counted(tmp_path):
    path, stats = tmp_path / "a.txt", ReadStats()
    path.write_bytes(b"caf\xe9\nok\n")
    config = DocumentConfig(train=str(path), encoding_errors="replace")
    assert [*document_texts(config, str(path), stats=stats)] == ["caf\ufffd", "ok"]
    assert stats.replaced == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"join": 0}, "data.join 0: must be 1 or more"),
        ({"test_share": 1.0}, "--data.test-share 1.0: a share lies between 0 and 1"),
    ],
)
def test_options_fail_at_the_door(options, message):
    with pytest.raises(ConfigError, match=message):
        DocumentConfig(**options)
