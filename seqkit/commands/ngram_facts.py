"""What `seqkit inspect` says of the n-grams of a model."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seqkit.bundle import Bundle
from seqkit.errors import BundleError

__all__ = ["ngram_lines"]


def ngram_lines(saved: Bundle) -> Iterator[str]:
    """Yield how the model was made, and the n-grams of each order with what is known of them.

    Raises:
        BundleError: `model.json` is not that of an n-gram model.
    """
    try:
        head = json.loads(saved.files()["model.json"])
        layout, facts = head["layout"], head["facts"]
        sizes, method = layout["sizes"], facts["method"]
        bits = f", quantised to {layout['quantize']} bits" if layout["quantize"] else ""
        options = "".join(f", {name} {facts[name]:g}" for name in ("k", "alpha") if name in facts)
        rows = [_row(order, size, facts) for order, size in enumerate(sizes, start=1)]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise BundleError(
            f"{saved.folder}/model.json: not that of an n-gram model ({reason:.100}): train anew"
        ) from None
    made = "read from an ARPA file" if method == "arpa" else method
    yield f"order {len(sizes)}, {sum(sizes):,} n-grams, {made}{options}{bits}"
    yield from rows


def _row(order: int, size: int, facts: Mapping[str, Any]) -> str:
    told = f"  {size:>12,} {order}-grams"
    if discounts := _of(facts, "discounts", order):
        told += f", discounts {' '.join(f'{value:.4f}' for value in discounts)}"
    if pruned := _of(facts, "pruned", order):
        told += f", {pruned:,} pruned"
    return told


def _of(facts: Mapping[str, Sequence[Any]], name: str, order: int) -> Any:
    return facts[name][order - 1] if name in facts else None
