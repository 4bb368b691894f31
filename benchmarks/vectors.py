"""Measure seqkit's word vectors: `python benchmarks/vectors.py JOB [--option value ...]`.

The figures go to benchmarks/results/, as JSON and as a table, with the machine that they are from.
Jobs that need data read them from the folder that the environment variable SEQKIT_DATA names. See
README.md.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from embedding import loading, neighbours, training
from harness.jobs import Jobs, job_parser, run_jobs, work_folder

JOBS: Jobs = {
    "train": (training, "words a second in training, beside gensim by itself"),
    "load": (loading, "milliseconds to open 400,000 x 300 vectors, and to the first answer"),
    "neighbours": (neighbours, "the neighbours of 1,000 words, beside gensim and faiss"),
}


def main(arguments: Sequence[str]) -> None:
    """Run the jobs asked for, print their tables and keep them."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--work",
        type=Path,
        metavar="DIR",
        help="for up to 3 GB of files, removed at the end; else where temporary files go",
    )
    parser, _ = job_parser(JOBS, __doc__, shared=shared)
    asked = parser.parse_args(arguments)
    if getattr(asked, "words", None) and not asked.unkept:
        parser.error(f"{asked.job} --words: figures of a part are not kept: --unkept")
    if getattr(asked, "lines", None) and not asked.unkept:
        parser.error(f"{asked.job} --lines: figures of a part are not kept: --unkept")
    jobs = {asked.job: asked}
    if asked.job == "all":
        options = ["--unkept"] if asked.unkept else []
        jobs = {name: parser.parse_args([name, *options]) for name in JOBS}
    with work_folder(asked.work) as work:
        run_jobs("vectors", JOBS, jobs, work, packages=("gensim", "faiss"))


if __name__ == "__main__":
    main(sys.argv[1:])
