"""Measure seqkit's search index: `python benchmarks/search.py JOB [--option value ...]`.

The figures go to benchmarks/results/, as JSON and as a table, with the machine that they are from.
The data are read from the folder that the environment variable SEQKIT_DATA names. See README.md.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.jobs import Jobs, job_parser, run_jobs, work_folder
from retrieval import building, changing, cranfield, growth, querying
from retrieval.peers import PEERS

JOBS: Jobs = {
    "cranfield": (cranfield, "what is found: nDCG@10, MAP, recall; the best setting"),
    "build": (building, "seconds, memory and disk from the texts to a saved index"),
    "query": (querying, "queries a second, one by one and in a batch"),
    "change": (changing, "seconds to open an index, to add, delete, update and merge"),
    "growth": (growth, "how seconds, memory, disk and queries grow with the documents"),
}


def main(arguments: Sequence[str]) -> None:
    """Run the jobs asked for, print their tables and keep them."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--work",
        type=Path,
        metavar="DIR",
        help="for texts and indexes, up to 4 GB, removed at the end; else where temporary files go",
    )
    parser, _ = job_parser(JOBS, __doc__, shared=shared)
    asked = parser.parse_args(arguments)
    if getattr(asked, "documents", None) and not asked.unkept:
        parser.error(f"{asked.job} --documents: figures of a part are not kept: --unkept")
    jobs = {asked.job: asked}
    if asked.job == "all":
        options = ["--unkept"] if asked.unkept else []
        jobs = {name: parser.parse_args([name, *options]) for name in JOBS}
    with work_folder(asked.work) as work:
        run_jobs("search", JOBS, jobs, work, packages=("numba", "Stemmer", *PEERS))


if __name__ == "__main__":
    main(sys.argv[1:])
