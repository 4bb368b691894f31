"""Texts classified a second: the bag beside fastText, the RNN beside a bare torch module."""

import gzip
import itertools
import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.process import THREADS, fresh
from harness.results import Outcome

from classification import fasttext_peer, imdb

__all__ = ["bag_rounds", "rnn_rounds", "run"]

_BAG_TEXTS, _RNN_TEXTS = 10_000, 2_000
_BAG, _RNN = "seqkit bag, raw text", "seqkit rnn, raw text"


def run(data: Path, work: Path, *, repeat: int) -> list[Outcome]:
    """Time both pairs on IMDB test reviews, `repeat` rounds, the contestants taking turns."""
    reviews = str(data / imdb.NEEDS[1])
    bundle = str(imdb.train_bag(data, work))
    peer = str(imdb.train_fasttext(data, work)) if fasttext_peer.installed() else None
    bag = fresh(
        "classification.speed:bag_rounds",
        bundle=bundle,
        peer=peer,
        reviews=reviews,
        repeat=repeat,
    )
    rnn = fresh(
        "classification.speed:rnn_rounds",
        imports=["torch"],
        bundle=bundle,
        reviews=reviews,
        repeat=repeat,
    )
    notes = [
        f"Medians of {repeat} rounds in one process with {THREADS} threads, the rows taking turns "
        "within each round; ratio: seqkit to that row, the median over rounds.",
    ]
    beside = [
        "fastText is asked through its Python binding, for all lines in one call. Its model wants "
        "tokens with spaces between them: they are made by one plain regular expression, or by "
        "the bag's own tokeniser, or were made before the clock started.",
        *([] if peer else [fasttext_peer.MISSING]),
    ]
    bare = [
        "Untrained, the default sizes: 100 dimensions, 100 units in each direction, texts cut to "
        "400 tokens. The bare module is Embedding, nn.LSTM, max over time, Linear. It gets padded "
        "batches of 64 texts sorted by length that were made before the clock started, or the raw "
        "texts, which seqkit's tokeniser and vocabulary turn into such batches."
    ]
    return [
        _outcome(f"Bag: {_BAG_TEXTS:,} IMDB reviews classified", _BAG, bag.result, notes + beside),
        _outcome(f"RNN: {_RNN_TEXTS:,} IMDB reviews classified", _RNN, rnn.result, notes + bare),
    ]


def bag_rounds(
    *, bundle: str, peer: str | None, reviews: str, repeat: int
) -> dict[str, list[float]]:
    """Time the bag and fastText. Returns texts a second, a list by contestant."""
    import seqkit

    classifier = seqkit.load(bundle)
    texts = _texts(reviews, _BAG_TEXTS)
    contestants: dict[str, Callable[[], Any]] = {_BAG: lambda: classifier.predict_many(texts)}
    if peer:
        model = fasttext_peer.load(peer)
        tokens = classifier.scorer.pipeline.tokens
        lines = list(map(fasttext_peer.to_line, texts))
        contestants |= {
            "fastText, raw text by a plain expression": lambda: model.predict(
                list(map(fasttext_peer.to_line, texts))
            ),
            "fastText, raw text by the bag's tokeniser": lambda: model.predict(
                [" ".join(tokens(text)) for text in texts]
            ),
            "fastText, tokenised beforehand": lambda: model.predict(lines),
        }
    return _rounds(contestants, len(texts), repeat)


def rnn_rounds(*, bundle: str, reviews: str, repeat: int) -> dict[str, list[float]]:
    """Time an untrained `rnn` over the bag's vocabulary, and a bare module of its size."""
    import torch

    from classification.bare_rnn import BareRnn, padded_batches
    from seqkit import load
    from seqkit.models.classifier import TextClassifier
    from seqkit.models.network import NetworkScorer
    from seqkit.models.rnn import RnnClassifier, RnnConfig

    torch.set_num_threads(THREADS)
    torch.manual_seed(1)
    pipeline = load(bundle).scorer.pipeline
    config, sizes = RnnConfig(), {"vocabulary": len(pipeline.vocab), "classes": 2}
    network, bare = RnnClassifier(config, **sizes), BareRnn(config, **sizes)
    if len({sum(p.numel() for p in module.parameters()) for module in (network, bare)}) > 1:
        raise SystemExit("rnn: the bare module is not of seqkit's size")
    cut = {"max_tokens": 400, "keep": "ends"}
    options = {"family": "rnn", "labels": ("neg", "pos"), "device": torch.device("cpu"), **cut}
    classifier = TextClassifier(NetworkScorer(network, pipeline, **options))
    texts = _texts(reviews, _RNN_TEXTS)
    batches = padded_batches(pipeline, texts, **cut)
    contestants = {
        _RNN: lambda: classifier.predict_many(texts),
        "bare torch module, raw text": lambda: bare.probabilities(
            padded_batches(pipeline, texts, **cut)
        ),
        "bare torch module, batches made beforehand": lambda: bare.probabilities(batches),
    }
    return _rounds(contestants, len(texts), repeat)


def _texts(path: str, count: int) -> list[str]:
    """Read reviews spread over the whole file, which is sorted by label."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    return list(itertools.islice(texts[:: len(texts) // count], count))


def _rounds(
    contestants: Mapping[str, Callable[[], Any]], texts: int, repeat: int
) -> dict[str, list[float]]:
    """Let the contestants take turns, after one turn each that does not count."""
    for work in contestants.values():
        work()
    speeds: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(repeat):
        for name, work in contestants.items():
            started = time.perf_counter()
            work()
            speeds[name].append(texts / (time.perf_counter() - started))
    return speeds


def _outcome(
    title: str, ours: str, speeds: Mapping[str, Sequence[float]], notes: Sequence[str]
) -> Outcome:
    rows = [["", "texts a second", "lowest to highest", "ratio"]]
    for name, values in speeds.items():
        ratio = statistics.median(a / b for a, b in zip(speeds[ours], values, strict=True))
        rows.append(
            [
                name,
                f"{statistics.median(values):,.0f}",
                f"{min(values):,.0f} to {max(values):,.0f}",
                "" if name == ours else f"{ratio:.2f}",
            ]
        )
    return Outcome(title, rows, notes, {"texts_a_second": speeds})
