"""Sentences a second in decoding: seqkit beside JoeyNMT, with the same weights."""

import argparse
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.options import number
from harness.process import fresh
from harness.results import Outcome

from translation import joeynmt_peer
from translation.corpus import MULTI30K
from translation.shape import SHAPE

__all__ = ["NEEDS", "add_options", "run"]

NEEDS = MULTI30K

_SENTENCES = 1000  # of test_2016_flickr: all
_THREADS = (1, 2)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what can be chosen."""
    parser.add_argument("--rounds", type=number(1), default=3, help="timed (default 3)")
    parser.add_argument(
        "--epochs", type=number(1), default=5, help="that the model is trained for (default 5)"
    )
    parser.add_argument(
        "--sentences",
        type=number(1),
        metavar="N",
        help="the first of the test, for a look (with --unkept); all by default",
    )


def run(options: argparse.Namespace, data: Path, work: Path) -> Iterator[tuple[str, Outcome]]:
    """Train once, then translate in turns, with each number of threads."""
    corpus, out = str(work / "corpus-decode"), str(work / "decode")
    fresh("translation.corpus:write_corpus", data=str(data), folder=corpus)
    trained = fresh("translation.training_job:model", folder=corpus, out=out, epochs=options.epochs)
    found = {
        threads: fresh(
            "translation.decoding_job:rounds",
            threads=threads,
            folder=corpus,
            saved=f"{out}/model",
            out=f"{out}/{threads}",
            place=options.joeynmt,
            sentences=options.sentences or _SENTENCES,
            repeat=options.rounds,
        ).result
        for threads in _THREADS
    }
    yield "decode", _outcome(found, trained.seconds, options)


def _outcome(
    found: Mapping[int, Mapping[str, Any]], seconds: float, options: argparse.Namespace
) -> Outcome:
    rows = [
        [
            *("threads", "", "", "sentences/s", "lowest to highest", "times JoeyNMT"),
            *("words a sentence", "BLEU of tokens"),
        ]
    ]
    for threads, figures in found.items():
        for way, by_name in figures["ways"].items():
            speeds = {
                name: [figures["sentences"] / seconds for seconds in each["seconds"]]
                for name, each in by_name.items()
            }
            for name, values in speeds.items():
                rows.append(
                    [
                        *(str(threads), way, name),
                        f"{statistics.median(values):,.0f}",
                        f"{min(values):,.0f} to {max(values):,.0f}",
                        _ratio(values, speeds.get("JoeyNMT")) if name == "seqkit" else "",
                        f"{by_name[name]['words']:.1f}",
                        f"{by_name[name]['bleu']:.1f}",
                    ]
                )
    first = next(iter(found.values()))
    epochs = "1 epoch" if options.epochs == 1 else f"{options.epochs} epochs"
    notes = [
        f"{SHAPE}. The first {first['sentences']:,} sentences of test_2016_flickr, cut in words "
        "before the clock starts; from "
        "a list of texts to their translations with seqkit (`translate_many`, its own batches), "
        "from a file to them with JoeyNMT (`predict`, batches of 64). In fp32.",
        f"seqkit trained the model for {epochs} of Multi30k ({seconds:,.0f} seconds), without the "
        f"two biases that JoeyNMT does not have{_agreement(first)}.",
        f"Medians (rounds: {options.rounds}) in one process for each number of threads, the rows "
        "taking turns, after a round of 64 sentences that does not count; times: within a round. "
        "Without a length penalty both look for the likeliest translation. With one they look for "
        "different ones: seqkit divides log p by the length, JoeyNMT by (5 + length) / 6; and "
        "seqkit goes on until no open hypothesis can win, JoeyNMT until its beam is finished.",
        "The target: 1.5 times JoeyNMT with beam 5.",
        *joeynmt_peer.left_out(),
    ]
    return Outcome("Decoding speed of a small translator", rows, notes, {"threads": found})


def _agreement(figures: Mapping[str, Any]) -> str:
    said = [
        f"{same:,} of {figures['sentences']:,} with {way}"
        for way, same in figures["same"].items()
        if same is not None
    ]
    if not said:
        return ""
    return (
        ", and JoeyNMT took over its weights. Both give the references the same log-probability, "
        "to a part in 10,000, or the run fails. The same translations, with one thread: "
        f"{'; '.join(said)}"
    )


def _ratio(ours: Sequence[float], theirs: Sequence[float] | None) -> str:
    if theirs is None:
        return ""
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
