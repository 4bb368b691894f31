"""The layer under the readers: line ends, encodings, compression, and what is wrong with a file."""

import gzip
import io
import lzma
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.data import ReadStats
from seqkit.data.readers.lines import Decoding, read_lines
from seqkit.data.readers.opening import suffixes
from seqkit.errors import ConfigError, DataError

STRICT = Decoding()


def lines(path: Path, decoding: Decoding = STRICT) -> list[str]:
    return [line for _, line in read_lines(str(path), decoding)]


def fault(path: Path, decoding: Decoding = STRICT) -> str:
    with pytest.raises(DataError) as caught:
        lines(path, decoding)
    message = str(caught.value)
    assert "\n" not in message
    return message.replace(f"{path.parent}/", "")


text_without_line_ends = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\n\r\0")
)


@given(st.lists(text_without_line_ends, min_size=1), st.sampled_from(["", ".gz", ".xz"]))
def test_lines_come_back_as_they_were_written(tmp_path_factory, wanted, compression):
    path = tmp_path_factory.mktemp("lines") / f"a.txt{compression}"
    opened = {"": open, ".gz": gzip.open, ".xz": lzma.open}[compression]
    if wanted[0].startswith("\ufeff"):
        wanted[0] = wanted[0].lstrip("\ufeff")
    with opened(path, "wb") as handle:
        handle.write("".join(f"{line}\n" for line in wanted).encode())
    assert lines(path) == wanted


@given(st.lists(text_without_line_ends, min_size=1), st.booleans())
def test_lines_are_those_of_the_standard_reader(tmp_path_factory, wanted, ended):
    path = tmp_path_factory.mktemp("lines") / "a.txt"
    content = "\n".join(wanted) + "\n" * ended
    path.write_bytes(content.encode())
    expected = [line.removesuffix("\n") for line in io.StringIO(content, newline="\n")]
    if content.startswith("\ufeff"):
        expected[0] = expected[0][1:]
    if not content:
        assert fault(path) == "a.txt: the file is empty"
    else:
        assert lines(path) == expected


def test_only_lf_and_crlf_end_a_line(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffone\r\ntwo\u2028still two\x85\x0c\rstill\nthree".encode())
    assert lines(path) == ["one", "two\u2028still two\x85\x0c\rstill", "three"]


def test_invalid_utf8_is_named_by_line_and_byte(tmp_path):
    path = tmp_path / "a.txt.gz"
    content = "\ufeffgood\r\nn\u00e4chste ".encode() + b"caf\xe9 au lait\n"
    path.write_bytes(gzip.compress(content))
    at = content.index(b"\xe9 au")
    assert fault(path) == (
        f"a.txt.gz:2: invalid UTF-8 at byte {at} (0xe9): convert the file to UTF-8, or continue "
        "with --encoding-errors replace (train: --data.encoding-errors replace)"
    )


def test_replaced_lines_are_counted(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\ncaf\xe9 \xff\nthree\n\xfe\n")
    stats = ReadStats()
    read = lines(path, Decoding(encoding_errors="replace", stats=stats))
    assert read == ["one", "caf\ufffd \ufffd", "three", "\ufffd"]
    assert stats.replaced == 2


def test_nul_byte(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\ntw\0o\n")
    assert fault(path) == "a.txt:2: NUL byte at byte 6: this is not a text file"


def test_utf16(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("one\n".encode("utf-16"))
    assert fault(path) == "a.txt:1: the file is UTF-16: convert it to UTF-8"


def test_empty_file(tmp_path):
    path = tmp_path / "a.txt"
    path.touch()
    assert fault(path) == "a.txt: the file is empty"


@pytest.mark.parametrize("letter", ["x", "\u00e4", "\U0001f600"])
def test_a_record_may_hold_max_chars_and_no_more(tmp_path, letter):
    path = tmp_path / "a.txt"
    path.write_text(f"{letter * 100}\r\nshort\n", encoding="utf-8", newline="")
    assert lines(path, Decoding(max_chars=100)) == [letter * 100, "short"]
    assert fault(path, Decoding(max_chars=99)) == (
        "a.txt:1: a single record of more than 99 characters: check that the file has line "
        "breaks, or allow it with --max-chars (train: --data.max-chars)"
    )


def test_ten_megabytes_on_one_line(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 10_000_000)
    assert fault(path) == (
        "a.txt:1: a single record of more than 1,000,000 characters: check that the file has line "
        "breaks, or allow it with --max-chars (train: --data.max-chars)"
    )


@pytest.mark.parametrize("pack, extension", [(gzip.compress, "gz"), (lzma.compress, "xz")])
def test_truncated_and_damaged_compression(tmp_path, pack, extension):
    whole = pack("".join(f"line {n}\n" for n in range(10_000)).encode())
    path = tmp_path / f"a.txt.{extension}"
    for content in (whole[: len(whole) // 2], b"plain text\n" * 9, whole[:300] + b"\0" * 90):
        path.write_bytes(content)
        message = fault(path)
        assert message.startswith(f"a.txt.{extension}:")
        assert "damaged or truncated compressed file (" in message
        assert message.endswith("): fetch it again")


def test_missing_file_names_the_nearest(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.tsv").touch()
    assert fault(Path("data/trian.tsv")) == (
        "trian.tsv: no such file or folder (did you mean 'train.tsv'?)"
    )
    assert fault(Path("data/zzz")) == "zzz: no such file or folder"
    with pytest.raises(DataError) as caught:
        lines(Path("dta/train.tsv"))
    assert str(caught.value) == "dta/train.tsv: no such folder 'dta' (did you mean 'data'?)"
    assert fault(Path("data/train.tsv/x")) == "x: no such file or folder"


def test_a_folder_is_not_a_file(tmp_path):
    assert fault(tmp_path).endswith(": Is a directory")


def test_options_fail_at_the_door():
    with pytest.raises(ConfigError, match=r"^encoding_errors 'ignore': choose from replace, stri"):
        Decoding(encoding_errors="ignore")
    with pytest.raises(ConfigError, match=r"^max_chars 0: give a number of 1 or more$"):
        Decoding(max_chars=0)


def test_suffixes():
    assert suffixes("a/b.TSV.GZ") == (".tsv", ".gz")
    assert suffixes("SMSSpamCollection") == ("", "")
    assert suffixes("a.b/c.xz") == ("", ".xz")
