"""`seqkit predict`, `evaluate`, `compare` and `inspect`: use saved models."""

import codecs
import itertools
import json
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tyro.conf import Positional

from seqkit import bundle
from seqkit.config import parse_command
from seqkit.data import (
    MAX_CHARS,
    EncodingErrors,
    LabeledText,
    check_labels,
    read_labeled,
    read_text,
)
from seqkit.errors import BundleError, ConfigError, DataError
from seqkit.models.classifier import Prediction, TextClassifier

__all__ = ["compare", "evaluate", "inspect", "predict"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class PredictOptions:
    """Classify texts: one JSON object a line, in the order of the texts."""

    model: Positional[str]
    """Folder of the saved model."""
    texts: Positional[tuple[str, ...]] = ()
    """Texts, behind -- if one begins with a dash; without any, and without --file, the lines of
    stdin."""
    file: str | None = None
    """Read texts from here instead, one a line (.txt .jsonl .csv .tsv, .gz .xz); - is stdin."""
    text_column: str | None = None
    """Column of the text, where it is not called text."""
    encoding_errors: EncodingErrors = "strict"
    """What to do with bytes that are not UTF-8."""
    max_chars: int = MAX_CHARS
    """Longest record that is read, in characters."""
    device: str = "cpu"
    """Where a network runs: cpu, cuda or auto."""
    batch: int = 1024
    """Texts scored together; 1 answers each line of a slow stdin at once."""


def predict(args: Sequence[str]) -> None:
    """Run `seqkit predict`."""
    options = parse_command(PredictOptions, args, "predict")
    if options.texts and options.file:
        raise ConfigError("predict: give texts or --file, not both")
    if options.batch < 1:
        raise ConfigError(f"predict: --batch {options.batch}: must be 1 or more")
    if options.max_chars < 1:
        raise ConfigError(f"predict: --max-chars {options.max_chars}: must be 1 or more")
    classifier = _classifier(options.model, options.device)
    if options.texts:
        texts: Iterator[str] = iter(options.texts)
        for text in options.texts:
            if len(text) < 200 and os.path.isfile(text):
                logger.warning("%s is a file, taken as a text: --file %s reads it", text, text)
    elif options.file is None or options.file == "-":
        texts = _stdin_lines(options.encoding_errors, options.max_chars)
    else:
        texts = read_text(
            options.file,
            text_column=options.text_column,
            encoding_errors=options.encoding_errors,
            max_chars=options.max_chars,
        )
    shown, scored = itertools.tee(texts)  # holds what lies between them, one batch
    answers = classifier.stream(scored, chunk=options.batch)
    for number, (text, answer) in enumerate(zip(shown, answers, strict=True), start=1):
        print(_json_line(text, answer), flush=number % options.batch == 0)


def _json_line(text: str, answer: Prediction) -> str:
    scores = {label: round(score, 6) for label, score in answer.scores.items()}
    row = {"label": answer.label, "score": round(answer.score, 6), "scores": scores, "text": text}
    return json.dumps(row, ensure_ascii=True)


def _stdin_lines(errors: str, max_chars: int) -> Iterator[str]:
    """Yield the lines of stdin, decoded one by one so that a fault has a line number."""
    most = 4 * max_chars + len(b"\r\n")  # UTF-8 takes 4 bytes at most
    lines = iter(lambda: sys.stdin.buffer.readline(most), b"")
    for number, line in enumerate(lines, start=1):
        body = line.rstrip(b"\r\n")
        if number == 1:
            body = body.removeprefix(codecs.BOM_UTF8)
        cut = len(body) > 4 * max_chars  # perhaps inside a character
        try:
            text = body.decode("utf-8", "replace" if cut else errors)
        except UnicodeDecodeError as error:
            raise DataError(
                f"stdin:{number}: not UTF-8 at byte {error.start} of the line: convert it, or "
                "--encoding-errors replace"
            ) from None
        if len(text) > max_chars or cut:
            raise DataError(
                f"stdin:{number}: a single record of more than {max_chars:,} characters: "
                "check that the input has line breaks, or allow it with --max-chars"
            )
        yield text


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions:
    """Measure a saved classifier on labelled data: a table, or with --json all figures."""

    model: Positional[str]
    """Folder of the saved model."""
    data: str
    """Labelled data: whatever --data.train of the recipe takes."""
    text_column: str | None = None
    """Column of the text, where it is not called text."""
    label_column: str | None = None
    """Column of the label, where it is not called label."""
    encoding_errors: EncodingErrors = "strict"
    """What to do with bytes that are not UTF-8."""
    max_chars: int = MAX_CHARS
    """Longest record that is read, in characters."""
    device: str = "cpu"
    """Where a network runs: cpu, cuda or auto."""
    json: bool = False
    """Print all figures as one JSON object."""


@dataclass(frozen=True, kw_only=True)
class CompareOptions(EvaluateOptions):
    """Set two saved classifiers side by side on the same labelled data."""

    other: Positional[str]
    """Folder of the second saved model."""


def evaluate(args: Sequence[str]) -> None:
    """Run `seqkit evaluate`."""
    options = parse_command(EvaluateOptions, args, "evaluate")
    _print_results([options.model], options)


def compare(args: Sequence[str]) -> None:
    """Run `seqkit compare`."""
    options = parse_command(CompareOptions, args, "compare")
    _print_results([options.model, options.other], options)


def _print_results(folders: Sequence[str], options: EvaluateOptions) -> None:
    from seqkit.train.evaluation import compare as compare_results
    from seqkit.train.evaluation import format_table, measure, table_rows

    classifiers = [_classifier(folder, options.device) for folder in folders]
    for folder, classifier in zip(folders, classifiers, strict=True):
        if classifier.labels != classifiers[0].labels:
            raise ConfigError(
                f"compare: {folder} has the labels {', '.join(classifier.labels)}, {folders[0]} "
                f"has {', '.join(classifiers[0].labels)}: only models of the same labels compare"
            )
    decisions = [classifier.decision for classifier in classifiers if classifier.decision]
    positive = decisions[0].positive if decisions else None
    records = list(_records(options))
    check_labels(classifiers[0].labels, records, where=options.data)
    results = [
        measure(folder, classifier, records, positive=positive)
        for folder, classifier in zip(folders, classifiers, strict=True)
    ]
    if not options.json:
        print(format_table(table_rows(results, positive=positive)))
        return
    figures: dict[str, Any] = {result.name: dict(result.metrics) for result in results}
    if len(results) == 2:
        figures["comparison"] = compare_results(*results)
    print(json.dumps(figures if len(results) == 2 else results[0].metrics))


def _records(options: EvaluateOptions) -> Iterator[LabeledText]:
    return read_labeled(
        options.data,
        text_column=options.text_column,
        label_column=options.label_column,
        encoding_errors=options.encoding_errors,
        max_chars=options.max_chars,
    )


@dataclass(frozen=True, kw_only=True)
class InspectOptions:
    """Show what a saved model is and where it comes from."""

    model: Positional[str]
    """Folder of the saved model."""
    json: bool = False
    """Print bundle.json as it is."""


def inspect(args: Sequence[str]) -> None:
    """Run `seqkit inspect`."""
    options = parse_command(InspectOptions, args, "inspect")
    saved = bundle.read(options.model)
    if options.json:
        print(json.dumps(saved.index))
        return
    print(f"{saved.kind}, bundle format {saved.index['format']}, every file as it was written")
    versions = ", ".join(f"{name} {number}" for name, number in saved.index["versions"].items())
    print(f"written with {versions}")
    for name, entry in saved.index["files"].items():
        print(f"  {entry['bytes']:>12,} bytes  {name}")
    for split, figures in saved.index["metrics"].items():
        numbers = figures if isinstance(figures, dict) else {"": figures}
        listed = [f"{name} {v:.4f}".strip() for name, v in numbers.items() if isinstance(v, float)]
        print(f"{split}: {', '.join(listed)}")
    print("provenance: " + json.dumps(saved.index["provenance"]))


def _classifier(folder: str, device: str) -> TextClassifier:
    model = bundle.load(folder, device=device)
    if not isinstance(model, TextClassifier):
        raise BundleError(f"{folder}: a {type(model).__name__}, expected a TextClassifier")
    return model
