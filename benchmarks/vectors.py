"""Measure seqkit's word vectors: `python benchmarks/vectors.py JOB [--option value ...]`.

The figures go to benchmarks/results/, as JSON and as a table, with the machine that they are from.
Jobs that need data read them from the folder that the environment variable SEQKIT_DATA names. See
README.md.
"""

import sys
from collections.abc import Sequence

from embedding import loading, neighbours, training
from harness.jobs import Jobs, run_parted

JOBS: Jobs = {
    "train": (training, "words a second in training, beside gensim by itself"),
    "load": (loading, "milliseconds to open 400,000 x 300 vectors, and to the first answer"),
    "neighbours": (neighbours, "the neighbours of 1,000 words, beside gensim and faiss"),
}


def main(arguments: Sequence[str]) -> None:
    """Run the jobs asked for, print their tables and keep them."""
    run_parted(
        "vectors",
        JOBS,
        __doc__,
        arguments,
        room="3 GB",
        parts=("words", "lines"),
        packages=("gensim", "faiss"),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
