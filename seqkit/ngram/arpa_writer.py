r"""Write back-off models as ARPA files, for KenLM, SRILM and all others.

BOS, EOS and UNK are `<s>`, `</s>` and `<unk>`; -99 stands for the log of zero. A word that is white
space or NUL, as a model of characters or bytes has, is written as its escape: see `arpa_escapes`.
"""

import contextlib
import errno
import gzip
import logging
import lzma
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from seqkit.errors import DataError
from seqkit.files import atomic_write
from seqkit.ngram.arpa_escapes import escaped, unescaped
from seqkit.ngram.arpa_scanning import print_ngrams
from seqkit.ngram.levels import Levels, NgramTable
from seqkit.text import Vocab

__all__ = ["write_arpa"]

_log = logging.getLogger(__name__)

_PIECE = 1 << 16
_NUMBER_BYTES = 32
_UNKNOWN = ("<unk>", "<UNK>")  # KenLM takes either for the word that it does not know
_LINE_BREAKING = frozenset("\0\t\n\r ")


def write_arpa(path: str | os.PathLike[str], vocab: Vocab, table: NgramTable) -> None:
    """Write a model as an ARPA file, compressed if the name ends in .gz or .xz.

    Numbers have the digits that it takes to read the same float32 again. The n-grams are in the
    order of their ids; a back-off weight of 0 is left out.

    If `<unk>` (or `<UNK>`) is a word of the vocabulary, as in the Penn Treebank, it has that name
    in the file, and UNK with its n-grams is left out. The table's weight of unseen contexts, if it
    has one, cannot be written. A warning tells of either.

    Args:
        path: what to write; the old file stays if that fails.
        vocab: the words of the ids.
        table: the model.

    Raises:
        DataError: a word has white space in it, is `<s>`, `</s>`, an escape or nothing, or is no
            text; the vocabulary is of another model; the disk is full.
    """
    path = Path(path)
    names = _names(path, vocab)
    if len(names) != table.levels.sizes[0]:
        raise DataError(
            f"{path}: {table.levels.sizes[0]} unigrams, but the vocabulary has {len(names)} ids"
        )
    if table.unseen_context:
        _log.warning(
            "%s: other tools score words after an unseen context without this model's penalty",
            path,
        )
    kept = _kept(table.levels, [id for id, name in enumerate(names) if not name])
    with _written(path) as handle:
        handle.write(b"\\data\\\n")
        for order, mask in enumerate(kept, 1):
            size = len(table.levels.words[order - 1]) if mask is None else int(mask.sum())
            handle.write(f"ngram {order}={size}\n".encode())
        for order, mask in enumerate(kept, 1):
            handle.write(f"\n\\{order}-grams:\n".encode())
            for piece in _lines(table, order, mask, names):
                handle.write(piece)
        handle.write(b"\n\\end\\\n")


def _names(path: Path, vocab: Vocab) -> list[bytes]:
    """Return the name of each id in the file, empty for those that are left out."""
    unknown = [word for word in _UNKNOWN if word in vocab]
    if len(unknown) > 1:
        raise DataError(f"{path}: the words <unk> and <UNK> are one word in an ARPA file: map one")
    if unknown:
        _log.warning(
            "%s: %s is a word of this model and has that name in the file: the probability of "
            "words never seen is left out, other tools give them that of %s",
            path,
            *unknown * 2,
        )
    names = [b"", b"<s>", b"</s>", b"" if unknown else b"<unk>"]
    for word in vocab.words:
        if word in ("<s>", "</s>"):
            raise DataError(f"{path}: the word {word} is a line's begin or end in an ARPA file")
        name = escaped(word)
        if not name or _LINE_BREAKING & set(name):
            raise DataError(f"{path}: the word {word[:40]!r} cannot stand in an ARPA file")
        if unescaped(name) != word:
            raise DataError(
                f"{path}: the word {word[:40]} is the escape of another in an ARPA file: replace it"
            )
        try:
            names.append(name.encode())
        except UnicodeEncodeError:
            raise DataError(f"{path}: the word {word[:40]!r} has half a character") from None
    return names


def _kept(levels: Levels, left_out: list[int]) -> list[npt.NDArray[np.bool_] | None]:
    """Tell of each level which n-grams have none of these words; None for all of them."""
    mask = np.ones(levels.sizes[0], bool)
    mask[left_out] = False
    kept: list[npt.NDArray[np.bool_] | None] = [mask]
    for words, starts in zip(levels.words[1:], levels.starts, strict=True):
        if Vocab.UNK in left_out:
            mask = np.repeat(mask, np.diff(starts)) & (words != Vocab.UNK)
        kept.append(mask if Vocab.UNK in left_out else None)  # PAD is in none
    return kept


@contextlib.contextmanager
def _written(path: Path) -> Iterator[IO[bytes]]:
    suffix = path.suffix.lower()
    try:
        with contextlib.ExitStack() as stack:
            handle = stack.enter_context(atomic_write(path))
            if suffix == ".gz":  # no name and no time in it: the same model, the same bytes
                zipped = gzip.GzipFile("", "wb", compresslevel=6, fileobj=handle, mtime=0)
                handle = stack.enter_context(zipped)
            elif suffix == ".xz":
                handle = stack.enter_context(lzma.LZMAFile(handle, "wb"))
            yield handle
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DataError(
            f"{path}: the disk is full; what was written is removed: free some space there, or "
            "write elsewhere"
        ) from None


def _lines(
    table: NgramTable, order: int, mask: npt.NDArray[np.bool_] | None, names: list[bytes]
) -> Iterator[bytes]:
    """Yield the lines of a section, many at a time."""
    content = np.frombuffer(b"".join(names), np.uint8)
    offsets = np.zeros(len(names) + 1, np.int64)
    np.cumsum([len(name) for name in names], out=offsets[1:])
    sizes = np.diff(offsets)
    log_probs = table.log_probs[order - 1]
    backoffs = table.backoffs[order - 1] if order < table.levels.order else None
    for first in range(0, len(log_probs), _PIECE):
        span = slice(first, min(first + _PIECE, len(log_probs)))
        keep = slice(None) if mask is None else mask[span]
        ids = _ids(table.levels, order, span.start, span.stop)[keep]
        values = np.minimum(log_probs[span][keep], 0)  # rounding may have led above
        weights = np.zeros_like(values) if backoffs is None else np.array(backoffs[span])[keep]
        out = np.empty(sizes[ids].sum() + ids.size + len(ids) * _NUMBER_BYTES * 2, np.uint8)
        yield out[: print_ngrams(ids, values, weights, content, offsets, out)].tobytes()


def _ids(levels: Levels, order: int, first: int, end: int) -> npt.NDArray[np.uint32]:
    """Return the words of consecutive n-grams: (end - first, order), contiguous."""
    last = levels.words[order - 1][first:end, None]
    if order == 1:
        return last
    starts = levels.starts[order - 2]
    low, high = np.searchsorted(starts, np.array([first, end - 1], starts.dtype), side="right") - 1
    children = np.diff(np.clip(starts[low : high + 2].astype(np.int64), first, end))
    prefixes = _ids(levels, order - 1, int(low), int(high) + 1)
    return np.concatenate([np.repeat(prefixes, children, axis=0), last], axis=1)
