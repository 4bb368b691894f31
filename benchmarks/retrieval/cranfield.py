"""What is found in the Cranfield collection: beside the peers, and with the best setting."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from harness.process import fresh
from harness.results import Outcome

from retrieval.collection import CRANFIELD

__all__ = ["NEEDS", "add_options", "run"]

NEEDS = CRANFIELD


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what can be chosen: nothing."""


def run(options: argparse.Namespace, data: Path, work: Path) -> Iterator[tuple[str, Outcome]]:
    """Measure in a fresh process: what this one holds would count as memory of other jobs."""
    job = "retrieval.cranfield_job:measure"
    found = fresh(job, threads=1, data=str(data), work=str(work / "cranfield")).result
    for part, figures in found.items():
        yield part, Outcome(**figures)
