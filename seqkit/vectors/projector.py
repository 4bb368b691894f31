"""Word vectors as the files of TensorBoard's embedding projector."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from seqkit.files import atomic_write, write_bytes
from seqkit.vectors.frequent import frequent_rows

if TYPE_CHECKING:
    from seqkit.vectors.word_vectors import WordVectors

__all__ = ["write_projector"]

_ROWS = 4096  # written at once
# what ends a field or a line, controls, and what turns the direction of writing around
_ESCAPES = str.maketrans(
    {
        letter: letter.encode("unicode_escape").decode("ascii")
        for letter in (
            *("\\", *map(chr, range(32)), *map(chr, range(127, 160)), "\u2028", "\u2029"),
            *"\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
        )
    }
)
_CONFIG = """\
embeddings {
  tensor_name: "word vectors"
  tensor_path: "tensors.tsv"
  metadata_path: "metadata.tsv"
}
"""


def write_projector(
    folder: str | os.PathLike[str], vectors: "WordVectors", *, count: int | None = 10_000
) -> int:
    """Write the most frequent words for TensorBoard's projector; returns how many they are.

    `tensors.tsv` has a vector a line, `metadata.tsv` its word and, where it is known, how frequent
    the word is, and `projector_config.pbtxt` names the two: `tensorboard --logdir FOLDER`. Tabs,
    line breaks, backslashes, and controls of terminals and of the direction of writing within a
    word stand as Python writes them in a string.

    Args:
        folder: made where it is missing.
        vectors: the words.
        count: how many of the most frequent words at most; None: all.

    Raises:
        ConfigError: a count below 1.
    """
    folder = Path(folder)
    rows = frequent_rows(vectors, count)
    counts = vectors.counts
    with atomic_write(folder / "tensors.tsv") as stream:
        for start in range(0, len(rows), _ROWS):
            for vector in vectors.rows(rows[start : start + _ROWS]):
                # the shortest text that float32 reads back as the same number
                stream.write("\t".join(map(str, vector)).encode() + b"\n")
    with atomic_write(folder / "metadata.tsv") as stream:
        if counts is not None:  # a file of one column has no heads
            stream.write(b"word\tcount\n")
        for row in rows.tolist():
            word = vectors.words[row].translate(_ESCAPES)
            line = word if counts is None else f"{word}\t{counts[row]}"
            stream.write(line.encode("utf-8", "replace") + b"\n")
    write_bytes(folder / "projector_config.pbtxt", _CONFIG.encode())
    return len(rows)
