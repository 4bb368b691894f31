"""Whole numbers from the command line."""

import argparse
from collections.abc import Callable

__all__ = ["number"]


def number(least: int, *, step: int = 1) -> Callable[[str], int]:
    """Make an argparse type: a multiple of `step` that is `least` or more."""

    def convert(text: str) -> int:
        if not text.isdecimal() or int(text) < least or int(text) % step:
            multiple = "" if step == 1 else f", a multiple of {step}"
            raise argparse.ArgumentTypeError(f"{text!r}: must be {least} or more{multiple}")
        return int(text)

    return convert
