"""`seqkit similar`: the nearest neighbours of words."""

import itertools
import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from tyro.conf import Positional, arg

from seqkit.commands.loading import load_vectors
from seqkit.commands.reading import ReadingOptions, check_limit, read_texts
from seqkit.commands.refusal import refuse_unused
from seqkit.config import parse_command
from seqkit.errors import ConfigError, DataError

if TYPE_CHECKING:
    from seqkit.vectors.neighbours import Neighbour
    from seqkit.vectors.word_vectors import WordVectors

__all__ = ["SimilarOptions", "shown_word", "similar"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class SimilarOptions(ReadingOptions):
    """Find the words most like others: king woman --minus man.

    Words that are given together are asked as one, by the mean of their vectors: a table, or with
    --json an object. The words of a file or of stdin are asked one by one: a JSON object a line.
    For a word that is not there its lower-case form is asked, where that one is.
    """

    vectors: Positional[str]
    """Folder of saved word vectors, or a file of them (.vec .bin .txt, .gz .xz)."""
    words: Positional[tuple[str, ...]] = ()
    """Words, behind -- if one begins with a dash; without any, and without --file, each line of
    stdin is a word."""
    minus: tuple[str, ...] = ()
    """Words that are taken away."""
    file: str | None = None
    """Read words from here, one a line (.txt .jsonl .csv .tsv, .gz .xz); - is stdin."""
    k: Annotated[int, arg(aliases=("-k",))] = 10
    """Neighbours at most."""
    batch: int = 1024
    """--file and stdin: words asked together; 1 answers each line of a slow stdin at once."""
    json: bool = False
    """Print JSON for words that are given together, too."""


def similar(args: Sequence[str]) -> None:
    """Run `seqkit similar`."""
    options = parse_command(SimilarOptions, args, "similar")
    if (options.words or options.minus) and options.file:
        raise ConfigError("similar: give words or --file, not both")
    for name in ("k", "batch"):
        if getattr(options, name) < 1:
            raise ConfigError(f"similar: --{name} {getattr(options, name)}: must be 1 or more")
    check_limit("similar", options)
    if options.words or options.minus:
        refuse_unused(options, "batch text_column", "without --file or stdin")
        _print_one(load_vectors(options.vectors), options)
        return
    vectors = load_vectors(options.vectors)
    asked = unknown = 0
    for row in _answers(vectors, read_texts(options.file or "-", options), options):
        asked += 1
        unknown += "error" in row
        print(json.dumps(row), flush=asked % options.batch == 0)
    if unknown:
        logger.warning("words without a vector: %d of %d", unknown, asked)


def shown_word(word: str) -> str:
    """Return a word as a terminal may show it: what would steer it stands as an escape."""
    return word if word.isprintable() else ascii(word)[1:-1]


def _print_one(vectors: "WordVectors", options: SimilarOptions) -> None:
    plus = [_held(vectors, word) for word in options.words]
    minus = [_held(vectors, word) for word in options.minus]
    found = vectors.most_similar(plus, minus, k=options.k)
    asked = dict(zip([*options.words, *options.minus], [*plus, *minus], strict=True))
    other = {word: held for word, held in asked.items() if held != word}
    composed = [word for word in asked.values() if word not in vectors]
    if options.json:
        row: dict[str, Any] = {"plus": options.words, "minus": options.minus}
        row |= {"as": other} if other else {}
        row |= {"composed": composed} if composed else {}
        print(json.dumps({**row, "neighbours": _plain(found)}))
        return
    for word, held in other.items():
        logger.info("%r has no vector of its own: %r is asked", word, held)
    for word in composed:
        logger.info("%r has no vector of its own: composed from its subwords", word)
    width = max((len(shown_word(neighbour.word)) for neighbour in found), default=0)
    for neighbour in found:
        print(f"{shown_word(neighbour.word):{width}}  {neighbour.score:.4f}")


def _answers(
    vectors: "WordVectors", words: Iterable[str], options: SimilarOptions
) -> Iterator[dict[str, Any]]:
    """Yield the answer to each word, the words of a batch asked together."""
    words = iter(words)
    while batch := list(itertools.islice(words, options.batch)):
        held = [_held(vectors, word) for word in batch]
        known = vectors.lookup(held)[1]
        asked = list(itertools.compress(held, known))
        found = iter(vectors.most_similar_many(asked, k=options.k))
        for word, other, has in zip(batch, held, known.tolist(), strict=True):
            if not has:
                yield {"word": word, "error": _fault(vectors, word)}
                continue
            row: dict[str, Any] = {"word": word}
            row |= {"as": other} if other != word else {}
            row |= {} if other in vectors else {"composed": True}
            yield {**row, "neighbours": _plain(next(found))}


def _held(vectors: "WordVectors", word: str) -> str:
    """Return the lower-case form of a word that has no vector of its own, where that one has."""
    lower = word.lower()
    return lower if word not in vectors and lower in vectors else word


def _fault(vectors: "WordVectors", word: str) -> str:
    """Say that a word has no vector, with the spellings that are near."""
    try:
        vectors.vector(word)
    except DataError as error:
        return str(error)
    raise AssertionError(f"{word!r} is unknown and has a vector")


def _plain(found: "Sequence[Neighbour]") -> list[dict[str, Any]]:
    return [{"word": neighbour.word, "score": round(neighbour.score, 6)} for neighbour in found]
