"""Token shards: what comes back, what lies on disk, and what is refused."""

import hashlib
import json
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.batching import TokenShards, shards, write_shards
from seqkit.errors import ConfigError, DataError

sequences = st.lists(st.lists(st.integers(0, 99), max_size=9), max_size=12)


@pytest.mark.parametrize("block", [1, 5, 1 << 16])
@settings(max_examples=25)
@given(rows=sequences, size=st.integers(1, 20), vocabulary=st.sampled_from([100, 1 << 17]))
def test_slices_are_those_of_one_array(tmp_path_factory, block, rows, size, vocabulary):
    flat = np.array([token for row in rows for token in row], np.int64)
    folder = tmp_path_factory.mktemp("tokens")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "_BLOCK", block)
        written = write_shards(folder, iter(rows), vocabulary=vocabulary, shard_tokens=size)
    held = TokenShards.from_array(flat)
    for tokens in (written, TokenShards.open(folder), held):
        assert len(tokens) == len(flat)
        for start in range(-2, len(flat) + 3, 3):
            for stop in (start - 1, start, start + 1, start + size, start + 2 * size, None):
                got = tokens[start:stop]
                assert got.dtype == np.int64 and got.tolist() == flat[start:stop].tolist()
        tokens.verify()
    assert written.fingerprint() == held.fingerprint()  # however they are cut up
    sizes = [path.stat().st_size for path in sorted(folder.glob("tokens-*.bin"))]
    width = 2 if vocabulary == 100 else 4
    assert sum(sizes) == width * len(flat) and set(sizes[:-1]) <= {width * size}


def test_what_lies_on_disk(tmp_path):
    write_shards(tmp_path, [[4, 5, 2], [300, 2]], vocabulary=1 << 16, shard_tokens=4)
    first = b"\4\0\5\0\2\0\x2c\1"
    assert (tmp_path / "tokens-00000.bin").read_bytes() == first
    assert (tmp_path / "tokens-00001.bin").read_bytes() == b"\2\0"
    index = json.loads((tmp_path / "tokens.json").read_bytes())
    assert (index["format"], index["dtype"], index["vocabulary"]) == (1, "uint16", 1 << 16)
    assert index["shards"][0] == {
        "file": "tokens-00000.bin",
        "tokens": 4,
        "sha256": hashlib.sha256(first).hexdigest(),
    }
    wide = write_shards(tmp_path, [[1 << 16]], vocabulary=(1 << 16) + 1)
    assert wide[:].tolist() == [1 << 16]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tokens-00000.bin", "tokens.json"]


def test_a_slice_is_a_copy():
    tokens = TokenShards.from_array([4, 5])
    tokens[:][0] = 9
    assert tokens[:].tolist() == [4, 5]
    with pytest.raises(ConfigError, match=r"^tokens\[::2\]: a slice of tokens has no step$"):
        tokens[::2]


@pytest.mark.skipif(sys.platform == "win32", reason="a mapped file cannot be removed there")
def test_files_are_mapped_once(tmp_path):
    tokens = write_shards(tmp_path, [[4, 5, 6, 7]], vocabulary=9, shard_tokens=2)
    assert tokens[1:3].tolist() == [5, 6]
    for path in tmp_path.iterdir():
        path.unlink()
    assert tokens[:].tolist() == [4, 5, 6, 7]
    tokens[:][0] = 9
    assert tokens[:1].tolist() == [4]


def interrupted():
    yield [4] * 10
    raise KeyboardInterrupt


def test_whole_or_not_at_all(tmp_path):
    write_shards(tmp_path, [[4] * 20], vocabulary=9, shard_tokens=4)
    (tmp_path / ".tokens-00000.bin.1.2.tmp").touch()  # of a writer that was killed
    with pytest.raises(KeyboardInterrupt):
        write_shards(tmp_path, interrupted(), vocabulary=9, shard_tokens=4)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(DataError) as caught:
        TokenShards.open(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/tokens.json: no such file: the tokens were not written to the end"
    )


@pytest.mark.parametrize("wrong", [-1, 9])
def test_an_id_outside_the_vocabulary(tmp_path, wrong):
    with pytest.raises(DataError, match=f"^id {wrong}: the vocabulary has the ids 0 to 8: "):
        write_shards(tmp_path, [[4, 5], [wrong]], vocabulary=9)
    assert list(tmp_path.iterdir()) == []


def test_limits():
    with pytest.raises(ConfigError, match=r"^shard_tokens 0: must be 1 or more$"):
        write_shards("unused", [], vocabulary=9, shard_tokens=0)
    with pytest.raises(ConfigError, match=r"^vocabulary 0: must be 1 or more$"):
        write_shards("unused", [], vocabulary=0)


def test_damage(tmp_path):
    def fault(act=lambda: TokenShards.open(tmp_path)) -> str:
        with pytest.raises(DataError) as caught:
            act()
        assert "\n" not in str(caught.value)
        return str(caught.value).removeprefix(f"{tmp_path}/")

    tokens = write_shards(tmp_path, [[4, 5, 6, 7]], vocabulary=9, shard_tokens=2)
    file = tmp_path / "tokens-00001.bin"
    file.write_bytes(b"\6\0\7\1")
    TokenShards.open(tmp_path)  # sizes only
    assert fault(tokens.verify).startswith("tokens-00001.bin: changed since it was written")
    file.write_bytes(b"\6\0")
    assert fault() == "tokens-00001.bin: 2 bytes, expected 4: encode the text again"
    assert fault(lambda: tokens[:]) == (
        "tokens-00001.bin: shorter than it was when opened: encode it again"
    )
    file.unlink()
    assert fault() == "tokens-00001.bin: no such file: encode the text again"
    assert fault(lambda: tokens[:]) == (
        "tokens-00001.bin: No such file or directory: encode it again"
    )
    index = tmp_path / "tokens.json"
    for content, message in {
        "{": "not JSON",
        "[]": "not an index of token shards",
        '{"format": 1, "dtype": "int8"}': "not an index of token shards",
        '{"format": 2}': "format 2 is newer than 1: update seqkit",
    }.items():
        index.write_text(content)
        assert fault().startswith(f"tokens.json: {message}")
