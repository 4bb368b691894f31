"""Train and measure one classifier: what runs in a fresh process.

Every job goes from the files to the figures on the test split, and measures with the same
function. The result is that of `seqkit.train.evaluation.measure`, with `bytes_on_disk` and, where
training is one call, `fit_seconds` beside it.
"""

import dataclasses
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.process import THREADS

from classification import fasttext_peer
from seqkit import baselines
from seqkit.commands.recipes import configure
from seqkit.data import read_labeled
from seqkit.models.classifier import TextClassifier
from seqkit.train.evaluation import measure

__all__ = ["baseline", "fasttext", "recipe"]


def recipe(
    preset: str,
    *,
    train: str,
    test: str,
    out: str,
    seed: int = 1,
    near: bool = False,
    beside: bool = False,
) -> dict[str, Any]:
    """Run `seqkit train classify PRESET` on the CPU; `beside` keeps its baselines."""
    paths = ["--data.train", train, "--data.test", test, "--out", out]
    module, config = configure(["classify", preset, *paths, "--seed", str(seed), "--device", "cpu"])
    config = dataclasses.replace(config, data=dataclasses.replace(config.data, near=near))
    module.main(config if beside else dataclasses.replace(config, baselines=()))
    run = json.loads(Path(out, "metrics.json").read_bytes())
    return {
        **run["test"],
        "valid": {key: run["valid"].get(key) for key in ("records", "mcc", "caught", "blocked")},
        "decision": run["decision"],
        "bytes_on_disk": _bundle_bytes(out),
    }


def baseline(
    name: str,
    *,
    train: str,
    test: str,
    out: str,
    positive: str | None = None,
    seed: int = 1,
    settings: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """Fit a baseline on the whole of train, with `settings` or its defaults, and save it."""
    records = list(read_labeled(train))
    started = time.perf_counter()
    gold = [record.label for record in records]
    texts = [record.text for record in records]
    fitted = baselines.fit(name, texts, gold, seed=seed, **(settings or {}))
    seconds = time.perf_counter() - started
    classifier = TextClassifier(fitted)
    classifier.save(out)
    figures = measure(name, classifier, list(read_labeled(test)), positive=positive).metrics
    return {**figures, "fit_seconds": seconds, "bytes_on_disk": _bundle_bytes(out)}


def fasttext(
    *,
    train: str,
    test: str,
    out: str,
    settings: Mapping[str, float],
    positive: str | None = None,
    threads: int = THREADS,
    seed: int = 1,
) -> dict[str, Any]:
    """Train fastText on the whole of train, and save it as `out`."""
    records = list(read_labeled(train))
    started = time.perf_counter()
    lines = Path(f"{out}.txt")
    scorer = fasttext_peer.train(records, lines, settings=settings, threads=threads, seed=seed)
    seconds = time.perf_counter() - started
    lines.unlink()
    scorer.model.save_model(out)
    # asked through the interface of seqkit's own classifiers
    asked = TextClassifier(scorer)
    figures = measure("fastText", asked, list(read_labeled(test)), positive=positive).metrics
    return {**figures, "fit_seconds": seconds, "bytes_on_disk": Path(out).stat().st_size}


def _bundle_bytes(folder: str) -> int:
    """Add up the files of a bundle; a run's folder holds others too."""
    index = Path(folder, "bundle.json")
    files = json.loads(index.read_bytes())["files"].values()
    return index.stat().st_size + sum(entry["bytes"] for entry in files)
