"""Measure seqkit's language models: `python benchmarks/lm.py JOB [--option value ...]`.

The figures go to benchmarks/results/, as JSON and as a table, with the machine that they are from.
The data are read from the folder that the environment variable SEQKIT_DATA names. See README.md.
"""

import argparse
import sys
from collections.abc import Sequence

from harness.jobs import Jobs, gpu_of, job_parser, run_jobs, work_folder
from language import chars, generation, memory, presets, profiling, training

JOBS: Jobs = {
    "train": (training, "tokens a second in training, beside plain torch; perplexity at the end"),
    "generate": (generation, "tokens a second in generation"),
    "ptb": (presets, "perplexities of the presets for the Penn Treebank, and their seconds"),
    "chars": (chars, "the preset chars: seconds, bits per character, a sample"),
    "profile": (profiling, "where the time of a training step goes"),
    "memory": (memory, "peak memory as the text grows"),
}


def main(arguments: Sequence[str]) -> None:
    """Run the jobs asked for, print their tables and keep them."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="(default cpu)")
    epilog = "--profile alone is the job profile."
    parser, _ = job_parser(JOBS, __doc__, shared=shared, epilog=epilog)
    if arguments and arguments[0] == "--profile":
        arguments = ["profile", *arguments[1:]]
    asked = parser.parse_args(arguments)
    if asked.job in ("ptb", "chars") and asked.epochs and not asked.unkept:
        parser.error(f"{asked.job} --epochs: figures of a shortened preset are not kept: --unkept")
    jobs = {asked.job: asked}
    options = ["--device", asked.device, *(["--unkept"] if asked.unkept else [])]
    if asked.job == "all":
        jobs = {name: parser.parse_args([name, *options]) for name in JOBS}
    elif asked.job == "train" and asked.profile:
        jobs["profile"] = parser.parse_args(["profile", *options])
    gpu = gpu_of(parser, asked.device)
    with work_folder() as work:
        run_jobs("lm", JOBS, jobs, work, gpu=gpu)


if __name__ == "__main__":
    main(sys.argv[1:])
