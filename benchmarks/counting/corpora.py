"""The texts that are counted: tokens with single spaces between them, a sentence or review a line.

They are written into the working folder, and taken from there where they are already.
"""

import gzip
import itertools
import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

__all__ = ["IMDB", "PTB", "first_lines", "imdb_of", "imdb_text", "ptb_texts"]

PTB = tuple(f"ptb/ptb.{split}.txt.gz" for split in ("train", "valid", "test"))
IMDB = tuple(f"imdb/{split}.jsonl.gz" for split in ("train", "test", "unsup"))

_TOKENS = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[^\s\w]|_")


def ptb_texts(data: Path, work: Path) -> dict[str, Path]:
    """Write the splits, `<unk>` made an ordinary word: in KenLM's text it has to be one."""
    written = {}
    for name in PTB:
        split = name.split(".")[1]
        written[split] = work / f"ptb.{split}.txt"
        with gzip.open(data / name, "rt", encoding="utf-8") as lines:
            words = (line.replace("<unk>", "unkword").split() for line in lines)
            _write(written[split], map(" ".join, words))
    return written


def imdb_text(data: Path, work: Path) -> Path:
    """Write all 100,000 reviews, in small letters, cut into words and signs."""
    path = work / "imdb.txt"
    if not path.exists():
        _write(path, _reviews(data))
    return path


def first_lines(text: Path, path: Path, count: int) -> Path:
    """Write the first lines of a text."""
    with text.open(encoding="utf-8", newline="\n") as lines:
        _write(path, (line.removesuffix("\n") for line in itertools.islice(lines, count)))
    return path


def imdb_of(words: int, text: Path, path: Path) -> int:
    """Write as many reviews as hold so many words; returns how many words they hold.

    When the reviews are at their end they are told again in words of their own.
    """
    written = 0

    def reviews() -> Iterator[str]:
        nonlocal written
        for turn in itertools.count():
            with text.open(encoding="utf-8", newline="\n") as lines:
                for line in lines:
                    if written >= words:
                        return
                    tokens = line.split()
                    written += len(tokens)
                    yield " ".join(f"{token}{turn}" for token in tokens) if turn else line[:-1]

    _write(path, reviews())
    return written


def _reviews(data: Path) -> Iterator[str]:
    for name in IMDB:
        with gzip.open(data / name, "rt", encoding="utf-8") as lines:
            for line in lines:
                review = json.loads(line)["text"].replace("<br />", " ").lower()
                yield " ".join(_TOKENS.findall(review))


def _write(path: Path, lines: Iterable[str]) -> None:
    unfinished = path.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)
    os.replace(unfinished, path)
