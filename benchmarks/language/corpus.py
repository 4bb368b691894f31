"""The Penn Treebank, as the recipe is told to read it and as a plain program reads it."""

import gzip
from collections.abc import Sequence
from pathlib import Path

__all__ = ["NEEDS", "plain_ids", "recipe_options"]

_SPLITS = ("train", "valid", "test")
NEEDS = tuple(f"ptb/ptb.{split}.txt.gz" for split in _SPLITS)


def recipe_options(data: str) -> list[str]:
    """Name the splits below the folder `data` as options of `seqkit train lm`."""
    return [
        part
        for split, path in zip(_SPLITS, NEEDS, strict=True)
        for part in (f"--data.{split}", str(Path(data, path)))
    ]


def plain_ids(data: str, splits: Sequence[str]) -> tuple[int, int, list[list[int]]]:
    """Number words in the order in which they appear in train, as pytorch/examples does.

    Returns:
        The number of different words, `<eos>` included; the id of `<eos>`; and the ids of each of
        the splits, train first, the end of each line among them. No split has words of its own.
    """
    ids: dict[str, int] = {}
    found = []
    for split in splits:
        with gzip.open(Path(data, NEEDS[_SPLITS.index(split)]), "rt", encoding="utf-8") as lines:
            words = (word for line in lines for word in (*line.split(), "<eos>"))
            found.append([ids.setdefault(word, len(ids)) for word in words])
    return len(ids), ids["<eos>"], found
