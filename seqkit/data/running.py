"""The data options of a recipe for running text, and the splits that they ask for.

A split is read anew from its file each time it is iterated, and one line is held at a time: the
text may be larger than memory.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from seqkit.data.blocks import cut_blocks
from seqkit.data.catalogue import official_split
from seqkit.data.readers import MAX_CHARS, EncodingErrors, ReadStats, read_text
from seqkit.data.shares import check_shares
from seqkit.errors import ConfigError, DataError

__all__ = ["TextDataConfig", "TextSplit", "TextSplits", "load_split", "load_text", "text_lines"]

logger = logging.getLogger(__name__)

_Ranges = list[tuple[int, int | None]]  # of lines, in order
_WHOLE: _Ranges = [(0, None)]


@dataclass(frozen=True, kw_only=True)
class TextDataConfig:
    """Where running text comes from."""

    train: str = "bundled:shakespeare"
    """A file (its lines; of .tsv .csv .jsonl .parquet the column text), a folder of .txt files,
    bundled:NAME or hf:NAME."""
    valid: str | None = None
    """For early stopping; where it is missing, the official one of a named set, else cut from
    train."""
    test: str | None = None
    """Read once, at the end; where it is missing, as for valid."""
    text_column: str | None = None
    """Column of the text, where it is not called text."""
    encoding_errors: EncodingErrors = "strict"
    """What to do with bytes that are not UTF-8: refuse them, or replace and count them."""
    max_chars: int = MAX_CHARS
    """Longest line that is read, in characters."""
    valid_share: float = 0.05
    """Share of the lines of train that a missing valid split takes."""
    test_share: float = 0.05
    """Share of the lines of train that a missing test split takes."""
    cut_chars: int = 1_000_000
    """About so many characters at most of each split that is cut from train: of a long text, the
    share is less."""


@dataclass(frozen=True, kw_only=True)
class TextSplit:
    """The lines of one split, read from their source each time this is iterated.

    Attributes:
        source: the path that the lines come from.
        lines: how many there are; `len(split)` is the same.
        characters: code points of the lines, and one for the end of each.
        sha256: of the lines, each with its end, as 64 hexadecimal digits.
    """

    source: str
    lines: int
    characters: int
    sha256: str
    _read: Callable[[], Iterator[str]] = field(repr=False)
    _ranges: _Ranges = field(repr=False)

    def __len__(self) -> int:
        return self.lines

    def __iter__(self) -> Iterator[str]:
        """Yield the lines.

        Raises:
            DataError: there are fewer than before, or what reading them raises.
        """
        count = 0
        for count, line in enumerate(_pick(self._read(), self._ranges), 1):  # noqa: B007
            yield line
        if count != self.lines:
            raise DataError(
                f"{self.source}: {self.lines:,} lines when it was opened, {count:,} now: "
                "it changed while it was read, run it again"
            )


@dataclass(frozen=True)
class TextSplits:
    """Running text in three splits."""

    train: TextSplit
    valid: TextSplit
    test: TextSplit
    cut: tuple[str, ...]
    """Names of the splits that were cut from train."""
    stats: ReadStats = field(default_factory=ReadStats)
    """What reading them counted, each line once."""

    def named(self) -> dict[str, TextSplit]:
        """The splits by name, train first."""
        return {"train": self.train, "valid": self.valid, "test": self.test}

    def fingerprint(self) -> dict[str, Any]:
        """Lines and characters of the splits, and the sha256 of the training lines in order."""
        return {
            "lines": {name: split.lines for name, split in self.named().items()},
            "characters": {name: split.characters for name, split in self.named().items()},
            "train_sha256": self.train.sha256,
        }


def load_text(config: TextDataConfig, *, seed: int) -> TextSplits:
    """Find the splits, cut from train the ones that are missing, and read each once to check it.

    A missing split of a named set is the official one where it has one. Others are cut in blocks
    of consecutive lines, seeded (see `seqkit.data.blocks`); the order of the lines stays. A share
    that would be more than `config.cut_chars` is lowered: a measure is no better for being longer,
    and what is measured of a text should not grow with it.

    Raises:
        ConfigError: shares that leave nothing to train on, no characters to cut.
        DataError: what cannot be read, a text too short to cut, a split of empty lines only.
    """
    given = {
        name: getattr(config, name) or official_split(config.train, name)
        for name in ("valid", "test")
    }
    shares = {n: getattr(config, f"{n}_share") for n, path in given.items() if path is None}
    if config.cut_chars < 1:
        raise ConfigError(f"--data.cut-chars {config.cut_chars}: must be 1 or more")
    check_shares(shares)
    stats = ReadStats()
    parts: dict[str, _Ranges] = {"train": _WHOLE}
    if shares:
        lines = characters = 0
        for line in _lines(config.train, config, stats):
            lines, characters = lines + 1, characters + len(line) + 1
        most = max(config.cut_chars, 2 * characters // max(lines, 1))  # two lines can be cut off
        capped = {name: min(share, most / max(characters, 1)) for name, share in shares.items()}
        try:
            parts = dict(cut_blocks(lines, capped, seed=seed))
        except DataError as error:
            raise DataError(f"{config.train}: {error}") from None
        logger.info(
            "%s cut from %s, in blocks of lines%s",
            " and ".join(shares),
            config.train,
            "" if capped == shares else f", about {most:,} characters at most (--data.cut-chars)",
        )
    splits = _splits(config.train, parts, config, None if shares else stats)
    for name, path in given.items():
        if path is not None:
            splits |= _splits(path, {name: _WHOLE}, config, stats)
            if getattr(config, name) is None:
                logger.info("%s is the official split: %s", name, path)
    return TextSplits(**splits, cut=tuple(shares), stats=stats)


def load_split(path: str, name: str, config: TextDataConfig) -> TextSplit:
    """Read one split, the whole of a source, once to check it; `config` says how it is read.

    Raises:
        DataError: what cannot be read, a text of empty lines only.
    """
    return _splits(path, {name: _WHOLE}, config, None)[name]


def text_lines(text: str) -> list[str]:
    r"""Cut a text into its lines, which end at LF or CRLF and nowhere else.

    >>> text_lines("one\n\ntwo\n"), text_lines("")
    (['one', '', 'two'], [''])
    """
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n")


def _lines(path: str, config: TextDataConfig, stats: ReadStats | None) -> Iterator[str]:
    records = read_text(
        path,
        text_column=config.text_column,
        encoding_errors=config.encoding_errors,
        max_chars=config.max_chars,
        stats=stats,
    )
    for record in records:
        if "\n" in record:  # only a cell of a table can have one
            yield from text_lines(record)
        else:
            yield record


def _pick(lines: Iterator[str], ranges: _Ranges) -> Iterator[str]:
    at = 0
    for start, stop in ranges:
        yield from islice(lines, start - at, None if stop is None else stop - at)
        at = stop or at


def _splits(
    path: str, parts: Mapping[str, _Ranges], config: TextDataConfig, stats: ReadStats | None
) -> dict[str, TextSplit]:
    """Measure all parts of a source in one pass over it."""
    sizes = {name: _Size() for name in parts}
    owners = sorted((start, stop, name) for name, ranges in parts.items() for start, stop in ranges)
    lines = _lines(path, config, stats)
    for start, stop, name in owners:
        sizes[name].add(islice(lines, None if stop is None else stop - start))
    for name, size in sizes.items():
        if size.blank:
            cut = len(parts) > 1
            what = f"{name} was cut from it and" if cut and name != "train" else name
            remedy = f"give --data.{name} a file" if cut else "give a text"
            raise DataError(f"{path}: {what} holds nothing but empty lines: {remedy}")
    return {
        name: TextSplit(
            source=path,
            lines=size.lines,
            characters=size.characters,
            sha256=size.digest.hexdigest(),
            _read=lambda: _lines(path, config, None),
            _ranges=parts[name],
        )
        for name, size in sizes.items()
    }


class _Size:
    """Counts of one split."""

    def __init__(self) -> None:
        self.lines = self.characters = 0
        self.blank = True
        self.digest = hashlib.sha256()

    def add(self, lines: Iterator[str]) -> None:
        for line in lines:
            self.lines += 1
            self.characters += len(line) + 1
            self.blank = self.blank and not line.strip()
            self.digest.update(f"{line}\n".encode("utf-8", "surrogatepass"))
