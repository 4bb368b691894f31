"""`seqkit predict`, `evaluate`, `compare` and `inspect`: use saved models."""

import itertools
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tyro.conf import Positional

from seqkit import bundle
from seqkit.commands.evaluate_index import evaluate_index
from seqkit.commands.evaluate_translator import evaluate_translator
from seqkit.commands.evaluate_vectors import evaluate_vectors
from seqkit.commands.index_facts import index_lines, verified_facts
from seqkit.commands.kinds import file_kind, kind_among, refuse_missing
from seqkit.commands.loading import load_model, load_vectors
from seqkit.commands.ngram_facts import ngram_lines
from seqkit.commands.reading import ReadingOptions, check_limit, read_texts, warn_of_files
from seqkit.commands.refusal import refuse_unused
from seqkit.commands.topic_facts import topic_lines
from seqkit.commands.translator_facts import translator_lines
from seqkit.commands.vector_facts import vector_facts, vector_lines
from seqkit.config import parse_command
from seqkit.data import LabeledText, check_labels, read_labeled
from seqkit.errors import ConfigError
from seqkit.models.classifier import Prediction

__all__ = ["compare", "evaluate", "inspect", "predict"]


@dataclass(frozen=True, kw_only=True)
class PredictOptions(ReadingOptions):
    """Classify texts: one JSON object a line, in the order of the texts."""

    model: Positional[str]
    """Folder of the saved model."""
    texts: Positional[tuple[str, ...]] = ()
    """Texts, behind -- if one begins with a dash; without any, and without --file, the lines of
    stdin."""
    file: str | None = None
    """Read texts from here instead, one a line (.txt .jsonl .csv .tsv, .gz .xz); - is stdin."""
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
    check_limit("predict", options)
    classifier = load_model("TextClassifier", options.model, options.device)
    if options.texts:
        texts: Iterator[str] = iter(options.texts)
        warn_of_files(options.texts)
    else:
        texts = read_texts(options.file or "-", options)
    shown, scored = itertools.tee(texts)  # holds what lies between them, one batch
    answers = classifier.stream(scored, chunk=options.batch)
    for number, (text, answer) in enumerate(zip(shown, answers, strict=True), start=1):
        print(_json_line(text, answer), flush=number % options.batch == 0)


def _json_line(text: str, answer: Prediction) -> str:
    scores = {label: round(score, 6) for label, score in answer.scores.items()}
    row = {"label": answer.label, "score": round(answer.score, 6), "scores": scores, "text": text}
    return json.dumps(row, ensure_ascii=True)


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions(ReadingOptions):
    """Measure a saved classifier on labelled data: a table, or with --json all figures.

    A translator, a search index and word vectors take other options: seqkit evaluate MODEL --help.
    """

    model: Positional[str]
    """Folder of the saved model."""
    data: str
    """Labelled data: whatever --data.train of the recipe takes."""
    label_column: str | None = None
    """Column of the label, where it is not called label."""
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
    """Run `seqkit evaluate`, of a classifier, a translator, a search index or word vectors."""
    others = {
        "SearchIndex": evaluate_index,
        "Translator": evaluate_translator,
        "WordVectors": evaluate_vectors,
    }
    if (kind := kind_among(args) or file_kind(args)) in others:
        others[kind](args)
        return
    if kind is None:
        refuse_missing(args)
    elif given := {"--analogies", "--similarity"} & {*args}:
        raise ConfigError(
            f"evaluate: {' and '.join(sorted(given))}: questions about words, for word vectors; "
            f"this is a {kind}"
        )
    options = parse_command(EvaluateOptions, args, "evaluate")
    _print_results([options.model], options)


def compare(args: Sequence[str]) -> None:
    """Run `seqkit compare`."""
    options = parse_command(CompareOptions, args, "compare")
    _print_results([options.model, options.other], options)


def _print_results(folders: Sequence[str], options: EvaluateOptions) -> None:
    from seqkit.train.evaluation import compare as compare_results
    from seqkit.train.evaluation import format_table, measure, table_rows

    classifiers = [load_model("TextClassifier", folder, options.device) for folder in folders]
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
    """Show what a saved model, or a file of word vectors, is and where it comes from.

    With --units: what the hidden units of a language model do while it reads a text.
    """

    model: Positional[str]
    """Folder of the saved model."""
    json: bool = False
    """Print bundle.json as it is, of a search index with its parts; with --units, the list of
    units."""
    units: bool = False
    """Write a page that colours a text by the activation of a hidden unit, and list the units that
    follow quotes, indentation and other features of it."""
    text: str | None = None
    """--units: the text (.txt .jsonl .csv .tsv, .gz .xz, bundled:NAME); - is stdin."""
    out: str = "units.html"
    """--units: the page."""
    layer: int | None = None
    """--units: this layer alone, 1 is the lowest; a smaller page."""
    max_tokens: int = 5000
    """--units: read no more of the text than this."""
    device: str = "cpu"
    """--units: where the network runs: cpu, cuda or auto."""


def inspect(args: Sequence[str]) -> None:
    """Run `seqkit inspect`."""
    options = parse_command(InspectOptions, args, "inspect")
    if options.units:
        _inspect_units(options)
        return
    refuse_unused(options, "text out layer max_tokens device", "without --units")
    refuse_missing([options.model])
    if file_kind([options.model]) == "WordVectors":
        facts = vector_facts(load_vectors(options.model), options.model)
        print(json.dumps(facts) if options.json else "\n".join(vector_lines(facts)))
        return
    if os.path.isfile(options.model):
        raise ConfigError(
            f"{options.model}: a file, expected the folder of a saved model; seqkit export with "
            "--format bundle makes one of an ARPA file"
        )
    saved = bundle.read(options.model)
    saved.verify()
    facts = verified_facts(options.model) if saved.kind == "SearchIndex" else {}
    if options.json:
        print(json.dumps({**saved.index, **({"search": facts} if facts else {})}))
        return
    print(f"{saved.kind}, bundle format {saved.index['format']}, every file as it was written")
    versions = ", ".join(f"{name} {number}" for name, number in saved.index["versions"].items())
    print(f"written with {versions}")
    for name, entry in saved.index["files"].items():
        print(f"  {entry['bytes']:>12,} bytes  {name}")
    if saved.kind == "NgramModel":
        for line in ngram_lines(saved):
            print(line)
    if saved.kind == "TopicModel":
        for line in topic_lines(options.model):
            print(line)
    if saved.kind == "Translator":
        for line in translator_lines(saved):
            print(line)
    if saved.kind == "WordVectors":
        for line in vector_lines(vector_facts(load_vectors(options.model), options.model)):
            print(line)
    for line in index_lines(facts) if facts else ():
        print(line)
    for split, figures in saved.index["metrics"].items():
        numbers = figures if isinstance(figures, dict) else {"": figures}
        listed = [f"{name} {v:.4f}".strip() for name, v in numbers.items() if isinstance(v, float)]
        print(f"{split}: {', '.join(listed)}")
    if saved.index["provenance"]:
        print("provenance: " + json.dumps(saved.index["provenance"]))


def _inspect_units(options: InspectOptions) -> None:
    from seqkit.commands.units import write_units

    if options.text is None:
        raise ConfigError("inspect: --units shows a text: give one with --text FILE")
    write_units(
        options.model,
        text=options.text,
        out=options.out,
        layer=options.layer,
        max_tokens=options.max_tokens,
        device=options.device,
        as_json=options.json,
    )
