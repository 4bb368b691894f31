"""`seqkit translate --score`: how likely a translator finds given translations."""

import functools
import json
import operator
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from seqkit.commands.scored_text import figures, finite
from seqkit.commands.translated_lines import one_line

if TYPE_CHECKING:
    from seqkit.language import Score
    from seqkit.models.any_translator import AnyTranslator

__all__ = ["print_scores"]

_WIDTH = 100  # characters of a line in the table


def print_scores(
    model: "AnyTranslator", sources: Sequence[str], targets: Sequence[str], *, as_json: bool
) -> None:
    """Print a row for each pair, then the totals; or all of it as one JSON object."""
    scores = model.score_many(list(zip(sources, targets, strict=True)))
    total = functools.reduce(operator.add, scores)
    if as_json:
        lines = [
            {"source": source, "target": target, **figures(score)}
            for source, target, score in zip(sources, targets, scores, strict=True)
        ]
        print(json.dumps(finite({**figures(total), "lines": lines})))
        return
    print("  line  log-prob  tokens unknown  perplexity  target")
    for number, (target, score) in enumerate(zip(targets, scores, strict=True), start=1):
        print(
            f"{number:6} {score.log_prob:9.2f} {score.tokens:7} {score.unknown:7} "
            f"{score.perplexity:11,.2f}  {textwrap.shorten(one_line(target), _WIDTH)}".rstrip()
        )
    _print_total(total)


def _print_total(total: "Score") -> None:
    ends = "with their ends"
    print(f"\n{'tokens':18} {total.tokens:,} {ends}, {total.unknown:,} unknown")
    print(f"{'log-probability':18} {total.log_prob:,.2f} nats")
    print(f"{'perplexity':18} {total.perplexity:,.2f}")
    if total.unknown:
        print("unknown tokens cost what any unknown one does: these look likelier than they are")
