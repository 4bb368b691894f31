"""The perplexity of a saved model on texts: what runs in a fresh process."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["with_kenlm", "with_seqkit"]


def with_seqkit(*, path: str, texts: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return `perplexity`, `tokens`, and how many of them are `impossible`, by text.

    The perplexity is of the tokens that are possible.
    """
    import numpy as np

    import seqkit

    model, found = seqkit.load(path), {}
    for name, text in texts.items():
        log_probs = np.concatenate(model.line_log_probs(list(_lines(text))))
        possible = np.isfinite(log_probs)
        found[name] = {
            "perplexity": math.exp(-log_probs[possible].mean()),
            "tokens": len(log_probs),
            "impossible": len(log_probs) - int(possible.sum()),
        }
    return found


def with_kenlm(*, path: str, texts: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return the same of a model of KenLM."""
    import kenlm

    model, found = kenlm.Model(path), {}
    for name, text in texts.items():
        scores = [(model.score(line), len(line.split()) + 1) for line in _lines(text)]
        log10, tokens = (sum(values) for values in zip(*scores, strict=True))
        found[name] = {"perplexity": 10 ** (-log10 / tokens), "tokens": tokens, "impossible": 0}
    return found


def _lines(path: str) -> Iterator[str]:
    with open(path, encoding="utf-8", newline="\n") as lines:
        for line in lines:
            yield line.removesuffix("\n")
