"""`seqkit evaluate` of word vectors: analogies, and how people find words alike."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tyro.conf import Positional

from seqkit.commands.loading import load_vectors
from seqkit.commands.refusal import refuse_unused
from seqkit.config import parse_command
from seqkit.errors import ConfigError

if TYPE_CHECKING:
    from seqkit.vectors.analogies import AnalogyScores
    from seqkit.vectors.similarity import SimilarityScores

__all__ = ["EvaluateVectorsOptions", "evaluate_vectors"]


@dataclass(frozen=True, kw_only=True)
class EvaluateVectorsOptions:
    """Measure word vectors on analogies, and on pairs of words that people have scored."""

    vectors: Positional[str]
    """Folder of saved word vectors, or a file of them (.vec .bin .txt, .gz .xz)."""
    analogies: str | None = None
    """A file of analogies: `: section`, then lines of four words (.gz .xz)."""
    similarity: tuple[str, ...] = ()
    """Files of two words and a score a line, apart by tabs, commas or spaces (.gz .xz)."""
    most_frequent: int = 300_000
    """--analogies: questions and answers are among so many most frequent words."""
    fold_case: bool = True
    """Take "Rome" and "rome" for one word."""
    subwords: bool = True
    """--similarity: compose the vectors of unknown words from their subwords, where there are any.
    """
    json: bool = False
    """Print all figures as one JSON object."""


def evaluate_vectors(args: Sequence[str]) -> None:
    """Run `seqkit evaluate` of word vectors."""
    from seqkit.vectors.analogies import measure_analogies, read_analogies
    from seqkit.vectors.similarity import measure_similarity, read_word_pairs

    options = parse_command(EvaluateVectorsOptions, args, "evaluate")
    if options.analogies is None and not options.similarity:
        raise ConfigError("evaluate: give --analogies FILE, --similarity FILE, or both")
    if options.analogies is None:
        refuse_unused(options, "most_frequent", "without --analogies")
    if not options.similarity:
        refuse_unused(options, "subwords", "without --similarity")
    # the small files first: a fault in one is told before the vectors are read
    questions = None if options.analogies is None else read_analogies(options.analogies)
    pairs = {path: read_word_pairs(path) for path in options.similarity}
    vectors = load_vectors(options.vectors)
    analogies = questions and measure_analogies(
        vectors, questions, most_frequent=options.most_frequent, fold_case=options.fold_case
    )
    similarity = {
        path: measure_similarity(
            vectors, read, fold_case=options.fold_case, subwords=options.subwords
        )
        for path, read in pairs.items()
    }
    if not options.json:
        print("\n\n".join(_tables(options, analogies, similarity)))
        return
    figures: dict[str, object] = {}
    if analogies:
        figures["analogies"] = analogies.metrics()
    if similarity:
        figures["similarity"] = {path: found.metrics() for path, found in similarity.items()}
    print(json.dumps(figures))


def _tables(
    options: EvaluateVectorsOptions,
    analogies: "AnalogyScores | None",
    similarity: "dict[str, SimilarityScores]",
) -> list[str]:
    from seqkit.train.evaluation import format_table

    tables = []
    if analogies:
        tables.append(f"{options.analogies}\n{format_table(analogies.rows())}")
    for path, found in similarity.items():
        told = f"\nwords without a vector: {len(found.unknown):,}" if found.unknown else ""
        told += f"\npairs of composed vectors: {found.composed:,}" if found.composed else ""
        tables.append(f"{path}\n{format_table(found.rows())}{told}")
    return tables
