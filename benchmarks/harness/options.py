"""What the command line of every benchmark has: whole numbers, and the data that a job needs."""

import argparse
import os
from collections.abc import Callable, Sequence
from pathlib import Path

__all__ = ["missing", "number"]


def number(least: int, *, step: int = 1) -> Callable[[str], int]:
    """Make an argparse type: a multiple of `step` that is `least` or more."""

    def convert(text: str) -> int:
        if not text.isdecimal() or int(text) < least or int(text) % step:
            multiple = "" if step == 1 else f", a multiple of {step}"
            raise argparse.ArgumentTypeError(f"{text!r}: must be {least} or more{multiple}")
        return int(text)

    return convert


def missing(needs: Sequence[str]) -> str | None:
    """Say what a job would need below SEQKIT_DATA and does not find; None where all is there."""
    if not needs:
        return None
    if "SEQKIT_DATA" not in os.environ:
        return f"set SEQKIT_DATA to the folder that holds {' and '.join(needs)}"
    folder = Path(os.environ["SEQKIT_DATA"])
    absent = [name for name in needs if not (folder / name).is_file()]
    return f"SEQKIT_DATA has no {' and no '.join(absent)}" if absent else None
