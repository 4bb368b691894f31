"""The command `seqkit`, and what it left: what runs in a fresh process."""

import contextlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["train"]


def train(*, arguments: Sequence[str], out: str) -> dict[str, Any]:
    """Run `seqkit train translate ARGUMENTS --out OUT`. Returns its metrics, `epochs`, `gpu_mb`."""
    from seqkit.cli import main as command

    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        status = command(["train", "translate", *arguments, "--out", out])
    if status:
        raise SystemExit(f"seqkit train translate {' '.join(arguments)}: exit status {status}")
    torch = sys.modules["torch"]
    rows = [json.loads(line) for line in Path(out, "log.jsonl").read_bytes().splitlines()]
    return {
        **json.loads(Path(out, "metrics.json").read_bytes()),
        "epochs": sum(row["event"] == "epoch" for row in rows),
        "gpu_mb": torch.cuda.max_memory_allocated() / 1e6 if torch.cuda.is_available() else None,
    }
