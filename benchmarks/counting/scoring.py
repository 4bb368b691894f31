"""Tokens a second of scoring: lists of sentences and single ones, beside kenlm.Model.score."""

import argparse
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.options import number
from harness.process import fresh
from harness.results import Outcome

from counting import corpora, kenlm_peer
from counting.making import by_kenlm, by_seqkit

__all__ = ["NEEDS", "add_options", "run"]

NEEDS = (*corpora.PTB, *corpora.IMDB)

_EVERY = 9  # of the IMDB reviews, one of so many is scored
_KINDS = ("probing", "trie")
_PEERS = {kind: f"KenLM, {kind}" for kind in _KINDS}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what can be chosen."""
    parser.add_argument("--orders", nargs="+", type=number(1), default=[3, 5], metavar="N")
    parser.add_argument("--rounds", type=number(1), default=5, help="timed (default 5)")
    parser.add_argument("--texts", nargs="+", choices=["ptb", "imdb"], default=["ptb", "imdb"])


def run(options: argparse.Namespace, data: Path, work: Path) -> Iterator[tuple[str, Outcome]]:
    """Make the models, then time them on each text."""
    programs = kenlm_peer.find_programs(options.kenlm)
    peer = programs if kenlm_peer.installed() else None
    found: dict[tuple[str, int], Mapping[str, Any]] = {}
    for name in options.texts:
        splits = corpora.ptb_texts(data, work) if name == "ptb" else {}
        train = splits["train"] if splits else corpora.imdb_text(data, work)
        scored = (
            {"PTB train": (train, 1), "PTB test": (splits["test"], 1)}
            if splits
            else {"IMDB, a ninth": (train, _EVERY)}
        )
        for order in options.orders:
            bundle, stem = work / "seqkit-scored", work / f"{train.stem}.o{order}"
            by_seqkit(train, bundle, order=order)
            peers = _models(peer, train, stem, order) if peer else {}
            for label, (text, every) in scored.items():
                found[label, order] = fresh(
                    "counting.scoring_job:rounds",
                    text=str(text),
                    every=every,
                    bundle=str(bundle),
                    peers=peers,
                    repeat=options.rounds,
                ).result
    yield "score", _outcome(found, options, bool(programs))


def _models(programs: kenlm_peer.Programs, train: Path, stem: Path, order: int) -> dict[str, str]:
    """Make KenLM's models where the working folder has not got them."""
    paths = {name: Path(f"{stem}.{kind}") for kind, name in _PEERS.items()}
    if not all(path.exists() for path in paths.values()):
        by_kenlm(programs, train, stem, order=order, kinds=_KINDS)
    return {name: str(path) for name, path in paths.items()}


def _outcome(
    found: Mapping[tuple[str, int], Mapping[str, Any]],
    options: argparse.Namespace,
    programs: bool,
) -> Outcome:
    rows = [
        ["text", "order", "", "million/s", "lowest to highest", *map("times {}".format, _KINDS)]
    ]
    for (label, order), figures in found.items():
        speeds = figures["tokens_a_second"]
        for name, values in speeds.items():
            rows.append(
                [
                    f"{label}, {figures['tokens']:,} tokens",
                    str(order),
                    name if name in _PEERS.values() else f"seqkit, {name}",
                    f"{statistics.median(values) / 1e6:.2f}",
                    f"{min(values) / 1e6:.2f} to {max(values) / 1e6:.2f}",
                    *(_ratio(values, speeds.get(peer)) for peer in _PEERS.values()),
                ]
            )
    notes = [
        f"Million tokens a second, line ends counted: medians (rounds: {options.rounds}) in one "
        "process, the rows taking turns; times: the row's speed to KenLM's in the same round. "
        "Everyone is given a list of Python strings, tokens with spaces between them, and returns "
        "a log-probability for each. seqkit: `score_many(sentences)` with two threads and with "
        "one; one by one: `score(sentence)` in a loop, with one. KenLM: `Model.score(sentence)` "
        "in a loop.",
        "Modified Kneser-Ney without pruning, from the training text (PTB, its `<unk>` made an "
        "ordinary word) or all reviews (IMDB, of which every ninth is scored). Both agree on the "
        "probability of every text to a part in 10,000; the sums are in the JSON file.",
        "The targets: 4.5 for a list on PTB at order 3; for a list at least the speed of KenLM; "
        "one by one half of it.",
        *([] if programs else [kenlm_peer.NO_PROGRAMS]),
        *([] if kenlm_peer.installed() else [kenlm_peer.NO_PACKAGE]),
    ]
    data = {"runs": {f"{label}, order {order}": f for (label, order), f in found.items()}}
    return Outcome("Sentences scored", rows, notes, data)


def _ratio(speeds: Sequence[float], peers: Sequence[float] | None) -> str:
    if peers is None or peers is speeds:
        return ""
    return f"{statistics.median(a / b for a, b in zip(speeds, peers, strict=True)):.2f}"
