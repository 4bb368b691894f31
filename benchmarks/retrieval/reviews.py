"""The reviews that are indexed, and the queries made of their words."""

import gzip
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

from harness.process import fresh

from seqkit.data import Document

__all__ = ["IMDB", "REVIEWS", "WORDS", "make_queries", "read_reviews", "write", "write_reviews"]

IMDB = tuple(f"imdb/{split}.jsonl.gz" for split in ("train", "test", "unsup"))

REVIEWS = 100_000
"""In all."""

WORDS = 8
"""Of a query."""

_WORD = re.compile(r"\b\w\w+\b")
_SEED = 5


def write_reviews(data: Path, path: Path, count: int) -> int:
    """Write so many reviews in a shuffled order, a JSON object a line; returns their characters.

    A fresh process does it, so that this one stays small: its memory would count as a job's.
    """
    return int(fresh("retrieval.reviews:write", data=str(data), path=str(path), count=count).result)


def write(*, data: str, path: str, count: int) -> int:
    """Do the work of `write_reviews`.

    When all have been told they are told again, each word made another one: "film" becomes "filmb"
    the second time, "filmc" the third.
    """
    texts = []
    for name in IMDB:
        with gzip.open(Path(data, name), "rt", encoding="utf-8") as lines:
            texts += [json.loads(line)["text"] for line in lines]
    random.Random(_SEED).shuffle(texts)
    characters = 0
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        for number in range(count):
            turn, at = divmod(number, len(texts))
            text = texts[at]
            if turn:
                text = _WORD.sub(rf"\g<0>{chr(ord('a') + turn)}", text)
            characters += len(text)
            file.write(json.dumps({"id": f"{number:07}", "text": text}) + "\n")
    return characters


def read_reviews(path: str) -> Iterator[Document]:
    """Yield what `write_reviews` wrote."""
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            yield Document(record["id"], "", record["text"], {})


def make_queries(path: str, count: int) -> list[str]:
    """Make queries: for each a review is drawn, and eight of its words in small letters.

    Words are runs of two or more letters, digits and underscores, at eight different places; the
    reviews are drawn from those with as many. A review may come twice, a word as well.
    """
    generator = random.Random(_SEED)
    with open(path, encoding="utf-8") as lines:
        total = sum(1 for _ in lines)
    # twice as many as needed: some reviews are too short
    drawn = [generator.randrange(total) for _ in range(2 * count)]
    wanted, texts = {*drawn}, {}
    for number, document in enumerate(read_reviews(path)):
        if number in wanted:
            texts[number] = _WORD.findall(document.text.lower())
    usable = [texts[number] for number in drawn if len(texts[number]) >= WORDS]
    return [" ".join(generator.sample(words, WORDS)) for words in usable[:count]]
