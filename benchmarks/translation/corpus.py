"""Multi30k, cut into words once: both read the same tokens, and know the same words.

Below a folder stand `train`, `valid` and `test`, each with `.en` and `.de`, tokens with single
spaces between them, and the words of both sides in `en.words` and `de.words`, one a line.

JoeyNMT ends each source with a token of its own, `</s>`. Here it is an ordinary word for seqkit, so
that both read as many tokens.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from seqkit.data import Pair, read_pairs
from seqkit.text import Normalizer, TextPipeline, Vocab, WhitespaceTokenizer, WordTokenizer

__all__ = [
    "END",
    "MULTI30K",
    "open_pairs",
    "open_pipelines",
    "path_of",
    "write_corpus",
    "write_pairs",
]

_FILES = {"train": "train", "valid": "val", "test": "test_2016_flickr"}
_SIDES = ("en", "de")
_SEEN = 2  # words seen less often in train are unknown

MULTI30K = tuple(f"multi30k/{name}.{side}.gz" for name in _FILES.values() for side in _SIDES)
"""What is read below SEQKIT_DATA."""
END = "</s>"
"""The last token of each source."""


def path_of(data: str | Path, split: str) -> str:
    """Name the two files of a split as the recipe is told them."""
    return ",".join(str(Path(data, f"multi30k/{_FILES[split]}.{side}.gz")) for side in _SIDES)


def write_corpus(*, data: str, folder: str) -> dict[str, int]:
    """Cut and write everything, train in a seeded order. Returns how many words each side knows."""
    Path(folder).mkdir(parents=True)
    normalize, tokenize = Normalizer(), WordTokenizer()
    words = {}
    for split in _FILES:
        pairs = list(read_pairs(path_of(data, split)))
        if split == "train":
            pairs = [pairs[at] for at in np.random.default_rng(1).permutation(len(pairs))]
        for side, name in zip(_SIDES, ("source", "target"), strict=True):
            tokens = [tokenize(normalize(getattr(pair, name))) for pair in pairs]
            _write(Path(folder, f"{split}.{side}"), [" ".join(line) for line in tokens])
            if split == "train":
                words[side] = Vocab.build(tokens, min_count=_SEEN).words
                _write(Path(folder, f"{side}.words"), words[side])
    return {side: len(known) for side, known in words.items()}


def open_pairs(folder: str | Path, split: str) -> Iterator[Pair]:
    """Yield the pairs of a split, each source with its end."""
    english, german = (_read(Path(folder, f"{split}.{side}")) for side in _SIDES)
    for line, (source, target) in enumerate(zip(english, german, strict=True), start=1):
        yield Pair(f"{source} {END}", target, split, line)


def open_pipelines(folder: str | Path) -> tuple[TextPipeline, TextPipeline]:
    """Make what turns sources and targets into ids."""
    english, german = (_read(Path(folder, f"{side}.words")) for side in _SIDES)
    return (
        TextPipeline(Normalizer(), WhitespaceTokenizer(), Vocab([*english, END])),
        TextPipeline(Normalizer(), WhitespaceTokenizer(), Vocab(german)),
    )


def write_pairs(path: Path, pairs: Sequence[Pair]) -> None:
    """Write pairs as JoeyNMT reads them: `path` with `.en` and `.de`, no source with its end."""
    _write(path.with_suffix(".en"), [pair.source.removesuffix(f" {END}") for pair in pairs])
    _write(path.with_suffix(".de"), [pair.target for pair in pairs])


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _read(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:-1]
