"""From the text of all IMDB reviews to a model that can be asked: seqkit beside KenLM."""

import argparse
import shutil
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.options import number
from harness.process import THREADS, fresh
from harness.results import Outcome

from counting import corpora, kenlm_peer, loading
from counting.making import MEMORY_MB, Made, by_kenlm, by_seqkit

__all__ = ["NEEDS", "add_options", "run"]

NEEDS = corpora.IMDB

_OURS, _PEERS = "seqkit", {"probing": "KenLM, probing", "trie": "KenLM, trie"}
_SMALL = 2_000  # lines, to see what the compilation takes


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what can be chosen."""
    parser.add_argument("--orders", nargs="+", type=number(1), default=[3, 5], metavar="N")
    parser.add_argument("--rounds", type=number(1), default=3, help="(default 3)")
    parser.add_argument(
        "--memory",
        type=number(16),
        default=MEMORY_MB,
        metavar="MB",
        help=f"that seqkit's counting may hold (default {MEMORY_MB})",
    )
    parser.add_argument(
        "--lines", type=number(1), help="of the text, for a look (with --unkept); all by default"
    )


def run(options: argparse.Namespace, data: Path, work: Path) -> Iterator[tuple[str, Outcome]]:
    """Build in turns; then load what the last round left, in turns."""
    text = corpora.imdb_text(data, work)
    if options.lines:
        text = corpora.first_lines(text, work / "imdb-first.txt", options.lines)
    programs = kenlm_peer.find_programs(options.kenlm)
    compiled = _compilation(text, work)
    rounds: list[dict[int, dict[str, Made]]] = []
    for _ in range(options.rounds):
        rounds.append({})
        for order in options.orders:
            ours = by_seqkit(text, _bundle(work, order), order=order, memory_mb=options.memory)
            rounds[-1][order] = {_OURS: ours}
            if programs:
                stem = work / f"{text.stem}.o{order}"
                made = by_kenlm(programs, text, stem, order=order, kinds=tuple(_PEERS))
                rounds[-1][order] |= {_PEERS[kind]: figures for kind, figures in made.items()}
    left_out = [] if programs else [kenlm_peer.NO_PROGRAMS]
    notes = [*_notes(options, compiled), *left_out]
    yield "build", _builds(rounds, notes, compiled)
    yield "build-steps", _steps(rounds, left_out)
    left = {(order, _OURS): ("with_seqkit", _bundle(work, order)) for order in options.orders}
    if programs and kenlm_peer.installed():
        left |= {
            (order, name): ("with_kenlm", work / f"{text.stem}.o{order}.{kind}")
            for order in options.orders
            for kind, name in _PEERS.items()
        }
    by_order = dict(sorted(left.items(), key=lambda item: item[0][0]))
    missing = [*left_out, *([] if kenlm_peer.installed() else [kenlm_peer.NO_PACKAGE])]
    yield "load", loading.run(by_order, missing, rounds=2 * options.rounds + 1)


def _bundle(work: Path, order: int) -> Path:
    return work / f"seqkit.o{order}"


def _compilation(text: Path, work: Path) -> tuple[float, float]:
    """Time the first use after an installation, and the same use again."""
    cache = work / "compiled"
    shutil.rmtree(cache, ignore_errors=True)
    few = corpora.first_lines(text, work / "imdb-few.txt", _SMALL)
    arguments = {"text": str(few), "out": str(work / "seqkit-few"), "order": 3}
    first, again = (
        fresh(
            "counting.building_job:first_use",
            **arguments,
            memory=MEMORY_MB << 20,
            cache=str(cache),
        ).seconds
        for _ in range(2)
    )
    return first, again


def _notes(options: argparse.Namespace, compiled: tuple[float, float]) -> list[str]:
    first, again = compiled
    return [
        "All 100,000 reviews, `<br />` made a space, in small letters, cut by the expression "
        r"`[^\W_]+(?:'[^\W_]+)*|[^\s\w]|_`: a review a line, 26,878,819 tokens (`wc -w`, which "
        "does not count control characters, says 26,872,130). Modified Kneser-Ney, no pruning.",
        f"Medians (rounds: {options.rounds}), the rows taking turns, each step of KenLM and all of "
        "seqkit in a process of its own; times is the row's seconds to seqkit's in the same round. "
        f"seqkit: with {THREADS} threads, {options.memory} MB for the counting, imports included, "
        "from the text to the saved bundle. KenLM: `lmplz -S 2G`, then `build_binary`, together. "
        "Peak: the highest resident set of a process. Disk: what is queried, with its vocabulary.",
        f"seqkit's loops are compiled once an installation: the first use of all, on {_SMALL:,} "
        f"of the reviews, took {first:.1f} s, the next {again:.1f} s. The table is without it.",
        "The targets: half of KenLM's seconds or less with probing, no more memory than KenLM, no "
        "more disk than KenLM's trie.",
    ]


def _builds(
    rounds: Sequence[Mapping[int, Mapping[str, Made]]],
    notes: Sequence[str],
    compiled: tuple[float, float],
) -> Outcome:
    rows = [["order", "", "seconds", "lowest to highest", "times", "peak MB", "disk MB"]]
    for order, contestants in rounds[0].items():
        for name in contestants:
            runs = [each[order][name] for each in rounds]
            seconds = [each.seconds for each in runs]
            ratios = [each[order][name].seconds / each[order][_OURS].seconds for each in rounds]
            rows.append(
                [
                    str(order),
                    name,
                    f"{statistics.median(seconds):.1f}",
                    f"{min(seconds):.1f} to {max(seconds):.1f}",
                    "" if name == _OURS else f"{statistics.median(ratios):.2f}",
                    f"{statistics.median(each.peak_mb for each in runs):,.0f}",
                    f"{runs[0].disk_mb:,.1f}",
                ]
            )
    data = {
        "rounds": [
            {
                order: {name: made.plain() for name, made in row.items()}
                for order, row in each.items()
            }
            for each in rounds
        ],
        "first_use_seconds": compiled[0],
        "second_use_seconds": compiled[1],
    }
    return Outcome("IMDB text to a model that can be asked", rows, notes, data)


def _steps(rounds: Sequence[Mapping[int, Mapping[str, Made]]], left_out: Sequence[str]) -> Outcome:
    orders = list(rounds[0])
    steps = {
        (name.split(",")[0], step): None
        for contestants in rounds[0].values()
        for name, made in contestants.items()
        for step in made.steps
    }
    rows = [["", "step", *(f"order {order}" for order in orders)]]
    found: dict[str, dict[str, list[float]]] = {}
    for owner, step in steps:
        by_order = {
            str(order): [
                next(made.steps[step] for made in each[order].values() if step in made.steps)
                for each in rounds
            ]
            for order in orders
        }
        found[step] = by_order
        rows.append([owner, step, *(f"{statistics.median(v):.2f}" for v in by_order.values())])
    notes = [
        "Seconds, medians of the rounds of the table before. import: of Python's modules. read: "
        "the file to numbers, and the vocabulary. count: n-grams of all orders. estimate: "
        "probabilities and back-off weights. pack: the file that is queried. save: the bundle.",
        *left_out,
    ]
    return Outcome("Where the seconds go, on the IMDB text", rows, notes, {"seconds": found})
