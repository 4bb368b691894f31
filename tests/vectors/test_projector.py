"""The projector's files, read back by TensorBoard's own code."""

import numpy as np
import pytest

from seqkit.errors import ConfigError
from seqkit.vectors.projector import write_projector
from seqkit.vectors.word_vectors import WordVectors

WORDS = [
    "the",
    "a\tb",
    "back\\slash",
    "two words",
    "line\u2028end",
    "lone\ud800",
    "דג",
    "\x85",
    "a\u202eb\x1b",
]


def vectors(**options):
    points = np.random.default_rng(2).normal(size=(len(WORDS), 3)).astype(np.float32)
    return WordVectors(WORDS, points, **options)


def test_tensorboard_reads_them(tmp_path):
    plugin = pytest.importorskip("tensorboard.plugins.projector.projector_plugin")
    given = vectors(counts=np.arange(len(WORDS))[::-1])
    assert write_projector(tmp_path, given) == len(WORDS)
    config = plugin.ProjectorConfig()
    plugin.text_format.Parse((tmp_path / plugin.metadata.PROJECTOR_FILENAME).read_text(), config)
    (embedding,) = config.embeddings
    tensor = plugin._read_tensor_tsv_file(str(tmp_path / embedding.tensor_path))
    assert (tensor == given.rows(slice(None))).all()
    lines = (tmp_path / embedding.metadata_path).read_text().split("\n")
    assert lines.pop() == ""
    assert lines[0] == "word\tcount"
    rows = [line.split("\t") for line in lines[1:]]
    assert [int(count) for _, count in rows] == list(range(len(WORDS)))[::-1]
    assert [word for word, _ in rows] == [
        *(
            "the",
            "a\\tb",
            "back\\\\slash",
            "two words",
            "line\\u2028end",
            "lone?",
            "דג",
            "\\x85",
            "a\\u202eb\\x1b",
        )
    ]


def test_without_counts_there_are_no_heads(tmp_path):
    assert write_projector(tmp_path, vectors(), count=2) == 2
    assert (tmp_path / "metadata.tsv").read_text() == "the\na\\tb\n"
    assert len((tmp_path / "tensors.tsv").read_text().splitlines()) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("metadata.tsv", "projector_config.pbtxt", "tensors.tsv")
    ]


def test_the_most_frequent_by_their_counts(tmp_path):
    write_projector(tmp_path, vectors(counts=[1, 2, 9, 4, 5, 6, 7, 8, 3]), count=1)
    assert (tmp_path / "metadata.tsv").read_text() == "word\tcount\nback\\\\slash\t9\n"
    with pytest.raises(ConfigError, match="0: expected 1 or more"):
        write_projector(tmp_path, vectors(), count=0)
