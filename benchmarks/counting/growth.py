"""How time, memory and disk grow with the words that are counted."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.options import number
from harness.process import THREADS
from harness.results import Outcome

from counting import corpora, kenlm_peer
from counting.growth_picture import draw
from counting.making import MEMORY_MB, Made, by_kenlm, by_seqkit

__all__ = ["NEEDS", "add_options", "run"]

NEEDS = corpora.IMDB

_MILLION = 1_000_000
_KINDS = ("probing", "trie")
_PICTURE = Path(__file__).parents[2] / "docs/ngram-growth.png"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what can be chosen."""
    parser.add_argument("--orders", nargs="+", type=number(1), default=[3, 5], metavar="N")
    parser.add_argument(
        "--sizes",
        nargs="+",
        type=number(1),
        default=[1, 3, 10, 30],
        metavar="N",
        help="million words (default 1 3 10 30)",
    )


def run(options: argparse.Namespace, data: Path, work: Path) -> Iterator[tuple[str, Outcome]]:
    """Build a model of each order for each size of text."""
    programs = kenlm_peer.find_programs(options.kenlm)
    imdb = corpora.imdb_text(data, work)
    found: dict[int, dict[tuple[str, int], Made]] = {}
    for size in sorted(options.sizes):
        text = work / f"growing-{size}.txt"
        words = corpora.imdb_of(size * _MILLION, imdb, text)
        found[words] = {}
        for order in options.orders:
            found[words]["seqkit", order] = by_seqkit(text, work / "seqkit-growing", order=order)
            if programs:
                stem = work / "growing"
                made = by_kenlm(programs, text, stem, order=order, kinds=_KINDS)
                found[words] |= {(f"KenLM, {kind}", order): made[kind] for kind in _KINDS}
                for kind in _KINDS:
                    Path(f"{stem}.{kind}").unlink()
        text.unlink()
    if not options.unkept:
        draw(found, _PICTURE)
    yield "growth", _outcome(found, [] if programs else [kenlm_peer.NO_PROGRAMS])


def _outcome(
    found: Mapping[int, Mapping[tuple[str, int], Made]], left_out: Sequence[str]
) -> Outcome:
    contestants = list(next(iter(found.values())))
    rows = [["words", *(f"{name}, order {order}" for name, order in contestants)]]
    for words, figures in found.items():
        cells = [
            f"{made.seconds:.1f} s, {made.peak_mb:,.0f} MB, {made.disk_mb:,.0f} MB"
            for made in figures.values()
        ]
        rows.append([f"{words:,}", *cells])
    notes = [
        "Seconds, highest resident memory, size on disk. From a text of tokens to the saved model, "
        f"modified Kneser-Ney without pruning. seqkit: with {THREADS} threads and {MEMORY_MB} MB "
        "for the counting, in a fresh process, imports included. KenLM: `lmplz -S 2G`, then "
        "`build_binary`, together.",
        "Reviews of IMDB until they hold so many words. Beyond all 26,878,819 of them the reviews "
        "are told again, each word made another one, so that new words and n-grams go on coming.",
        *left_out,
    ]
    data = {
        "words": {
            str(words): {f"{name}, order {order}": m.plain() for (name, order), m in row.items()}
            for words, row in found.items()
        }
    }
    return Outcome("How counting grows with the text", rows, notes, data)
