"""Ask everyone for neighbours: what runs in a fresh process."""

import importlib.util
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import seqkit
from embedding.made import DIM, make_vectors
from seqkit.vectors.word_vectors import WordVectors

__all__ = ["rounds"]

_FEW = 20  # words that are asked for one by one
_K = 10

_Contestant = tuple[Callable[[Sequence[str]], object], int]


def rounds(*, folder: str, words: int, asked: int, repeat: int) -> dict[str, Any]:
    """Time everyone in turns.

    Args:
        folder: for a saved copy of half precision.
        words: how many vectors there are.
        asked: how many words are asked for.
        repeat: turns that are timed, after one that is not.

    Returns:
        `words_a_second`, a figure a round, by contestant; `few`, how many words one by one are.

    Raises:
        SystemExit: they do not find the same.
    """
    spelled, vectors = make_vectors(words)
    ours = WordVectors(spelled, vectors)
    ours.save(Path(folder) / "half", precision="float16")
    half = seqkit.load(Path(folder) / "half")
    chosen = np.random.default_rng(2).choice(words, min(asked, words), replace=False)
    questions = [spelled[row] for row in chosen]
    contestants: dict[str, _Contestant] = {
        "seqkit, batch": (ours.most_similar_many, asked),
        "seqkit, one by one": (lambda part: [ours.most_similar(word) for word in part], _FEW),
        "seqkit, batch, float16": (half.most_similar_many, asked),
    }
    few = questions[:_FEW]
    expected = [ours.most_similar(word) for word in few]
    if ours.most_similar_many(questions)[:_FEW] != expected:
        raise SystemExit("the neighbours of a batch are not those of one by one")
    if importlib.util.find_spec("faiss"):
        contestants["seqkit, batch, faiss"] = (
            lambda part: ours.most_similar_many(part, backend="faiss"),
            asked,
        )
        contestants["faiss by itself, batch"] = (_by_faiss(vectors, chosen), asked)
    if importlib.util.find_spec("gensim"):
        from gensim.models import KeyedVectors

        theirs = KeyedVectors(DIM)
        theirs.add_vectors(spelled, vectors)
        contestants["gensim, one by one"] = (
            lambda part: [theirs.most_similar(word, topn=_K) for word in part],
            _FEW,
        )
        for word, found in zip(few, expected, strict=True):
            if [name for name, _ in theirs.most_similar(word, topn=_K)] != [n for n, _ in found]:
                raise SystemExit(f"{word}: the neighbours are not those of gensim")
    return {"words_a_second": _time(contestants, questions, repeat), "few": _FEW}


def _by_faiss(vectors: np.ndarray, chosen: np.ndarray) -> Callable[[Sequence[str]], object]:
    import faiss

    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    index = faiss.IndexFlatIP(DIM)
    index.add(units)
    asked = units[chosen]
    return lambda part: index.search(asked[: len(part)], _K + 1)


def _time(
    contestants: dict[str, _Contestant], asked: Sequence[str], repeat: int
) -> dict[str, list[float]]:
    speeds: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(repeat + 1):
        for name, (ask, most) in contestants.items():
            part = asked[:most]
            started = time.perf_counter()
            ask(part)
            seconds = time.perf_counter() - started
            if turn:
                speeds[name].append(len(part) / seconds)
    return speeds
