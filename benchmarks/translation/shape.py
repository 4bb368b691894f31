"""The network that both train, as options of the recipe and as JoeyNMT is told."""

from pathlib import Path
from typing import Any

__all__ = ["BATCH", "LOGGED", "SETTINGS", "SHAPE", "joeynmt_config"]

BATCH = 64
"""Pairs of an update."""
LOGGED = 20
"""Updates from one row of the log to the next; so many pass before the clock starts."""
SHAPE = (
    "Bidirectional GRU of 256 units, decoder of 256, embeddings of 256, additive attention of 256, "
    "input feeding, no weights tied, dropout of 0.2, no label smoothing, Adam, gradients clipped "
    "to a norm of 1"
)
"""In words."""
SETTINGS = (
    *("--model.cell", "gru", "--model.dim", "256", "--model.encoder-hidden", "256"),
    *("--model.decoder-hidden", "256", "--model.attention", "additive"),
    *("--model.attention-hidden", "256", "--model.tied", "none", "--model.dropout", "0.2"),
    *("--label-smoothing", "0", "--optim.lr", "0.001", "--optim.clip", "1"),
    *("--schedule.name", "constant", "--schedule.warmup", "0", "--device", "cpu"),
)
"""Of `seqkit train translate`."""


def joeynmt_config(corpus: str, out: str, *, updates: int = 1) -> dict[str, Any]:
    """Say the same to JoeyNMT.

    Args:
        corpus: the folder of `translation.corpus`, for its words.
        out: the folder that the files `train` and `dev` are in, and where it writes.
        updates: after which it stops.
    """
    embeddings = {"embedding_dim": 256, "dropout": 0.2}
    layer = {"type": "recurrent", "rnn_type": "gru", "hidden_size": 256, "num_layers": 1}
    sides = {
        part: {"lang": lang, "level": "word", "voc_file": str(Path(corpus, f"{lang}.words"))}
        for part, lang in (("src", "en"), ("trg", "de"))
    }
    return {
        "name": "benchmark",
        "model_dir": out,
        "use_cuda": False,
        "random_seed": 1,
        "data": {"train": f"{out}/train", "dev": f"{out}/dev", "dataset_type": "plain", **sides},
        "model": {
            "encoder": {**layer, "bidirectional": True, "embeddings": embeddings},
            "decoder": {
                **layer,
                "attention": "bahdanau",
                "input_feeding": True,
                "init_hidden": "bridge",
                "hidden_dropout": 0.2,
                "embeddings": embeddings,
            },
        },
        "training": {
            "batch_size": BATCH,
            "batch_type": "sentence",
            "normalization": "tokens",
            "shuffle": False,  # the files are in the order of the run
            "optimizer": "adam",
            "learning_rate": 0.001,
            # its plateau gives torch's an option, verbose, that torch no longer has
            "scheduling": "warmupinversesquareroot",
            "learning_rate_warmup": 100,
            "learning_rate_min": 0.0,  # below its own minimum it would stop
            "clip_grad_norm": 1.0,
            "updates": updates,
            "logging_freq": LOGGED,
            "validation_freq": LOGGED * 10**6,
        },
        "testing": {"batch_size": BATCH},
    }
