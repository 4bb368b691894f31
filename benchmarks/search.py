"""Measure seqkit's search index: `python benchmarks/search.py JOB [--option value ...]`.

The figures go to benchmarks/results/, as JSON and as a table, with the machine that they are from.
The data are read from the folder that the environment variable SEQKIT_DATA names. See README.md.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from harness.machine import describe
from harness.options import missing
from harness.results import save
from retrieval import building, changing, cranfield, growth, querying
from retrieval.peers import PEERS

JOBS = {
    "cranfield": (cranfield, "what is found: nDCG@10, MAP, recall; the best setting"),
    "build": (building, "seconds, memory and disk from the texts to a saved index"),
    "query": (querying, "queries a second, one by one and in a batch"),
    "change": (changing, "seconds to open an index, to add, delete, update and merge"),
    "growth": (growth, "how seconds, memory, disk and queries grow with the documents"),
}
"""The jobs: each has NEEDS, what it reads below SEQKIT_DATA; add_options and run."""


def main(arguments: Sequence[str]) -> None:
    """Run the jobs asked for, print their tables and keep them."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if getattr(asked, "documents", None) and not asked.unkept:
        parser.error(f"{asked.job} --documents: figures of a part are not kept: --unkept")
    jobs = {asked.job: asked}
    if asked.job == "all":
        shared = ["--unkept"] if asked.unkept else []
        jobs = {name: parser.parse_args([name, *shared]) for name in JOBS}
    if asked.work:
        asked.work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="seqkit-benchmark-", dir=asked.work) as work:
        run_jobs(jobs, Path(work))


def run_jobs(jobs: dict[str, argparse.Namespace], work: Path) -> None:
    """Run each job, or say what it lacks."""
    for name, options in jobs.items():
        job, _ = JOBS[name]
        fault = missing(job.NEEDS)
        if fault:
            print(f"{name}: skipped: {fault}", file=sys.stderr)
            continue
        machine = describe("numba", "Stemmer", *PEERS)
        for part, outcome in job.run(options, Path(os.environ["SEQKIT_DATA"]).resolve(), work):
            print(outcome.text(), end="\n\n", flush=True)
            if not options.unkept:
                save(f"search-{part}", outcome, machine)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--work",
        type=Path,
        metavar="DIR",
        help="for texts and indexes, up to 4 GB, removed at the end; else where temporary files go",
    )
    shared.add_argument("--unkept", action="store_true", help="print the tables, do not keep them")
    commands = parser.add_subparsers(dest="job", required=True, metavar="JOB")
    for name, (job, text) in JOBS.items():
        job.add_options(commands.add_parser(name, help=text, parents=[shared]))
    commands.add_parser("all", help="every job", parents=[shared])
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
