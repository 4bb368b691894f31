"""Words a second in training word vectors: seqkit beside gensim by itself."""

import argparse
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from counting import corpora
from harness.options import number
from harness.process import THREADS, Measured, fresh
from harness.results import Outcome

__all__ = ["NEEDS", "add_options", "run"]

_QUESTIONS = "analogy/questions-words.txt.gz"

NEEDS = (*corpora.IMDB, _QUESTIONS)

_TRAINERS = {
    "seqkit": "seqkit",
    "memory": "gensim, lists in memory",
    "lines": "gensim, LineSentence",
    "file": "gensim, corpus_file",
}
_PEERS = ("memory", "lines", "file")
_ARCHITECTURES = ("cbow", "skipgram")

_Round = Mapping[str, Mapping[str, Measured]]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what can be chosen."""
    parser.add_argument("--rounds", type=number(1), default=3, help="(default 3)")
    parser.add_argument("--epochs", type=number(1), default=1, help="(default 1)")
    parser.add_argument(
        "--lines", type=number(1), help="of the text, for a look (with --unkept); all by default"
    )


def run(options: argparse.Namespace, data: Path, work: Path) -> Iterator[tuple[str, Outcome]]:
    """Train in turns."""
    text = corpora.imdb_text(data, work)
    if options.lines:
        text = corpora.first_lines(text, work / "imdb-first.txt", options.lines)
    rounds: list[_Round] = [
        {
            architecture: {
                trainer: fresh(
                    "embedding.training_job:train",
                    text=str(text),
                    out=str(work / f"tokens-{turn}-{architecture}"),
                    trainer=trainer,
                    architecture=architecture,
                    epochs=options.epochs,
                    workers=THREADS,
                    asked=str(data / _QUESTIONS),
                )
                for trainer in _TRAINERS
            }
            for architecture in _ARCHITECTURES
        }
        for turn in range(options.rounds)
    ]
    yield "train", _outcome(rounds, options)


def _outcome(rounds: Sequence[_Round], options: argparse.Namespace) -> Outcome:
    rows = [
        [
            *("", "architecture", "words/s", "lowest to highest", "times the fastest gensim"),
            *("vocabulary s", "with it, times", "processor s", "peak MB", "analogies %"),
        ]
    ]
    for architecture in _ARCHITECTURES:
        for trainer, name in _TRAINERS.items():
            found = [each[architecture][trainer] for each in rounds]
            speeds = [each.result["tokens"] / each.result["train"] for each in found]
            first = found[0].result
            rows.append(
                [
                    *(name, architecture, f"{statistics.median(speeds):,.0f}"),
                    f"{min(speeds):,.0f} to {max(speeds):,.0f}",
                    _ratio(rounds, architecture, trainer, ("train",)),
                    f"{statistics.median(each.result['vocabulary'] for each in found):.1f}",
                    _ratio(rounds, architecture, trainer, ("vocabulary", "train")),
                    f"{statistics.median(each.result['processor'] for each in found):.0f}",
                    f"{statistics.median(each.peak_mb for each in found):,.0f}",
                    f"{first['right'] / max(first['answered'], 1):.1%}",
                ]
            )
    first = rounds[0]["cbow"]["seqkit"].result
    text = f"{options.lines or 100_000:,} IMDB reviews, {first['tokens'] // options.epochs:,} words"
    notes = [
        f"{text} that stand apart in a file already, a review a line; {first['words']:,} words get "
        f"a vector. dim 100, window 5, 5 negatives, min_count 5, epochs: {options.epochs}, "
        f"{THREADS} threads of training. Words are counted as they stand in the text.",
        f"Medians (rounds: {options.rounds}), the rows taking turns in fresh processes; ratios "
        "within a round. Vocabulary: reading, counting, and for seqkit writing the file that is "
        "trained on; lists in memory are there when the clock starts. Analogies: share of right "
        f"answers among the {first['answered']:,} questions whose words are known, first round.",
        "The target: 0.9 times the speed of gensim.",
    ]
    runs = {
        architecture: {
            trainer: [
                {
                    **each[architecture][trainer].result,
                    "peak_mb": each[architecture][trainer].peak_mb,
                }
                for each in rounds
            ]
            for trainer in _TRAINERS
        }
        for architecture in _ARCHITECTURES
    }
    return Outcome("Training word vectors", rows, notes, {"runs": runs})


def _ratio(rounds: Sequence[_Round], architecture: str, trainer: str, steps: Sequence[str]) -> str:
    """Return how many times as fast as the fastest of gensim's ways, in the same round."""
    if trainer != "seqkit":
        return ""
    ratios = []
    for each in rounds:
        took = {
            name: sum(measured.result[step] for step in steps)
            for name, measured in each[architecture].items()
        }
        ratios.append(min(took[name] for name in _PEERS) / took["seqkit"])
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
