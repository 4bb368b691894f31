"""Runs of the recipes that take a second: configurations with every state that can be lost."""

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
# windows that vary, averaging that is triggered, weights that are dropped and pulled back
LM_OPTIONS = """
    --model.dim 6 --model.hidden 5 6 --model.word-dropout 0.1 --model.input-dropout 0.1
    --model.hidden-dropout 0.1 --model.output-dropout 0.1 --model.weight-dropout 0.2
    --optim.name sgd --optim.lr 8 --optim.momentum 0.5 --optim.clip 0.5 --optim.weight-decay 1e-4
    --schedule.name plateau --schedule.warmup 0.05 --schedule.patience 0
    --average.asgd 0 --regularise.alpha 0.5 --regularise.beta 0.5
    --batch-size 4 --window 9 --vary-window --epochs 5 --patience None --seed 2 --device cpu
"""
LM_STATEFUL = LM_OPTIONS.split()
# lines by themselves, another optimiser, an average from the start, and patience that ends it
SENTENCE_OPTIONS = """
    --sentences --model.cell gru --model.dim 6 --model.hidden 7 6 --model.output-dropout 0.2
    --optim.lr 0.3 --optim.clip 1.0 --schedule.name constant --schedule.warmup 0.1
    --regularise.alpha 0.1 --regularise.beta 0.1 --average.ema 0.5
    --batch-size 8 --epochs 6 --patience 1 --device cpu
"""
LM_SENTENCES = SENTENCE_OPTIONS.split()
# an average over epochs, sampling that rises, smoothing, parts of batches, patience on a metric
PAIR_OPTIONS = """
    --source.tokenizer char --target.tokenizer whitespace --kind sequence --metric per
    --model.cell lstm --model.dim 6 --model.encoder-hidden 4 --model.decoder-hidden 7
    --model.attention-hidden 5 --model.decoder-layers 2 --model.residual --model.dropout 0.2
    --model.word-dropout 0.1 --model.weight-dropout 0.1 --optim.lr 0.03 --optim.clip 1.0
    --schedule.name plateau --schedule.warmup 0.05 --schedule.patience 0 --average.last 2
    --scheduled-sampling 0.3 --batch-tokens 128 --accumulate 2 --epochs 4 --patience 3
    --baselines copy --decoding.beam 2 --device cpu
"""
PAIR_STATEFUL = PAIR_OPTIONS.split()


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
