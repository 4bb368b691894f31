"""Runs of the classifier recipe that take a second: one configuration, many ways to stop it."""

import json
from pathlib import Path

# everything that has a state: dropouts, momentum, a moving average, a schedule that looks at valid
OPTIONS = """
    --model.family rnn --model.rnn.cell gru --model.rnn.dim 6 --model.rnn.hidden 5
    --model.rnn.dropout 0.3 --model.rnn.locked-dropout 0.2 --model.rnn.word-dropout 0.1
    --model.rnn.weight-dropout 0.2
    --optim.name sgd --optim.lr 0.5 --optim.momentum 0.9 --optim.clip 1.0
    --schedule.name plateau --schedule.warmup 0.1 --schedule.patience 0
    --ema 0.9 --batch-size 4 --accumulate 2 --epochs 4 --patience 3 --metric accuracy
    --baselines majority --device cpu
"""
STATEFUL = OPTIONS.split()


def log(folder: Path) -> list[dict]:
    """The rows of a run's log."""
    return [json.loads(line) for line in (folder / "log.jsonl").read_bytes().splitlines()]


def losses(folder: Path) -> list[float]:
    """Training and validation loss of each epoch, in turn."""
    rows = [row for row in log(folder) if row["event"] == "epoch"]
    return [row[name] for row in rows for name in ("train_loss", "valid_loss")]


def result(folder: Path) -> dict:
    """All that must not depend on whether a run was stopped: figures, log, files of the bundle."""
    metrics = json.loads((folder / "metrics.json").read_text())
    del metrics["seconds"]
    bundle = json.loads((folder / "bundle.json").read_text())
    files = {name: (folder / name).read_bytes() for name in bundle["files"]}
    return {"metrics": metrics, "files": files, "log": (folder / "log.jsonl").read_bytes()}
