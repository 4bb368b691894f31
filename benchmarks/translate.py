"""Measure seqkit's translators: `python benchmarks/translate.py JOB [--option value ...]`.

The figures go to benchmarks/results/, as JSON and as a table, with the machine that they are from.
The data are read from the folder that the environment variable SEQKIT_DATA names. See README.md.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.jobs import Jobs, gpu_of, job_parser, run_jobs, work_folder
from translation import decoding, joeynmt_peer, presets, training

JOBS: Jobs = {
    "train": (training, "tokens a second in training, beside JoeyNMT"),
    "decode": (decoding, "sentences a second in decoding, beside JoeyNMT"),
    "presets": (presets, "how good the presets are, and their seconds"),
}


def main(arguments: Sequence[str]) -> None:
    """Run the jobs asked for, print their tables and keep them."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    shortened = {"decode": "sentences", "presets": "epochs"}.get(asked.job)
    if shortened and getattr(asked, shortened) and not asked.unkept:
        parser.error(f"{asked.job} --{shortened}: figures of a part are not kept: --unkept")
    if getattr(asked, "joeynmt", None):
        joeynmt_peer.reach(asked.joeynmt)
        if absent := joeynmt_peer.lacking():
            parser.error(
                f"--joeynmt {asked.joeynmt}: neither there nor installed: {', '.join(absent)}"
            )
    jobs = {asked.job: asked}
    if asked.job == "all":
        jobs = {
            name: argparse.Namespace(**{**vars(parser.parse_args([name])), **vars(asked)})
            for name in JOBS
        }
    gpu = gpu_of(parser, getattr(asked, "device", "cpu"))
    with work_folder() as work:
        for name, options in jobs.items():
            run_jobs(
                "translate",
                JOBS,
                {name: options},
                work,
                packages=("joeynmt", "sacrebleu"),
                gpu=gpu if name == "presets" else None,
            )


def _parser() -> argparse.ArgumentParser:
    parser, commands = job_parser(JOBS, __doc__)
    for name in ("train", "decode", "all"):
        commands[name].add_argument(
            "--joeynmt",
            type=lambda folder: str(Path(folder).resolve()),
            metavar="FOLDER",
            help="where JoeyNMT is, if not installed",
        )
    for name in ("presets", "all"):
        commands[name].add_argument(
            "--device", choices=("cpu", "cuda"), default="cpu", help="of the presets (default cpu)"
        )
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
