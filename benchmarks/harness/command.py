"""The command `seqkit train`, and what it left; the GPU: what runs in a fresh process."""

import contextlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["graphics", "train"]


def train(*, recipe: str, arguments: Sequence[str], out: str) -> dict[str, Any]:
    """Run `seqkit train RECIPE ARGUMENTS --out OUT`. Returns its metrics, `epochs` and `gpu_mb`."""
    from seqkit.cli import main as command

    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        status = command(["train", recipe, *arguments, "--out", out])
    if status:
        raise SystemExit(f"seqkit train {recipe} {' '.join(arguments)}: exit status {status}")
    torch = sys.modules["torch"]
    rows = [json.loads(line) for line in Path(out, "log.jsonl").read_bytes().splitlines()]
    return {
        **json.loads(Path(out, "metrics.json").read_bytes()),
        "epochs": sum(row["event"] == "epoch" for row in rows),
        "gpu_mb": torch.cuda.max_memory_allocated() / 1e6 if torch.cuda.is_available() else None,
    }


def graphics() -> str | None:
    """Name the GPU that torch finds, with the version of CUDA; None without one."""
    import torch

    if not torch.cuda.is_available():
        return None
    return f"{torch.cuda.get_device_name()}, CUDA {torch.version.cuda}"
