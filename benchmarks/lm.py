"""Measure seqkit's language models: `python benchmarks/lm.py JOB [--option value ...]`.

The figures go to benchmarks/results/, as JSON and as a table, with the machine that they are from.
The data are read from the folder that the environment variable SEQKIT_DATA names. See README.md.
"""

import argparse
import dataclasses
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from harness.machine import describe
from harness.options import missing
from harness.process import fresh
from harness.results import save
from language import chars, generation, memory, presets, profiling, training

JOBS = {
    "train": (training, "tokens a second in training, beside plain torch; perplexity at the end"),
    "generate": (generation, "tokens a second in generation"),
    "ptb": (presets, "perplexities of the presets for the Penn Treebank, and their seconds"),
    "chars": (chars, "the preset chars: seconds, bits per character, a sample"),
    "profile": (profiling, "where the time of a training step goes"),
    "memory": (memory, "peak memory as the text grows"),
}
"""The jobs: each has NEEDS, what it reads below SEQKIT_DATA; add_options and run."""


def main(arguments: Sequence[str]) -> None:
    """Run the jobs asked for, print their tables and keep them."""
    parser = _parser()
    if arguments and arguments[0] == "--profile":
        arguments = ["profile", *arguments[1:]]
    asked = parser.parse_args(arguments)
    if asked.job in ("ptb", "chars") and asked.epochs and not asked.unkept:
        parser.error(f"{asked.job} --epochs: figures of a shortened preset are not kept: --unkept")
    jobs = {asked.job: asked}
    shared = ["--device", asked.device, *(["--unkept"] if asked.unkept else [])]
    if asked.job == "all":
        jobs = {name: parser.parse_args([name, *shared]) for name in JOBS}
    elif asked.job == "train" and asked.profile:
        jobs["profile"] = parser.parse_args(["profile", *shared])
    gpu = fresh("language.command:graphics").result if asked.device == "cuda" else None
    if asked.device == "cuda" and gpu is None:
        parser.error("--device cuda: torch finds no GPU here")
    with tempfile.TemporaryDirectory(prefix="seqkit-benchmark-") as work:
        for name, options in jobs.items():
            run_job(name, options, Path(work), gpu)


def run_job(name: str, options: argparse.Namespace, work: Path, gpu: str | None) -> None:
    """Run a job, or say what it lacks."""
    job, _ = JOBS[name]
    fault = missing(job.NEEDS)
    if fault:
        print(f"{name}: skipped: {fault}", file=sys.stderr)
        return
    data = Path(os.environ["SEQKIT_DATA"]).resolve() if job.NEEDS else None
    machine = {**describe(), "gpu": gpu}
    for part, outcome in job.run(options, data, work):
        if gpu:
            part = f"{part}-gpu"
            outcome = dataclasses.replace(outcome, notes=[*outcome.notes, f"On one {gpu}."])
        print(outcome.text(), end="\n\n", flush=True)
        if not options.unkept:
            save(f"lm-{part}", outcome, machine)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], epilog="--profile alone is the job profile."
    )
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="(default cpu)")
    shared.add_argument("--unkept", action="store_true", help="print the tables, do not keep them")
    commands = parser.add_subparsers(dest="job", required=True, metavar="JOB")
    for name, (job, text) in JOBS.items():
        job.add_options(commands.add_parser(name, help=text, parents=[shared]))
    commands.add_parser("all", help="every job that this machine can do", parents=[shared])
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
