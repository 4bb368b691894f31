"""Measure seqkit's classifiers beside their peers: `python benchmarks/classify.py PART ...`.

The figures go to benchmarks/results/, as JSON and as a table, with the machine that they are from.
The data are read from the folder that the environment variable SEQKIT_DATA names. See README.md.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from classification import imdb, sms, speed, startup
from harness.machine import describe
from harness.options import missing
from harness.results import Outcome, save

NEEDS = {
    "sms": sms.NEEDS,
    "imdb": imdb.NEEDS,
    "predict": imdb.NEEDS,
    "load": imdb.NEEDS,
    "memory": imdb.NEEDS,
}
"""The parts, and what each reads below SEQKIT_DATA."""


def main() -> None:
    """Run the parts asked for, print their tables and keep them."""
    options = _options()
    wanted = list(NEEDS) if "all" in options.parts else list(dict.fromkeys(options.parts))
    with tempfile.TemporaryDirectory(prefix="seqkit-benchmark-") as work:
        for part in wanted:
            fault = missing(NEEDS[part])
            if fault:
                print(f"{part}: skipped: {fault}", file=sys.stderr)
                continue
            machine = describe("fasttext")
            for name, outcome in _outcomes(part, Path(work), options):
                print(outcome.text(), end="\n\n", flush=True)
                if not options.only:
                    save(f"classify-{name}", outcome, machine)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="+", choices=[*NEEDS, "all"], metavar="PART")
    parser.add_argument(
        "--repeat",
        type=int,
        metavar="N",
        help="seeds of sms (default 3), rounds of predict and load (default 7)",
    )
    parser.add_argument(
        "--only",
        nargs="+",
        default=[],
        choices=list(imdb.ROWS),
        metavar="ROW",
        help=f"of imdb, and printed without being kept: {', '.join(imdb.ROWS)}",
    )
    parser.usage = f"%(prog)s {{{','.join([*NEEDS, 'all'])}}} ... [--repeat N] [--only ROW ...]"
    options = parser.parse_args()
    if options.repeat is not None and options.repeat < 1:
        parser.error(f"--repeat {options.repeat}: must be 1 or more")
    if options.only and options.parts != ["imdb"]:
        parser.error("--only chooses rows of imdb: give that part alone")
    return options


def _outcomes(part: str, work: Path, options: argparse.Namespace) -> Iterator[tuple[str, Outcome]]:
    data = Path(os.environ["SEQKIT_DATA"]).resolve()
    rounds = {"repeat": options.repeat or 7}
    if part == "sms":
        names = ("sms", "sms-near")
        yield from zip(names, sms.run(data, work, repeat=options.repeat or 3), strict=True)
    elif part == "imdb":
        yield part, imdb.run(data, work, only=options.only)
    elif part == "predict":
        names = ("predict-bag", "predict-rnn")
        yield from zip(names, speed.run(data, work, **rounds), strict=True)
    elif part == "load":
        yield part, startup.run(data, work, **rounds)
    else:
        yield part, imdb.run_memory(data, work)


if __name__ == "__main__":
    main()
