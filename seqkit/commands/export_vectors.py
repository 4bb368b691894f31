"""`seqkit export` of word vectors: files of other tools, a smaller bundle, a map, spaCy."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from tyro.conf import Positional

from seqkit import bundle
from seqkit.commands.loading import load_vectors
from seqkit.commands.refusal import refuse_unused
from seqkit.config import parse_command
from seqkit.errors import ConfigError, require
from seqkit.files import write_bytes

if TYPE_CHECKING:
    from seqkit.vectors.word_vectors import WordVectors

__all__ = ["ExportVectorsOptions", "export_vectors"]

_FileFormat = Literal["word2vec", "word2vec-binary", "glove", "fasttext", "fasttext-binary"]
_Precision = Literal["float32", "float16", "int8"]


@dataclass(frozen=True, kw_only=True)
class ExportVectorsOptions:
    """Write word vectors in another form, and say how large they were and are.

    As a file that other tools read; as a saved model, which opens in milliseconds, also a smaller
    one that is a little worse; as a map of the most frequent words, a page for a browser; for the
    projector of TensorBoard; as a spaCy pipeline.
    """

    vectors: Positional[str]
    """Folder of saved word vectors, or a file of them (.vec .bin .txt, .gz .xz)."""
    format: _FileFormat | Literal["bundle", "map", "projector", "spacy"]
    """What to write."""
    out: str
    """Where to: a file, compressed if it ends with .gz or .xz; or a new folder, for bundle,
    projector and spacy."""
    words: int | None = None
    """Only so many most frequent words; without it 1,000 on a map, 10,000 for the projector, and
    all otherwise."""
    precision: _Precision = "float32"
    """bundle: what a number is kept as."""
    language: str = "en"
    """spacy: language of the pipeline."""


def export_vectors(args: Sequence[str]) -> None:
    """Run `seqkit export` of word vectors."""
    options = parse_command(ExportVectorsOptions, args, "export")
    source, out = Path(options.vectors), Path(options.out)
    if options.words is not None and options.words < 1:
        raise ConfigError(f"export: --words {options.words}: must be 1 or more")
    if options.format != "bundle":
        refuse_unused(options, "precision", "without --format bundle")
    if options.format != "spacy":
        refuse_unused(options, "language", "without --format spacy")
    if options.format not in ("bundle", "projector", "spacy"):
        if out.is_dir():
            raise ConfigError(f"--out {out}: is a folder, expected the name of a file")
    elif out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError(f"--out {out}: exists already, expected a new folder")
    vectors = load_vectors(options.vectors)
    if options.format == "bundle":
        _check_smaller(vectors, source, options)
    note = _write(vectors, source, out, options)
    from seqkit.train.costs import size_text

    print(f"{out}: {size_text(_size(out))} ({source}: {size_text(_size(source))}){note}")


def _check_smaller(vectors: "WordVectors", source: Path, options: ExportVectorsOptions) -> None:
    """Refuse to write a bundle that would be the same, or only larger."""
    order = get_args(_Precision)
    held, asked = order.index(vectors.precision), order.index(options.precision)
    if asked < held:
        raise ConfigError(
            f"--precision {options.precision}: {source} is kept as {vectors.precision} already: "
            f"--precision {vectors.precision}"
        )
    if source.is_dir() and asked == held and options.words is None:
        raise ConfigError(
            f"export: {source} is a bundle of {vectors.precision} already: a smaller --precision "
            "or --words makes a smaller one"
        )


def _write(vectors: "WordVectors", source: Path, out: Path, options: ExportVectorsOptions) -> str:
    """Write the form that is asked for; returns what else is to be told of it."""
    if options.format == "map":
        return _write_map(vectors, out, count=options.words or 1000, about=source.name)
    if options.format == "projector":
        from seqkit.vectors.projector import write_projector

        write_projector(out, vectors, count=options.words or 10_000)
        return f"; tensorboard --logdir {out} shows it"
    if options.words is not None:
        vectors = _most_frequent(vectors, options.words)
    if options.format == "bundle":
        provenance = {
            "exported_from": str(source),
            "precision": options.precision,
            "words": options.words,
            "provenance": bundle.read(source).index["provenance"] if source.is_dir() else {},
        }
        vectors.save(out, precision=options.precision, provenance=provenance)
    elif options.format == "spacy":
        _write_pipeline(vectors, out, options.language)
    else:
        vectors.export(out, format=options.format)
    return ""


def _write_map(vectors: "WordVectors", out: Path, *, count: int, about: str) -> str:
    from seqkit.train.vectors_map import vectors_map
    from seqkit.vectors.amounts import amount
    from seqkit.vectors.layout import lay_out

    layout = lay_out(vectors, count=count)
    words = f"the {len(layout.words):,} most frequent of {amount(len(vectors), 'word')}"
    write_bytes(out, vectors_map(layout, about=f"{about}: {words}"))
    return f"; {words}"


def _write_pipeline(vectors: "WordVectors", out: Path, language: str) -> None:
    from seqkit.vectors.spacy_vectors import to_spacy

    spacy = require("spacy", extra="spacy", purpose="--format spacy")
    try:
        nlp = spacy.blank(language)
    except ImportError:
        raise ConfigError(
            f"--language {language}: not one of spaCy's, such as en, de, xx"
        ) from None
    to_spacy(vectors, nlp)
    nlp.to_disk(out)


def _most_frequent(vectors: "WordVectors", count: int) -> "WordVectors":
    from seqkit.vectors.frequent import frequent_rows
    from seqkit.vectors.word_vectors import WordVectors

    rows = frequent_rows(vectors, count)
    return WordVectors(
        [vectors.words[row] for row in rows.tolist()],
        vectors.rows(rows),
        counts=None if vectors.counts is None else vectors.counts[rows],
        subwords=vectors.subwords,
        facts=vectors.facts,
    )


def _size(path: Path) -> int:
    files = [entry for entry in path.rglob("*") if entry.is_file()] or [path]
    return sum(entry.stat().st_size for entry in files)
