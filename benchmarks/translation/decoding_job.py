"""Translate and clock it: what runs in a fresh process, seqkit and JoeyNMT in turns."""

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seqkit import load, metrics
from seqkit.models.translator import Translator
from seqkit.nn.memory import keep_freed_memory
from translation import corpus, joeynmt_peer
from translation.shape import joeynmt_config

__all__ = ["WAYS", "rounds"]

WAYS = {"greedy": (1, 0.0), "beam 5": (5, 0.0), "beam 5, length penalty 1": (5, 1.0)}
"""Width of the beam, and a: seqkit divides log p by n ** a, JoeyNMT by ((5 + n) / 6) ** a."""
_WARM = 64  # sentences of the round that does not count
_CLOSE = 1e-4  # of a log-probability, relative


def rounds(
    *, folder: str, saved: str, out: str, place: str | None, sentences: int, repeat: int
) -> dict[str, Any]:
    """Translate test in turns.

    Args:
        folder: of the corpus.
        saved: the model, of `translation.training_job:model`.
        out: an empty folder.
        place: the folder that JoeyNMT is in, where it is not installed.
        sentences: of the test, the first.
        repeat: rounds.

    Returns:
        By way and contestant `seconds`, a list; `words`, the mean of a translation; `bleu` of
        tokens. And how many translations are the `same`, by way; None without JoeyNMT.

    Raises:
        SystemExit: the two give the references different probabilities.
    """
    pairs = list(itertools.islice(corpus.open_pairs(folder, "test"), sentences))
    model = load(saved)
    keep_freed_memory()
    contestants = {"seqkit": _ours(model, pairs)}
    joeynmt_peer.reach(place)
    if not joeynmt_peer.lacking():
        contestants["JoeyNMT"] = _theirs(model, pairs, folder, Path(out), place)
    found: dict[str, Any] = {way: {name: {} for name in contestants} for way in WAYS}
    for turn in range(repeat + 1):
        for way, (beam, penalty) in WAYS.items():
            for name, translate in contestants.items():
                started = time.perf_counter()
                texts = translate(beam, penalty, turn == 0)
                seconds = time.perf_counter() - started
                if turn:
                    found[way][name].setdefault("seconds", []).append(seconds)
                    found[way][name]["texts"] = texts
    same: dict[str, int | None] = dict.fromkeys(WAYS)
    for way, by_name in found.items():
        lists = [figures.pop("texts") for figures in by_name.values()]
        if len(lists) == 2:
            same[way] = sum(a == b for a, b in zip(*lists, strict=True))
        for figures, texts in zip(by_name.values(), lists, strict=True):
            figures["words"] = sum(len(text.split()) for text in texts) / len(texts)
            references = [[pair.target] for pair in pairs]
            figures["bleu"] = metrics.bleu(texts, references, tokenize="none").score
    return {"ways": found, "same": same, "sentences": len(pairs)}


Contestant = Callable[[int, float, bool], list[str]]
"""(beam, length penalty, whether only to warm up) -> translations."""


def _ours(model: Translator, pairs: list[Any]) -> Contestant:
    texts = [pair.source for pair in pairs]

    def translate(beam: int, penalty: float, warming: bool) -> list[str]:
        found = model.translate_many(
            texts[:_WARM] if warming else texts,
            beam=beam,
            length_penalty=penalty if beam > 1 else None,
            unknown="keep",  # JoeyNMT does not replace words that it does not know
        )
        return [each.text for each in found]

    return translate


def _theirs(
    model: Translator, pairs: list[Any], folder: str, out: Path, place: str | None
) -> Contestant:
    out.mkdir(parents=True)
    peer = joeynmt_peer.Peer(joeynmt_config(folder, str(out)), place, model.network)
    corpus.write_pairs(out / "judged", pairs)
    ours = sum(score.log_prob for score in model.score_many([pair[:2] for pair in pairs]))
    theirs = peer.log_prob(out / "judged")
    if abs(ours - theirs) > _CLOSE * abs(ours):
        raise SystemExit(f"log-probability of the references: {ours} here, {theirs} in JoeyNMT")
    for name, some in (("asked", pairs), ("warming", pairs[:_WARM])):
        corpus.write_pairs(out / name, some)
        (out / f"{name}.de").unlink()

    def translate(beam: int, penalty: float, warming: bool) -> list[str]:
        path = out / ("warming" if warming else "asked")
        return peer.translate(path, beam=beam, alpha=penalty)

    return translate
