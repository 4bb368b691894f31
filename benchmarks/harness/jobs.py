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

__all__ = ["Jobs", "gpu_of", "job_parser", "run_jobs", "run_parted", "work_folder"]

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


def run_parted(
    family: str,
    jobs: Jobs,
    description: str,
    arguments: Sequence[str],
    *,
    room: str,
    parts: Sequence[str],
    packages: Sequence[str],
) -> None:
    """Run a benchmark on the CPU whose jobs can be tried on a part of their data.

    Args:
        family: how the names of the results begin.
        jobs: of the benchmark.
        description: its first line is shown.
        arguments: of the command line.
        room: what the files take, for the help of `--work`.
        parts: options that make the data smaller: such figures are not kept.
        packages: whose versions are kept with the results.
    """
    shared = argparse.ArgumentParser(add_help=False)
    told = f"for up to {room} of files, removed at the end; else where temporary files go"
    shared.add_argument("--work", type=Path, metavar="DIR", help=told)
    parser, _ = job_parser(jobs, description, shared=shared)
    asked = parser.parse_args(arguments)
    for part in parts:
        if getattr(asked, part, None) and not asked.unkept:
            parser.error(f"{asked.job} --{part}: figures of a part are not kept: --unkept")
    chosen = {asked.job: asked}
    if asked.job == "all":
        options = ["--unkept"] if asked.unkept else []
        chosen = {name: parser.parse_args([name, *options]) for name in jobs}
    with work_folder(asked.work) as work:
        run_jobs(family, jobs, chosen, work, packages=packages)


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
