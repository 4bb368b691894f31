"""Measure seqkit's search index: `python benchmarks/search.py JOB [--option value ...]`.

The figures go to benchmarks/results/, as JSON and as a table, with the machine that they are from.
The data are read from the folder that the environment variable SEQKIT_DATA names. See README.md.
"""

import sys
from collections.abc import Sequence

from harness.jobs import Jobs, run_parted
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
    run_parted(
        "search",
        JOBS,
        __doc__,
        arguments,
        room="4 GB",
        parts=("documents",),
        packages=("numba", "Stemmer", *PEERS),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
