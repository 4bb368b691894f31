"""Measure seqkit's translators: `python benchmarks/translate.py JOB [--option value ...]`.

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
from translation import decoding, joeynmt_peer, presets, training

JOBS = {
    "train": (training, "tokens a second in training, beside JoeyNMT"),
    "decode": (decoding, "sentences a second in decoding, beside JoeyNMT"),
    "presets": (presets, "how good the presets are, and their seconds"),
}
"""The jobs: each has NEEDS, what it reads below SEQKIT_DATA; add_options and run."""


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
        jobs = {name: _with_defaults(parser, name, asked) for name in JOBS}
    gpu = None
    if getattr(asked, "device", "cpu") == "cuda":
        gpu = fresh("language.command:graphics").result
        if gpu is None:
            parser.error("--device cuda: torch finds no GPU here")
    with tempfile.TemporaryDirectory(prefix="seqkit-benchmark-") as work:
        for name, options in jobs.items():
            run_job(name, options, Path(work), gpu if name == "presets" else None)


def _with_defaults(
    parser: argparse.ArgumentParser, name: str, asked: argparse.Namespace
) -> argparse.Namespace:
    """Make the options of a job of `all`."""
    return argparse.Namespace(**{**vars(parser.parse_args([name])), **vars(asked)})


def run_job(name: str, options: argparse.Namespace, work: Path, gpu: str | None) -> None:
    """Run a job, or say what it lacks."""
    job, _ = JOBS[name]
    fault = missing(job.NEEDS)
    if fault:
        print(f"{name}: skipped: {fault}", file=sys.stderr)
        return
    data = Path(os.environ["SEQKIT_DATA"]).resolve() if job.NEEDS else None
    machine = {**describe("joeynmt", "sacrebleu"), "gpu": gpu}
    for part, outcome in job.run(options, data, work):
        if gpu:
            part = f"{part}-gpu"
            outcome = dataclasses.replace(outcome, notes=[*outcome.notes, f"On one {gpu}."])
        print(outcome.text(), end="\n\n", flush=True)
        if not options.unkept:
            save(f"translate-{part}", outcome, machine)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--unkept", action="store_true", help="print the tables, do not keep them")
    commands = parser.add_subparsers(dest="job", required=True, metavar="JOB")
    for name, (job, text) in JOBS.items():
        job.add_options(commands.add_parser(name, help=text, parents=[shared]))
    every = commands.add_parser("all", help="every job that this machine can do", parents=[shared])
    for command in (commands.choices["train"], commands.choices["decode"], every):
        command.add_argument(
            "--joeynmt",
            type=lambda folder: str(Path(folder).resolve()),
            metavar="FOLDER",
            help="where JoeyNMT is, if not installed",
        )
    for command in (commands.choices["presets"], every):
        command.add_argument(
            "--device", choices=("cpu", "cuda"), default="cpu", help="of the presets (default cpu)"
        )
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
