"""Word vectors as the files of a bundle, mapped when they are read.

vectors.json        words, dim, precision, counts, subwords, facts
words.txt           a word a line
vectors.npy         (V, E) float32, float16 or int8
scales.npy          (V,) float32 of int8: number = scale x integer
lengths.npy         (V,) float32, the Euclidean length of each vector
counts.npy          (V,) int64, how often each word was seen
subwords.npy        (buckets, E) as the vectors; subword-scales.npy (buckets,)
"""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from seqkit import bundle
from seqkit.errors import BundleError
from seqkit.files import json_bytes
from seqkit.vectors.assembly import Parts
from seqkit.vectors.storage import Matrix, Precision, open_array, write_array
from seqkit.vectors.subwords import Subwords
from seqkit.vectors.words import Words, words_to_bytes

__all__ = ["read_parts", "write_parts"]

_HEAD, _WORDS = "vectors.json", "words.txt"
_VECTORS, _SCALES, _LENGTHS = "vectors.npy", "scales.npy", "lengths.npy"
_COUNTS, _SUBWORDS, _SUBWORD_SCALES = "counts.npy", "subwords.npy", "subword-scales.npy"


def write_parts(
    folder: str | os.PathLike[str],
    parts: Parts,
    *,
    precision: Precision,
    provenance: Mapping[str, Any] | None,
    metrics: Mapping[str, Any] | None,
) -> None:
    """Write a bundle of kind WordVectors; see `seqkit.bundle.write`."""
    words, dim = parts.matrix.shape
    head: dict[str, Any] = {"words": words, "dim": dim, "precision": precision}
    head["counts"] = parts.counts is not None
    head["subwords"] = None
    mapped: dict[str, Callable[[Path], None]] = {
        _WORDS: lambda path: _write(path, words_to_bytes(parts.words.spelled)),
        **_table(parts.matrix, _VECTORS, _SCALES, _LENGTHS, precision),
    }
    if parts.counts is not None:
        counts = np.asarray(parts.counts, "<i8")
        mapped[_COUNTS] = lambda path: np.save(path, counts, allow_pickle=False)
    if (subwords := parts.subwords) is not None:
        table = subwords.table if isinstance(subwords.table, Matrix) else Matrix(subwords.table)
        head["subwords"] = {"buckets": len(table), "minn": subwords.minn, "maxn": subwords.maxn}
        mapped |= _table(table, _SUBWORDS, _SUBWORD_SCALES, None, precision)
    head["facts"] = dict(parts.facts)
    bundle.write(
        folder,
        kind="WordVectors",
        files={_HEAD: json_bytes(head)},
        mapped=mapped,
        provenance=provenance,
        metrics=metrics,
    )


def read_parts(saved: bundle.Bundle) -> Parts:
    """Map the files of a checked bundle.

    Raises:
        BundleError: they do not fit together.
    """
    folder = saved.folder
    try:
        head = json.loads((folder / _HEAD).read_bytes())
        count, dim = head["words"], head["dim"]

        def table(name: str, scales: str, rows: int) -> Matrix:
            values = open_array(folder / name, head["precision"], (rows, dim))
            factors = None
            if head["precision"] == "int8":
                factors = open_array(folder / scales, "<f4", (rows,))
            return Matrix(values, factors)

        subwords = None
        if (facts := head["subwords"]) is not None:
            rows = table(_SUBWORDS, _SUBWORD_SCALES, facts["buckets"])
            subwords = Subwords(rows, minn=facts["minn"], maxn=facts["maxn"])
        return Parts(
            words=Words.open(folder / _WORDS, count),
            matrix=table(_VECTORS, _SCALES, count),
            lengths=open_array(folder / _LENGTHS, "<f4", (count,)),
            counts=open_array(folder / _COUNTS, "<i8", (count,)) if head["counts"] else None,
            subwords=subwords,
            facts=head["facts"],
        )
    except (KeyError, OSError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise BundleError(
            f"{folder}: its files do not fit together ({reason:.200}): copy the folder again, "
            "whole, or upgrade seqkit"
        ) from error


def _table(
    matrix: Matrix, name: str, scales_name: str, lengths_name: str | None, precision: Precision
) -> dict[str, Callable[[Path], None]]:
    """Say how the files of a table are written, the numbers first."""
    scales: list[npt.NDArray[np.float32]] = []

    def write_scales(path: Path) -> None:
        np.save(path, np.concatenate(scales), allow_pickle=False)

    def write_lengths(path: Path) -> None:
        stored = np.load(path.with_name(name), mmap_mode="r", allow_pickle=False)
        kept = Matrix(stored, np.concatenate(scales) if scales else None)
        np.save(path, kept.lengths(), allow_pickle=False)

    files: dict[str, Callable[[Path], None]] = {
        name: lambda path: write_array(path, matrix, precision, scales=scales)
    }
    if precision == "int8":
        files[scales_name] = write_scales
    if lengths_name is not None:
        files[lengths_name] = write_lengths
    return files


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
