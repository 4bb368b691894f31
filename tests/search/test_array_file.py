import errno
import os
import struct
import zlib

import numpy as np
import pytest

from seqkit.errors import DataError
from seqkit.search import array_file
from seqkit.search.array_file import open_arrays, write_arrays
from seqkit.search.spool import Spool

ARRAYS = {
    "words": np.arange(1000, dtype=np.uint64),
    "pairs": np.arange(6, dtype=np.uint8).reshape(3, 2),
    "none": np.empty((0, 4), np.float32),
}


@pytest.fixture
def path(tmp_path):
    write_arrays(tmp_path / "a.bin", ARRAYS, {"fields": ["é"], "docs": 3})
    return tmp_path / "a.bin"


def test_what_is_written_is_read(path):
    file = open_arrays(path)
    assert file.meta == {"fields": ["é"], "docs": 3}
    for name, array in ARRAYS.items():
        found = file.arrays[name]
        np.testing.assert_array_equal(found, array)
        assert found.dtype == array.dtype and found.shape == array.shape
        assert not found.flags.writeable and found.flags.aligned
        assert found.ctypes.data % 64 == 0 or not found.size
    file.verify()


def test_pieces_are_joined(path, tmp_path):
    pieces = {name: iter([array[:2], array[2:2], array[2:]]) for name, array in ARRAYS.items()}
    write_arrays(tmp_path / "b.bin", pieces, {"fields": ["é"], "docs": 3})
    assert (tmp_path / "b.bin").read_bytes() == path.read_bytes()


def test_arrays_stay_when_the_file_is_removed(path):
    file = open_arrays(path)
    path.unlink()
    np.testing.assert_array_equal(file.arrays["words"], ARRAYS["words"])
    with pytest.raises(FileNotFoundError):
        open_arrays(path)


def test_a_damaged_array_is_named(path):
    content = bytearray(path.read_bytes())
    content[content.index(struct.pack("<Q", 500))] ^= 1
    path.write_bytes(content)
    file = open_arrays(path)
    with pytest.raises(DataError, match=r"a\.bin: 'words' is damaged \(crc32 differs\)"):
        file.verify()


def test_every_other_change_is_refused_at_once(path):
    content = path.read_bytes()
    data = {i for array in open_arrays(path).arrays.values() for i in _span(content, array)}
    padding = {i for i in range(32, len(content)) if content[i] == 0} - data
    for at in set(range(len(content))) - data - padding:
        path.write_bytes(content[:at] + bytes([content[at] ^ 0x40]) + content[at + 1 :])
        with pytest.raises(DataError, match=r"a\.bin: "):
            open_arrays(path)


def _span(content: bytes, array: np.ndarray) -> range:
    at = content.index(array.tobytes()) if array.size else 0
    return range(at, at + array.nbytes)


@pytest.mark.parametrize("keep", [0, 1, 31, 32, 500, -1])
def test_a_file_that_is_cut_short_is_refused(path, keep):
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DataError, match=r"not a file of a search index|bytes, expected"):
        open_arrays(path)


def test_a_newer_format_is_refused(path):
    content = bytearray(path.read_bytes())
    content[8:12] = struct.pack("<I", 2)
    path.write_bytes(content)
    with pytest.raises(DataError, match="format 2 is newer than 1: update seqkit"):
        open_arrays(path)


def test_checksums_are_those_of_zlib(path):
    file = open_arrays(path)
    assert file.crc32 == {name: zlib.crc32(array.tobytes()) for name, array in ARRAYS.items()}


def test_a_full_disk_is_one_line(path, monkeypatch):
    def full(handle, pieces):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = path.read_bytes()
    monkeypatch.setattr(array_file, "_write_array", full)
    with pytest.raises(DataError, match="the disk is full"):
        write_arrays(path, ARRAYS, {})
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == ["a.bin"]


def test_a_spool_gives_back_what_it_got(tmp_path):
    rng = np.random.default_rng(0)
    large = [rng.integers(0, 1 << 60, 70_000, np.uint64) for _ in range(4)]  # more than a piece
    rows = [rng.integers(0, 255, (n, 3), np.uint8) for n in (0, 400_000, 1)]
    with Spool(tmp_path) as spool:
        for array in large:
            spool.append("large", array)
        for array in rows:
            spool.append("rows", array)
        found = {name: np.concatenate(list(pieces)) for name, pieces in spool.arrays().items()}
    np.testing.assert_array_equal(found["large"], np.concatenate(large))
    np.testing.assert_array_equal(found["rows"], np.concatenate(rows))
    assert not list(tmp_path.iterdir())
