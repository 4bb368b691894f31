"""What `seqkit inspect` says of a search index."""

from collections.abc import Iterator, Mapping
from typing import Any

from seqkit.commands.loading import load_index
from seqkit.config import option_values

__all__ = ["index_lines", "verified_facts"]


def verified_facts(folder: str) -> dict[str, Any]:
    """Return what an index consists of, once all its files were compared with their checksums.

    Raises:
        BundleError: some are damaged; all of them are named.
    """
    from seqkit.search.facts import index_facts

    index = load_index(folder)
    index.verify()
    config = index.config
    analysis = option_values(config.analysis)
    kept = {"fields": [*config.fields], "store": config.store, "analysis": analysis}
    return {**index_facts(index), **kept}


def index_lines(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield them for a person."""
    segments = facts["segments"]
    deleted = sum(part["deleted"] for part in segments)
    unit = "characters" if facts["analysis"]["tokenizer"] == "char" else "words"
    documents = "document" if facts["documents"] == 1 else "documents"
    yield (
        f"commit {facts['generation']}: {facts['documents']:,} {documents} of {facts['tokens']:,} "
        f"indexed {unit}, {deleted:,} deleted; segments: {len(segments)}"
    )
    for part in segments:
        documents = "document" if part["documents"] == 1 else "documents"
        yield (
            f"  {part['bytes']:>12,} bytes  {part['name']}: {part['documents']:,} {documents}, "
            f"{part['deleted']:,} deleted, {part['terms']:,} different terms"
        )
    for name, size in facts["bytes"].items():
        yield f"  {size:>12,} bytes  {name}"
    stored = "stored" if facts["store"] else "not stored"
    yield f"fields: {', '.join(facts['fields'])}; their texts are {stored}"
    yield "analysis: " + ", ".join(f"{name} {value}" for name, value in facts["analysis"].items())
