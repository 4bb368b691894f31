"""What `seqkit inspect` says of word vectors."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqkit.vectors.word_vectors import WordVectors

__all__ = ["vector_facts", "vector_lines"]


def vector_facts(vectors: "WordVectors", path: str) -> dict[str, Any]:
    """Return what word vectors are, ready for JSON.

    Args:
        vectors: loaded from `path`.
        path: the folder of a saved model, or a file.
    """
    place, subwords = Path(path), vectors.subwords
    files = [entry for entry in place.rglob("*") if entry.is_file()] or [place]
    return {
        "words": len(vectors),
        "dim": vectors.dim,
        "precision": vectors.precision,
        "counts": vectors.counts is not None,
        "subwords": subwords
        and {"buckets": subwords.buckets, "minn": subwords.minn, "maxn": subwords.maxn},
        "bytes": sum(entry.stat().st_size for entry in files),
        "facts": vectors.facts,
    }


def vector_lines(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield them for a person."""
    from seqkit.train.costs import size_text
    from seqkit.vectors.amounts import amount

    counts = "with" if facts["counts"] else "without"
    yield (
        f"words: {facts['words']:,}, {counts} counts; "
        f"vectors of {amount(facts['dim'], 'number')} in {facts['precision']}, "
        f"{size_text(facts['bytes'])}"
    )
    if (subwords := facts["subwords"]) is None:
        yield "subwords: none, a word that is not among them has no vector"
    else:
        yield (
            f"subwords: {subwords['minn']} to {subwords['maxn']} characters in "
            f"{amount(subwords['buckets'], 'row')}, of which vectors of other words are made"
        )
    if facts["facts"]:
        yield "made: " + ", ".join(
            f"{name} {value if isinstance(value, str) else json.dumps(value)}"
            for name, value in facts["facts"].items()
        )
