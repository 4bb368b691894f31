"""Score the same sentences by seqkit and by KenLM: what runs in a fresh process."""

import itertools
import math
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from harness.process import THREADS

__all__ = ["rounds"]

_LIST = f"list, {THREADS} threads"
_CLOSE = 1e-4


def rounds(
    *, text: str, every: int, bundle: str, peers: Mapping[str, str], repeat: int
) -> dict[str, Any]:
    """Time everyone in turns.

    Args:
        text: the file with the sentences.
        every: of its lines, take the first of so many.
        bundle: seqkit's model.
        peers: KenLM's, by name.
        repeat: turns that are timed, after one that is not.

    Returns:
        `tokens`, line ends included; `log10`, the sum of log-probabilities, and `tokens_a_second`,
        a figure a round, by contestant.

    Raises:
        SystemExit: seqkit and a peer disagree on the probability of the text.
    """
    import seqkit

    with open(text, encoding="utf-8", newline="\n") as lines:
        sentences = [line.removesuffix("\n") for line in itertools.islice(lines, 0, None, every)]
    model = seqkit.load(bundle)

    def listed() -> float:
        return sum(score.log_prob for score in model.score_many(sentences)) / math.log(10)

    def alone() -> float:
        return sum(model.score(text).log_prob for text in sentences) / math.log(10)

    contestants: dict[str, Callable[[], float]] = {_LIST: listed, "list, 1 thread": listed}
    contestants["one by one, 1 thread"] = alone
    if peers:
        import kenlm

        for name, path in peers.items():
            score = kenlm.Model(path).score
            contestants[name] = lambda score=score: sum(map(score, sentences))
    tokens = sum(len(sentence.split()) + 1 for sentence in sentences)
    found: dict[str, float] = {}
    speeds: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(repeat + 1):
        for name, work in contestants.items():
            os.environ["OMP_NUM_THREADS"] = str(THREADS if name == _LIST else 1)
            started = time.perf_counter()
            found[name] = work()
            seconds = time.perf_counter() - started
            if turn:
                speeds[name].append(tokens / seconds)
    for name, log10 in found.items():
        if not math.isclose(log10, found[_LIST], rel_tol=_CLOSE):
            raise SystemExit(f"{name} scores the text {log10:.3f}, seqkit {found[_LIST]:.3f}")
    return {"tokens": tokens, "log10": found, "tokens_a_second": speeds}
