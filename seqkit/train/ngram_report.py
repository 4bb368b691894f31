"""What the report of an n-gram model tells beyond that of any language model."""

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from seqkit.errors import ConfigError
from seqkit.train.costs import size_text
from seqkit.train.evaluation import format_table
from seqkit.train.language_result import LanguageResult, compare_language, language_rows
from seqkit.train.markdown import inline
from seqkit.train.ngram_evaluation import Hits

__all__ = ["ngram_sections", "quantising_loss"]


def ngram_sections(
    folder: Path,
    *,
    sizes: Sequence[int],
    facts: Mapping[str, Any],
    hits: Hits,
    orders: Mapping[str, Mapping[int, LanguageResult]],
    plain: LanguageResult | None,
    model: LanguageResult,
    seconds: Mapping[str, float],
    disk: int,
    memory: int | None,
) -> list[str]:
    """Write the sections of the report, and draw their pictures into the folder of the run.

    Args:
        folder: of the run.
        sizes: n-grams of each order that the model has.
        facts: of its estimation, `Estimate.facts`.
        hits: of the test split.
        orders: results of models of each order by split, where they were made.
        plain: the result of the model before it was quantised, where it was.
        model: that of the model, on the same split.
        seconds: of each step of the run.
        disk: bytes of the model's files.
        memory: the most bytes that the process held, None where that is not known.
    """
    return [
        "## The n-grams",
        format_table(_order_rows(sizes, facts), markdown=True),
        *_weights(facts),
        "## The n-grams that were found in the test split",
        "The longest n-gram that ends with a token, and the perplexity of these tokens.",
        format_table(_hit_rows(hits), markdown=True),
        *_by_order(orders),
        *_quantised(plain, model),
        *_pictures(folder, hits, orders),
        "## Time and memory",
        format_table([["step", "seconds"], *_second_rows(seconds)], markdown=True),
        f"The model takes {size_text(disk)} on disk"
        + (f"; the process held {size_text(memory)} at most." if memory else "."),
    ]


def quantising_loss(
    plain: LanguageResult, model: LanguageResult, *, bits: int, log_sum: float
) -> str:
    """Say what quantising cost.

    Args:
        plain: the result of the model before.
        model: that of the quantised one, on the same split.
        bits: of a probability.
        log_sum: of its probabilities, see `mean_log_sum`.
    """
    if plain.impossible:
        return f"Quantised to {bits} bits."
    paired = compare_language(model, plain)
    spread = f", 95% interval {paired.low:+.3f} to {paired.high:+.3f}" if paired else ""
    return (
        f"Quantised to {bits} bits: the {plain.split} perplexity goes from {plain.perplexity:.3f} "
        f"to {model.perplexity:.3f} (difference {model.perplexity - plain.perplexity:+.3f}{spread}"
        f"). The probabilities sum to {math.exp(log_sum):.4f} on average of some contexts: with "
        f"that set right it is about {model.perplexity * math.exp(log_sum):.2f}."
    )


def _order_rows(sizes: Sequence[int], facts: Mapping[str, Any]) -> list[list[str]]:
    heading, columns = ["length", "n-grams"], [[f"{size:,}" for size in sizes]]
    if any(facts.get("pruned", ())):
        heading.append("pruned")
        columns.append([f"{count:,}" for count in facts["pruned"]])
    if "discounts" in facts:
        heading += ["discount of 1", "of 2", "of 3 or more"]
        columns += zip(*([f"{d:.4f}" for d in row] for row in facts["discounts"]), strict=True)
    lengths = [str(order) for order in range(1, len(sizes) + 1)]
    return [heading, *map(list, zip(lengths, *columns, strict=True))]


def _weights(facts: Mapping[str, Any]) -> Iterator[str]:
    if "shares" in facts:
        yield (
            "Weights of the lower order, fitted on held-out text, by order and by the count of "
            "the context (1, 2 to 3, 4 to 7, ...):"
        )
        yield "\n".join(
            f"- {order}: {', '.join(f'{share:.3f}' for share in row)}"
            for order, row in enumerate(facts["shares"], start=1)
        )


def _hit_rows(hits: Hits) -> list[list[str]]:
    rows = [["length", "tokens", "share", "perplexity"]]
    total = int(hits.tokens.sum())
    for length, part in hits.rows():
        share = f"{part.tokens / total:.1%}"
        rows.append([str(length), f"{part.tokens:,}", share, f"{part.perplexity:,.2f}"])
    return rows


def _by_order(orders: Mapping[str, Mapping[int, LanguageResult]]) -> Iterator[str]:
    if orders:
        yield "## By order"
        yield "Models of the same counts, each with its own discounts and none quantised."
    for split, results in orders.items():
        yield f"On {split}:"
        cells = language_rows([*results.values()][::-1])
        yield format_table([[inline(cell) for cell in row] for row in cells], markdown=True)


def _quantised(plain: LanguageResult | None, model: LanguageResult) -> Iterator[str]:
    if plain is not None:
        yield "## Quantised"
        cells = language_rows([model, plain])
        yield format_table([[inline(cell) for cell in row] for row in cells], markdown=True)


def _second_rows(seconds: Mapping[str, float]) -> Iterator[list[str]]:
    for step, took in seconds.items():
        yield [step, f"{took:.2f}"]


def _pictures(
    folder: Path, hits: Hits, orders: Mapping[str, Mapping[int, LanguageResult]]
) -> list[str]:
    """Draw what can be drawn; the report says elsewhere what matplotlib would be installed by."""
    drawn: list[str] = []
    with contextlib.suppress(ConfigError):
        from seqkit.train.plots import plot_hits, plot_orders

        found, total = dict(hits.rows()), int(hits.tokens.sum())
        plot_hits(
            {length: part.tokens / total for length, part in found.items()},
            {length: part.perplexity for length, part in found.items()},
            folder / "hits.png",
        )
        drawn.append("![length of the n-grams found](hits.png)")
        perplexities = {
            split: {order: result.perplexity for order, result in results.items()}
            for split, results in orders.items()
        }
        if any(result.impossible == 0 for part in orders.values() for result in part.values()):
            plot_orders(perplexities, folder / "orders.png")
            drawn.append("![perplexity by order](orders.png)")
    return drawn
