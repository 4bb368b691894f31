"""Measure seqkit's n-gram models: `python benchmarks/ngram.py JOB [--option value ...]`.

The figures go to benchmarks/results/, as JSON and as a table, with the machine that they are from.
The data are read from the folder that the environment variable SEQKIT_DATA names. See README.md.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from counting import building, growth, perplexity, scoring
from harness.machine import describe
from harness.options import missing
from harness.results import save

JOBS = {
    "ptb": (perplexity, "perplexities on the Penn Treebank: orders, methods, quantised"),
    "build": (building, "seconds, memory and disk from a text to a model, and to its first score"),
    "score": (scoring, "tokens a second of scoring, beside kenlm.Model.score"),
    "growth": (growth, "how seconds, memory and disk grow with the text"),
}
"""The jobs: each has NEEDS, what it reads below SEQKIT_DATA; add_options and run."""


def main(arguments: Sequence[str]) -> None:
    """Run the jobs asked for, print their tables and keep them."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if getattr(asked, "lines", None) and not asked.unkept:
        parser.error("build --lines: figures of a shortened text are not kept: --unkept")
    jobs = {asked.job: asked}
    if asked.job == "all":
        shared = ["--unkept"] if asked.unkept else []
        shared += ["--kenlm", str(asked.kenlm)] if asked.kenlm else []
        jobs = {name: parser.parse_args([name, *shared]) for name in JOBS}
    if asked.work:
        asked.work.mkdir(parents=True, exist_ok=True)
        run_jobs(jobs, asked.work.resolve())
        return
    with tempfile.TemporaryDirectory(prefix="seqkit-benchmark-") as work:
        run_jobs(jobs, Path(work))


def run_jobs(jobs: dict[str, argparse.Namespace], work: Path) -> None:
    """Run each job, or say what it lacks."""
    for name, options in jobs.items():
        job, _ = JOBS[name]
        fault = missing(job.NEEDS)
        if fault:
            print(f"{name}: skipped: {fault}", file=sys.stderr)
            continue
        machine = describe("numba", "kenlm")
        for part, outcome in job.run(options, Path(os.environ["SEQKIT_DATA"]).resolve(), work):
            print(outcome.text(), end="\n\n", flush=True)
            if not options.unkept:
                save(f"ngram-{part}", outcome, machine)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--kenlm", type=Path, metavar="DIR", help="holds lmplz and build_binary; else the PATH does"
    )
    shared.add_argument(
        "--work",
        type=Path,
        metavar="DIR",
        help="for texts and models, 5 GB, kept for the next time; else a temporary folder",
    )
    shared.add_argument("--unkept", action="store_true", help="print the tables, do not keep them")
    commands = parser.add_subparsers(dest="job", required=True, metavar="JOB")
    for name, (job, text) in JOBS.items():
        job.add_options(commands.add_parser(name, help=text, parents=[shared]))
    commands.add_parser("all", help="every job", parents=[shared])
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
