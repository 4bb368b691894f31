"""Perplexities on the Penn Treebank: orders, methods, and what quantisation costs."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.options import number
from harness.process import THREADS, fresh
from harness.results import Outcome

from counting import corpora, kenlm_peer
from counting.making import Made, by_kenlm, by_seqkit

__all__ = ["NEEDS", "add_options", "run"]

NEEDS = corpora.PTB

_TARGETS = {3: "148.281", 5: "141.186"}
_METHODS: Mapping[str, Mapping[str, Any]] = {
    "modified-kneser-ney": {},
    "kneser-ney": {},
    "absolute": {},
    "witten-bell": {},
    "jelinek-mercer": {},
    "add-k": {"k": 0.001},
    "stupid-backoff": {},
    "mle": {},
}
_BITS = (8, 4)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what can be chosen."""
    parser.add_argument(
        "--order", type=number(1), default=5, help="of the table of methods (default 5)"
    )


@dataclass(frozen=True)
class _Row:
    """A model: its making and its perplexities."""

    made: Made
    figures: Mapping[str, Mapping[str, Any]]

    def perplexities(self) -> list[str]:
        return [f"{self.figures[split]['perplexity']:.3f}" for split in ("valid", "test")]

    def making(self) -> list[str]:
        return [f"{self.made.seconds:.1f}", f"{self.made.disk_mb:.1f}"]

    def plain(self) -> dict[str, Any]:
        return {**self.made.plain(), **self.figures}


def run(options: argparse.Namespace, data: Path, work: Path) -> Iterator[tuple[str, Outcome]]:
    """Build and ask each model once."""
    texts = corpora.ptb_texts(data, work)
    programs = kenlm_peer.find_programs(options.kenlm)
    peer = programs if kenlm_peer.installed() else None
    left_out = [] if programs else [kenlm_peer.NO_PROGRAMS]
    left_out += [] if kenlm_peer.installed() else [kenlm_peer.NO_PACKAGE]
    whole = {("seqkit", order): _ours(texts, work, order=order) for order in _TARGETS}
    if peer:
        whole |= {("KenLM, trie", order): _peers(peer, texts, work, order) for order in _TARGETS}
    yield "ptb", _orders(whole, left_out)
    yield "ptb-methods", _methods(texts, work, options.order)
    yield "ptb-quantised", _quantised(whole, texts, work, peer, left_out)


def _ours(texts: Mapping[str, Path], work: Path, **options: Any) -> _Row:
    out = work / "seqkit-ptb"
    made = by_seqkit(texts["train"], out, **options)
    return _Row(made, _ask("with_seqkit", out, texts))


def _peers(
    programs: kenlm_peer.Programs,
    texts: Mapping[str, Path],
    work: Path,
    order: int,
    bits: int | None = None,
) -> _Row:
    stem = work / f"kenlm-ptb.o{order}"
    (made,) = by_kenlm(
        programs, texts["train"], stem, order=order, kinds=("trie",), bits=bits
    ).values()
    return _Row(made, _ask("with_kenlm", Path(f"{stem}.trie"), texts))


def _ask(job: str, path: Path, texts: Mapping[str, Path]) -> Mapping[str, Mapping[str, Any]]:
    splits = {split: str(texts[split]) for split in ("valid", "test")}
    return fresh(f"counting.evaluating_job:{job}", path=str(path), texts=splits).result


_NOTE = (
    "Trained on train, each line a sentence; perplexity over {valid:,} tokens of valid and "
    "{test:,} of test, line ends included. `<unk>` is an ordinary word, so no token is out of the "
    "vocabulary."
)


def _note(row: _Row) -> str:
    return _NOTE.format(**{split: row.figures[split]["tokens"] for split in row.figures})


def _orders(rows: Mapping[tuple[str, int], _Row], left_out: Sequence[str]) -> Outcome:
    table = [["order", "", "valid perplexity", "test perplexity", "target", "seconds", "disk MB"]]
    for (name, order), row in sorted(rows.items(), key=lambda item: item[0][1]):
        cells = [*row.perplexities(), _TARGETS[order], *row.making()]
        table.append([str(order), "KenLM" if name != "seqkit" else name, *cells])
    notes = [
        f"Modified Kneser-Ney without pruning. {_note(rows['seqkit', 3])}",
        f"Seconds from the text to the saved model, in a fresh process with {THREADS} threads, "
        "imports included; KenLM's are lmplz and build_binary (trie). On a text so small most of "
        "seqkit's are imports.",
        *left_out,
    ]
    data = {
        "models": {f"{name}, order {order}": row.plain() for (name, order), row in rows.items()}
    }
    return Outcome("Penn Treebank: perplexity of n-gram models", table, notes, data)


def _methods(texts: Mapping[str, Path], work: Path, order: int) -> Outcome:
    table = [["method", "valid perplexity", "test perplexity", "test impossible", "seconds"]]
    rows = {}
    for method, settings in _METHODS.items():
        fitted = {"heldout": str(texts["valid"])} if method == "jelinek-mercer" else {}
        smoothing = {"method": method, **settings}
        row = rows[method] = _ours(texts, work, order=order, smoothing=smoothing, **fitted)
        label = " ".join([method, *(f"{key}={value}" for key, value in settings.items())])
        cells = [f"{row.figures['test']['impossible']:,}", row.making()[0]]
        table.append([label, *row.perplexities(), *cells])
    notes = [
        f"Order {order}. {_note(row)}",
        "Impossible: tokens of test that the method gives no probability; the perplexity is that "
        "of the others, and no figure to compare. Nor is that of stupid back-off, whose scores do "
        "not add up to 1. The weights of Jelinek-Mercer are fitted on valid, k is not tuned.",
    ]
    data = {"order": order, "models": {method: row.plain() for method, row in rows.items()}}
    return Outcome("Penn Treebank: the methods of estimation", table, notes, data)


def _quantised(
    whole: Mapping[tuple[str, int], _Row],
    texts: Mapping[str, Path],
    work: Path,
    peer: kenlm_peer.Programs | None,
    left_out: Sequence[str],
) -> Outcome:
    table = [["order", "", "bits", "valid perplexity", "test perplexity", "loss %", "disk MB"]]
    found = {}
    for order in _TARGETS:
        for name in ("seqkit", "KenLM, trie")[: 2 if peer else 1]:
            exact = whole[name, order]
            rows = {"all": exact}
            for bits in _BITS:
                rows[str(bits)] = (
                    _peers(peer, texts, work, order, bits)
                    if peer and name != "seqkit"
                    else _ours(texts, work, order=order, quantize=bits)
                )
            for bits, row in rows.items():
                before, after = (each.figures["test"]["perplexity"] for each in (exact, row))
                loss = "" if bits == "all" else f"{100 * (after / before - 1):.2f}"
                cells = [*row.perplexities(), loss, row.making()[1]]
                table.append([str(order), name, bits, *cells])
            found[f"{name}, order {order}"] = {bits: row.plain() for bits, row in rows.items()}
    notes = [
        f"Modified Kneser-Ney, its probabilities and back-off weights in so many bits. "
        f"{_note(whole['seqkit', 3])} Loss: of test perplexity. KenLM: `build_binary -q BITS -b "
        "BITS trie`.",
        *left_out,
    ]
    return Outcome("Penn Treebank: quantised models", table, notes, {"models": found})
