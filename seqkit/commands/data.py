"""`seqkit data`: named sets, audits and splits."""

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tyro.conf import Positional

from seqkit.config import parse_command
from seqkit.data import (
    BUNDLED,
    MAX_CHARS,
    PUBLIC,
    Audit,
    EncodingErrors,
    LabeledText,
    PairAudit,
    PairDataConfig,
    PairStats,
    SplitFormat,
    audit,
    audit_pairs,
    holds_pairs,
    read_labeled,
    split_labeled,
    whole_pairs,
    write_splits,
)
from seqkit.errors import ConfigError, choices

__all__ = ["main"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class _ReadOptions:
    text_column: str | None = None
    """Column of the text, where it is not called text."""
    label_column: str | None = None
    """Column of the label, where it is not called label."""
    encoding_errors: EncodingErrors = "strict"
    """What to do with bytes that are not UTF-8."""
    max_chars: int = MAX_CHARS
    """Longest record that is read, in characters."""
    near: bool = False
    """Look for near-duplicates as well as for duplicates."""

    def read(self, path: str) -> Iterator[LabeledText]:
        """Yield the records of a path."""
        return read_labeled(
            path,
            text_column=self.text_column,
            label_column=self.label_column,
            encoding_errors=self.encoding_errors,
            max_chars=self.max_chars,
        )


@dataclass(frozen=True, kw_only=True)
class AuditOptions(_ReadOptions):
    """Audit labelled data, or pairs: repeats, leaks between splits, sizes. Nothing is changed.

    Pairs are two files (train.en,train.de), a named set of pairs, a table with the columns source
    and target, or any table with --source-column and --target-column.
    """

    train: Positional[str]
    """Labelled data, or pairs: whatever --data.train of their recipes takes."""
    valid: str | None = None
    """A second split."""
    test: str | None = None
    """A third split."""
    source_column: str | None = None
    """Pairs: column of the source, where it is not called source."""
    target_column: str | None = None
    """Pairs: column of the target, where it is not called target."""
    json: bool = False
    """Print the numbers as one JSON object."""


@dataclass(frozen=True, kw_only=True)
class SplitOptions(_ReadOptions):
    """Split labelled data into files: seeded, stratified, what repeats kept together.

    The data are read twice and never held, so they may be larger than memory.
    """

    path: Positional[str]
    """Labelled data: whatever --data.train of the recipe takes."""
    out: str
    """Folder for train, valid and test."""
    valid_share: float = 0.1
    """Share of valid."""
    test_share: float = 0.2
    """Share of test."""
    seed: int = 1
    """Of the split."""
    stratify: bool = True
    """Keep the shares within each label."""
    by_content: bool = True
    """Keep texts that say the same in one split."""
    format: SplitFormat = "jsonl"
    """Format of the files."""


def main(args: Sequence[str]) -> None:
    """Run `seqkit data list|audit|split`."""
    actions = {"list": list_sets, "audit": audit_data, "split": split_data}
    if not args or args[0] in ("-h", "--help"):
        print("usage: seqkit data list [--json]\n       seqkit data audit TRAIN [--test PATH]")
        print("       seqkit data split PATH --out DIR")
        return
    if args[0] not in actions:
        raise ConfigError(choices("data", args[0], actions))
    actions[args[0]](args[1:])


def list_sets(args: Sequence[str]) -> None:
    """Print the named sets."""
    if args not in ([], ["--json"]):
        raise ConfigError("usage: seqkit data list [--json]")
    sets = [(f"bundled:{s.name}", s, s.records) for s in BUNDLED.values()]
    sets += [(f"hf:{s.name}", s, sum(s.splits.values())) for s in PUBLIC.values()]
    rows = [
        {"path": path, "kind": s.kind, "records": records, "licence": s.licence}
        for path, s, records in sets
    ]
    if args:
        print(json.dumps(rows))
        return
    units = {
        "labeled": "labelled texts",
        "parallel": "pairs",
        "retrieval": "documents",
        "text": "lines of text",
    }
    for row in rows:
        unit = units[row["kind"]]
        print(f"{row['path']:<24} {row['records']:>9,} {unit:<14}  {row['licence']}")


def audit_data(args: Sequence[str]) -> None:
    """Print an audit, as Markdown or JSON."""
    options = parse_command(AuditOptions, args, "data audit")
    given = {"train": options.train, "valid": options.valid, "test": options.test}
    paths = {name: path for name, path in given.items() if path}
    if options.source_column or options.target_column or any(map(holds_pairs, paths.values())):
        found: Audit | PairAudit = _audit_pairs(paths, options)
    else:
        found = audit({n: options.read(path) for n, path in paths.items()}, near=options.near)
    print(json.dumps(found.to_dict()) if options.json else "\n".join(found.lines()))
    for warning in found.warnings():
        logger.warning("%s", warning)


def _audit_pairs(paths: dict[str, str], options: AuditOptions) -> PairAudit:
    """Audit splits of pairs, without those that lack a side."""
    for name in ("text_column", "label_column", "near"):
        if getattr(options, name):
            option = name.replace("_", "-")
            raise ConfigError(f"data audit: --{option} has no effect on pairs: {paths['train']}")
    config = PairDataConfig(
        source_column=options.source_column,
        target_column=options.target_column,
        encoding_errors=options.encoding_errors,
        max_chars=options.max_chars,
    )
    stats = PairStats()
    splits = {name: whole_pairs(path, config, stats) for name, path in paths.items()}
    for warning in stats.warnings():
        logger.warning("%s", warning)
    return audit_pairs(splits)


def split_data(args: Sequence[str]) -> None:
    """Write the splits as files."""
    options = parse_command(SplitOptions, args, "data split")
    if holds_pairs(options.path):
        raise ConfigError(
            f"data split: {options.path}: pairs, and this splits labelled texts: seqkit train "
            "translate cuts valid and test from train, by source: --data.valid-share, "
            "--data.test-share"
        )
    shares = {"valid": options.valid_share, "test": options.test_share}
    for name, share in shares.items():
        if not 0 <= share < 1:
            raise ConfigError(f"data split: --{name}-share {share}: must lie in [0, 1)")
    fractions = {"train": 1 - sum(shares.values()), **{n: s for n, s in shares.items() if s}}
    parts = split_labeled(
        lambda: options.read(options.path),
        seed=options.seed,
        fractions=fractions,
        stratify=options.stratify,
        by_content=options.by_content,
        near=options.near,
        complete="train",
    )
    paths = write_splits(
        lambda: options.read(options.path),
        parts,
        names=list(fractions),
        out=Path(options.out),
        format=options.format,
    )
    for number, path in enumerate(paths.values()):
        print(f"{path}: {int((parts == number).sum())} records")
