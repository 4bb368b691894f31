"""What is checked of a segment when it is opened, so that no loop leaves its arrays."""

import numpy as np
import numpy.typing as npt

from seqkit.errors import DataError
from seqkit.search.array_file import REMEDY, ArrayFile
from seqkit.search.packing import BLOCK, fits

__all__ = ["LARGE", "check_segment", "is_large"]

LARGE = 48 << 20
"""Bytes whose checksums are computed in some 25 ms."""

_POSTINGS = {"data", "position_data"}  # of a large segment not read: any bits decode to something
_STORED = "stored"  # its blocks have checksums of their own


def check_segment(file: ArrayFile) -> None:
    """Compare arrays with their checksums, and with one another: what points somewhere, points in.

    The stored text is left out, and the postings' bits where they and the rest are over 48 MB.

    Raises:
        DataError: a checksum differs, or a number cannot be.
        KeyError: an array is not there.
    """
    names = file.arrays.keys() - {_STORED}
    if is_large(file):
        names -= _POSTINGS
    file.verify(names)
    for name in _unsound(file):
        raise DataError(f"{file.path}: {name!r} points where nothing is: {REMEDY}")


def is_large(file: ArrayFile) -> bool:
    """Tell whether checking takes longer than opening may: over 48 MB without stored text."""
    return sum(array.nbytes for name, array in file.arrays.items() if name != _STORED) > LARGE


def _unsound(file: ArrayFile) -> list[str]:
    """Name the arrays with numbers that cannot be."""
    arrays, meta = file.arrays, file.meta
    docs, fields, columns = meta["docs"], len(meta["fields"]), range(len(meta["columns"]))
    terms, blocks = len(arrays["first_block"]) - 1, len(arrays["last_doc"])
    shapes = {
        "df": (terms,), "cf": (terms,), "term_offsets": (terms + 1,), "shape": (blocks, 4),
        "at": (blocks + 1,), "position_at": (blocks + 1,), "impact_first": (blocks + 1,),
        "impact_length": arrays["impact_tf"].shape, "lengths": (docs,), "id_rank": (docs,),
        "id_order": (docs,), "id_offsets": (docs + 1,), "field_lengths": (docs, fields),
        "field_starts": (docs, fields), **{f"column_{i}_codes": (docs,) for i in columns},
    }  # fmt: skip
    wrong = [name for name, shape in shapes.items() if arrays[name].shape != shape]
    if wrong:
        return wrong
    offsets = [("term_offsets", "term_bytes"), ("id_offsets", "id_bytes")]
    offsets += [(f"column_{i}_offsets", f"column_{i}_bytes") for i in columns]
    ends = {name: len(arrays[content]) for name, content in offsets}
    ends |= {"first_block": blocks, "impact_first": len(arrays["impact_tf"])}
    limits = {"last_doc": docs, "id_order": docs, "id_rank": docs}
    limits |= {f"column_{i}_codes": len(arrays[f"column_{i}_offsets"]) for i in columns}
    if meta["store"]:
        ends |= {"stored_first": docs, "stored_at": len(arrays["stored"])}
    wrong = [name for name, end in ends.items() if not _ascends(arrays[name], end)]
    wrong += [name for name, limit in limits.items() if not (arrays[name] < limit).all()]
    return wrong or _unsound_blocks(file)


def _unsound_blocks(file: ArrayFile) -> list[str]:
    """Do as `_unsound` for the blocks of postings, whose number is right."""
    arrays = file.arrays
    shape = np.ascontiguousarray(arrays["shape"].T)
    counts, widths = shape[0].astype(np.int64) + 1, shape[1:]
    before = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=before[1:])
    first, at, last = arrays["first_block"], arrays["at"], arrays["last_doc"].astype(np.int64)
    after = np.roll(last, 1)  # that of the block before
    after[first[:-1][first[:-1] < len(last)]] = -1  # a term's first block
    bits = np.diff(arrays["position_at"][first])
    sizes = (counts * (widths[0] + widths[1])).view(np.uint64)
    sound = {
        "shape": counts.max(initial=0) <= BLOCK and widths.max(initial=0) <= 33,
        "last_doc": bool((last - after >= counts).all()),
        "df": bool((np.diff(before[first]) == arrays["df"]).all()),
        "at": _ascends(at, int(at[-1])) and bool((np.diff(at) == sizes).all()),
        "position_at": _ascends(arrays["position_at"], int(arrays["position_at"][-1])),
        "cf": bool((arrays["cf"] <= bits).all()),  # a position takes one or more
        "data": fits(at, arrays["data"]),
        "position_data": fits(arrays["position_at"], arrays["position_data"]),
    }
    return [name for name, right in sound.items() if not right]


def _ascends(numbers: npt.NDArray[np.integer], end: int) -> bool:
    """Tell whether numbers go up from 0 to an end."""
    inside = len(numbers) > 0 and numbers[0] == 0 and numbers[-1] == end
    return bool(inside and (numbers[1:] >= numbers[:-1]).all())
