import json
import zlib

import numpy as np
import pytest
from small_segments import Analysed, build

from seqkit.data import Document
from seqkit.errors import DataError
from seqkit.search.segment import Segment
from seqkit.search.segment_builder import SegmentBuilder
from seqkit.search.stored import StoredText, TextPacker

BLOCK = 1 << 14


def packed(lines: list[bytes]) -> StoredText:
    pieces: dict[str, list[np.ndarray]] = {}
    packer = TextPacker(lambda name, array: pieces.setdefault(name, []).append(array))
    for line in lines:
        packer.add(line)
    packer.finish()
    first, at, data = (
        np.concatenate(pieces[name]) for name in ("stored_first", "stored_at", "stored")
    )
    return StoredText(first, at, data)


@pytest.mark.parametrize("size", [0, 1, 100, BLOCK - 2, BLOCK - 1, BLOCK, 3 * BLOCK])
@pytest.mark.parametrize("count", [0, 1, 5, 40])
def test_each_line_is_found(size, count):
    lines = [(b"%d " % i * size)[:size] for i in range(count)]
    text = packed(lines)
    assert [text.line(doc) for doc in range(count)] == lines
    blocks = [text.lines(block) for block in range(len(text.first) - 1)]
    assert [line for block in blocks for line in block] == lines
    # a block is full with its last line, and not before
    assert all(sum(len(line) + 1 for line in block[:-1]) < BLOCK for block in blocks)
    assert all(sum(len(line) + 1 for line in block) >= BLOCK for block in blocks[:-1])


def test_blocks_are_zlib():
    text = packed([b"[1]", b"[2]"])
    assert zlib.decompress(text.data.tobytes()) == b"[1]\n[2]"
    assert json.loads(text.line(1)) == [2]


def test_any_document_comes_back_as_it_was(tmp_path):
    documents = [
        Document("a", "one\ntwo", 'say "hé" \u2028 \ud800 \x00', {"abstract": "", "year": "1963"}),
        Document("b", "", "", {"kind": "", "abstract": "x\r\n"}),
        Document("c", "", "plain", {}),
    ]
    builder = SegmentBuilder(["text", "abstract"], store=True)  # the title is metadata here
    builder.add(
        [one.id for one in documents], np.empty(0, np.int32), np.zeros((3, 2), int), documents
    )
    segment = builder.write(tmp_path / "s.bin", [])
    assert [segment.document(doc) for doc in range(3)] == documents
    assert [*segment.columns] == ["kind", "title", "year"]
    assert segment.column("title").codes.tolist() == [1, 0, 0]
    assert segment.column("kind").value(1) == "" and segment.column("kind").value(0) is None


def test_a_name_that_no_document_has_is_an_empty_column(tmp_path):
    segment = build(tmp_path / "s.bin", [Analysed("a", ([], [])), Analysed("b", ([], []))])
    column = segment.column("year")
    assert column.equal("1963").tolist() == column.between(None, None).tolist() == [0, 0]


def test_damaged_text_is_told_with_its_document(tmp_path):
    path = tmp_path / "s.bin"
    segment = build(path, [Analysed("a", ([], ["word"] * 50))])
    content = path.read_bytes()
    at = content.index(segment.text.data.tobytes())
    path.write_bytes(content[: at + 9] + bytes(4) + content[at + 13 :])
    with pytest.raises(DataError, match=r"s\.bin: the text of document 0 is damaged"):
        Segment.open(path).document(0)
