"""The frame of every benchmark: a sub-command a job, whose tables are printed and kept."""

import argparse
import contextlib
import dataclasses
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType

from harness.machine import describe
from harness.options import missing
from harness.process import fresh
from harness.results import save

__all__ = ["Jobs", "gpu_of", "job_parser", "run_jobs", "work_folder"]

Jobs = Mapping[str, tuple[ModuleType, str]]
"""Name of a job -> its module and what it measures. A module has NEEDS, what it reads below
SEQKIT_DATA; add_options, which declares its options; and run(options, data, work), which yields
the name and the outcome of each part."""


def job_parser(
    jobs: Jobs,
    description: str,
    *,
    shared: argparse.ArgumentParser | None = None,
    epilog: str | None = None,
) -> tuple[argparse.ArgumentParser, Mapping[str, argparse.ArgumentParser]]:
    """Make the parser, and those of its sub-commands: the jobs, and `all` of them.

    Args:
        jobs: of the benchmark.
        description: its first line is shown.
        shared: further options of every sub-command.
        epilog: shown at the end of the help.
    """
    parser = argparse.ArgumentParser(description=description.splitlines()[0], epilog=epilog)
    kept = argparse.ArgumentParser(add_help=False)
    kept.add_argument("--unkept", action="store_true", help="print the tables, do not keep them")
    parents = [kept, *([shared] if shared else [])]
    commands = parser.add_subparsers(dest="job", required=True, metavar="JOB")
    for name, (job, text) in jobs.items():
        job.add_options(commands.add_parser(name, help=text, parents=parents))
    commands.add_parser("all", help="every job that this machine can do", parents=parents)
    return parser, commands.choices


def run_jobs(
    family: str,
    jobs: Jobs,
    asked: Mapping[str, argparse.Namespace],
    work: Path,
    *,
    packages: Sequence[str] = (),
    gpu: str | None = None,
) -> None:
    """Run the jobs that are asked for, or say what they lack.

    Args:
        family: how the names of the results begin.
        jobs: of the benchmark.
        asked: name of a job -> its options.
        work: for files.
        packages: whose versions are kept with the results.
        gpu: its name, where it is that one which is measured.
    """
    for name, options in asked.items():
        job, _ = jobs[name]
        if fault := missing(job.NEEDS):
            print(f"{name}: skipped: {fault}", file=sys.stderr)
            continue
        data = Path(os.environ["SEQKIT_DATA"]).resolve() if job.NEEDS else None
        machine = {**describe(*packages), **({"gpu": gpu} if gpu else {})}
        for part, outcome in job.run(options, data, work):
            if gpu:
                part = f"{part}-gpu"
                outcome = dataclasses.replace(outcome, notes=[*outcome.notes, f"On one {gpu}."])
            print(outcome.text(), end="\n\n", flush=True)
            if not options.unkept:
                save(f"{family}-{part}", outcome, machine)


def gpu_of(parser: argparse.ArgumentParser, device: str) -> str | None:
    """Return the name of the GPU where `device` asks for one, and refuse where there is none."""
    if device != "cuda":
        return None
    gpu = fresh("harness.command:graphics").result
    if gpu is None:
        parser.error("--device cuda: torch finds no GPU here")
    return str(gpu)


@contextlib.contextmanager
def work_folder(inside: Path | None = None) -> Iterator[Path]:
    """Give a folder for the length of the block; `inside` is made where it is missing."""
    if inside:
        inside.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="seqkit-benchmark-", dir=inside) as name:
        yield Path(name)
