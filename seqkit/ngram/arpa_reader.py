r"""Read back-off models from ARPA files, as SRILM, KenLM, IRSTLM and others write them.

    \data\
    ngram 1=4
    ngram 2=1

    \1-grams:
    -99<TAB><s><TAB>-0.3
    -0.6<TAB></s>
    -0.9<TAB><unk>
    -0.4<TAB>the<TAB>-0.2

    \2-grams:
    -0.1<TAB><s> the

    \end\

The n-grams of a section may come in any order, spaces or tabs part the fields, and there may be any
text before `\data\`. `<s>`, `</s>` and `<unk>` (or `<UNK>`) are BOS, EOS and UNK. A number of -99
stands for the log of zero, as in SRILM; only the unigram `<unk>` has it literally, as in KenLM, so
that a text with an unknown word stays possible. A word that is the escape of white space or NUL,
such as `\x20`, is that character: see `arpa_escapes`.
"""

import gzip
import logging
import lzma
import os
import re
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from seqkit.errors import DataError
from seqkit.ngram.arpa_escapes import unescaped
from seqkit.ngram.arpa_lines import ArpaNames, ArpaSource, read_entries, shown
from seqkit.ngram.arpa_section import read_section
from seqkit.ngram.levels import NgramTable
from seqkit.ngram.table_builder import TableBuilder
from seqkit.text import Vocab

__all__ = ["ArpaModel", "read_arpa"]

_log = logging.getLogger(__name__)

_SPECIALS = {"<s>": Vocab.BOS, "</s>": Vocab.EOS, "<unk>": Vocab.UNK}
_NO_UNK = -100.0  # log10: finite, so that a perplexity is
_MOST_ORDERS = 8
_HEADER_LINES = 1000
_COUNT = re.compile(rb"ngram\s+([0-9]{1,9})\s*=\s*([0-9]{1,10})")


class ArpaModel(NamedTuple):
    """What an ARPA file holds: its words, in the order of its unigrams, and the model."""

    vocab: Vocab
    table: NgramTable


def read_arpa(path: str | os.PathLike[str]) -> ArpaModel:
    r"""Read an ARPA file, decompressed if its name ends in .gz or .xz.

    N-grams whose prefix or suffix is missing, as some tools prune, are kept: what they need is
    added, which changes no probability. Those that have `<s>` behind or `</s>` before another word
    are left out, as no line asks for them. If the file has no `<unk>`, the log10 probability of UNK
    is -100, as in KenLM.

    Raises:
        DataError: there is no such file, or it is no ARPA file as it should be: an n-gram that
            comes twice, NaN, a probability above 1, more or fewer n-grams than declared, no
            `\end\`, ... The message has the number of the line.
    """
    try:
        stream = _open(path)
    except OSError as error:
        raise DataError(f"{path}: cannot read the ARPA file: {error.strerror}") from None
    with stream:
        source = ArpaSource(stream, os.fspath(path))
        sizes = _read_header(source)
        vocab, names, builder = _read_unigrams(source, sizes)
        added = 0
        for order in range(2, len(sizes) + 1):
            _expect(source, f"\\{order}-grams:")
            added += read_section(source, order, sizes, names, builder)
        _expect(source, "\\end\\")
    added += builder.close()
    if added:
        _log.info("%s: %d n-grams were added that others begin or end with", path, added)
    return ArpaModel(vocab, builder.table())


def _open(path: str | os.PathLike[str]) -> IO[bytes]:
    suffix = Path(path).suffix.lower()
    if suffix == ".gz":
        return gzip.open(path, "rb")
    return lzma.open(path, "rb") if suffix == ".xz" else open(path, "rb")


def _read_header(source: ArpaSource) -> list[int]:
    """Return how many n-grams there are of each order."""
    if not source.fill():
        raise source.fault("the file is empty, expected an ARPA file")
    while (line := source.next_line()) is not None and source.line <= _HEADER_LINES:
        source.skip()
        if line.removeprefix(b"\xef\xbb\xbf") == b"\\data\\":
            break
    else:
        what = f"not an ARPA file: no \\data\\ in its first {_HEADER_LINES} lines"
        raise source.fault(what, 1)
    sizes: list[int] = []
    while (line := source.next_line()) is not None and not line.startswith(b"\\"):
        match = _COUNT.fullmatch(line)
        if match is None or int(match[1]) != len(sizes) + 1:
            raise source.fault(f"{shown(line)}, expected ngram {len(sizes) + 1}=COUNT")
        if len(sizes) == _MOST_ORDERS:
            raise source.fault(f"order {len(sizes) + 1}: at most {_MOST_ORDERS} can be read")
        sizes.append(int(match[2]))
        source.skip()
    if not sizes:
        raise source.fault("no counts after \\data\\, expected ngram 1=COUNT")
    _expect(source, "\\1-grams:")
    return sizes


def _expect(source: ArpaSource, wanted: str) -> None:
    """Go past a line that begins a section or ends the file."""
    line = source.next_line()
    if line != wanted.encode():
        got = "the file ends" if line is None else shown(line)
        raise source.fault(f"{got}, expected {wanted}")
    source.skip()


def _read_unigrams(source: ArpaSource, sizes: list[int]) -> tuple[Vocab, ArpaNames, TableBuilder]:
    names = [b""] * len(Vocab.SPECIALS)
    lines: dict[str, int] = {}
    unknown = _NO_UNK
    ids, log_probs, backoffs = [], [], []
    for entries in read_entries(source, 1, sizes, None):
        for line, (start, stop) in enumerate(entries.ids.tolist(), entries.line):
            name = source.block[start:stop]
            word = "<unk>" if name == b"<UNK>" else _word(source, name, line)
            if lines.setdefault(word, line) != line:
                what = f"the word {word[:40]!r} a second time, first on line {lines[word]}"
                raise source.fault(what, line)
            if word in _SPECIALS:
                names[_SPECIALS[word]] = name
                if word == "<unk>":
                    unknown = float(source.block[:start].rsplit(maxsplit=1)[-1])
            else:
                names.append(name)
            ids.append(_SPECIALS.get(word, len(names) - 1))
        log_probs.append(entries.log_probs.copy())
        backoffs.append(entries.backoffs.copy())
    all_log_probs = np.full(len(names), -np.inf, np.float32)
    all_backoffs = np.zeros(len(names), np.float32)
    if ids:
        all_log_probs[ids] = np.concatenate(log_probs)
        all_backoffs[ids] = np.concatenate(backoffs)
    all_log_probs[Vocab.UNK] = unknown * np.log(10)  # -99 is no zero here
    all_log_probs[Vocab.BOS] = -np.inf  # tools write 0 or -99
    builder = TableBuilder(all_log_probs, all_backoffs if len(sizes) > 1 else None)
    vocab = Vocab(word for word in lines if word not in _SPECIALS)
    return vocab, ArpaNames.of(names), builder


def _word(source: ArpaSource, name: bytes, line: int) -> str:
    try:
        word = name.decode()
    except UnicodeDecodeError as error:
        what = f"invalid UTF-8: {error.reason} at byte {error.start} of the word"
        raise source.fault(what, line) from None
    return unescaped(word)
