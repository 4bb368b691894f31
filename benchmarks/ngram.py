"""Measure seqkit's n-gram models: `python benchmarks/ngram.py JOB [--option value ...]`.

The figures go to benchmarks/results/, as JSON and as a table, with the machine that they are from.
The data are read from the folder that the environment variable SEQKIT_DATA names. See README.md.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from counting import building, growth, perplexity, scoring
from harness.jobs import Jobs, job_parser, run_jobs, work_folder

JOBS: Jobs = {
    "ptb": (perplexity, "perplexities on the Penn Treebank: orders, methods, quantised"),
    "build": (building, "seconds, memory and disk from a text to a model, and to its first score"),
    "score": (scoring, "tokens a second of scoring, beside kenlm.Model.score"),
    "growth": (growth, "how seconds, memory and disk grow with the text"),
}


def main(arguments: Sequence[str]) -> None:
    """Run the jobs asked for, print their tables and keep them."""
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
    parser, _ = job_parser(JOBS, __doc__, shared=shared)
    asked = parser.parse_args(arguments)
    if getattr(asked, "lines", None) and not asked.unkept:
        parser.error("build --lines: figures of a shortened text are not kept: --unkept")
    jobs = {asked.job: asked}
    if asked.job == "all":
        options = ["--unkept"] if asked.unkept else []
        options += ["--kenlm", str(asked.kenlm)] if asked.kenlm else []
        jobs = {name: parser.parse_args([name, *options]) for name in JOBS}
    peers = ("numba", "kenlm")
    if asked.work:
        asked.work.mkdir(parents=True, exist_ok=True)
        run_jobs("ngram", JOBS, jobs, asked.work.resolve(), packages=peers)
        return
    with work_folder() as work:
        run_jobs("ngram", JOBS, jobs, work, packages=peers)


if __name__ == "__main__":
    main(sys.argv[1:])
