"""`seqkit export`: an n-gram model, or word vectors, in another form."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tyro.conf import Positional

from seqkit import bundle
from seqkit.commands.export_vectors import export_vectors
from seqkit.commands.kinds import file_kind, kind_among, refuse_missing
from seqkit.commands.refusal import refuse_unused
from seqkit.config import parse_command
from seqkit.errors import BundleError, ConfigError

if TYPE_CHECKING:
    from seqkit.ngram.model import NgramModel

__all__ = ["export"]


@dataclass(frozen=True, kw_only=True)
class ExportOptions:
    """Write an n-gram model in another form, and say how large it was and is.

    As an ARPA file, which other tools read; or an ARPA file of any tool as a saved model, which
    loads in milliseconds; or a saved model as a smaller one that is a little worse.

    Word vectors take other options: seqkit export VECTORS --help.
    """

    model: Positional[str]
    """Folder of the saved model, or an ARPA file (.arpa, also .gz or .xz)."""
    format: Literal["arpa", "bundle"]
    """What to write: an ARPA file, or the folder of a saved model."""
    out: str
    """Where to: a file, compressed if it ends with .gz; or a new folder."""
    quantize: Literal[4, 8] | None = None
    """bundle: keep probabilities in so many bits."""


def export(args: Sequence[str]) -> None:
    """Run `seqkit export`, of an n-gram model or of word vectors."""
    if (kind := kind_among(args) or file_kind(args)) == "WordVectors":
        export_vectors(args)
        return
    if kind is None:
        refuse_missing(args)
    options = parse_command(ExportOptions, args, "export")
    out = Path(options.out)
    if options.format == "arpa":
        refuse_unused(options, "quantize", "with --format arpa, which holds the numbers in full")
        if out.is_dir():
            raise ConfigError(f"--out {out}: is a folder, expected the name of a file")
    elif out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError(f"--out {out}: exists already, expected a new folder")
    model = bundle.load(options.model)
    if type(model).__name__ != "NgramModel":
        raise BundleError(
            f"{options.model}: a {type(model).__name__}, expected an n-gram model or word "
            "vectors: no other kind has another form"
        )
    if options.format == "arpa":
        from seqkit.ngram.arpa_writer import write_arpa

        write_arpa(out, model.pipeline.vocab, model.trie.table())
    else:
        _write_bundle(model, options, out)
    from seqkit.train.costs import size_text

    before, after = map(_size, (Path(options.model), out))
    print(f"{out}: {size_text(after)} ({options.model}: {size_text(before)})")


def _write_bundle(model: "NgramModel", options: ExportOptions, out: Path) -> None:
    from seqkit.ngram.model import NgramModel
    from seqkit.ngram.trie import PackedTrie

    held = model.trie.layout["quantize"]
    source = Path(options.model)
    if source.is_dir() and options.quantize is None:
        raise ConfigError(f"export: {source} is a bundle already: --quantize makes a smaller one")
    if held is not None and options.quantize >= held:
        raise ConfigError(
            f"--quantize {options.quantize}: {source} is quantised to {held} bits already"
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".export-") as folder:
        trie = PackedTrie.pack(
            model.trie.table(), quantize=options.quantize, path=Path(folder) / "ngrams.bin"
        )
        NgramModel(trie, model.pipeline, lexicon=model.lexicon, facts=model.facts).save(
            out,
            provenance={
                "exported_from": str(source),
                "quantize": options.quantize,
                "provenance": bundle.read(source).index["provenance"] if source.is_dir() else {},
            },
        )


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(entry["bytes"] for entry in bundle.read(path).index["files"].values())
    return path.stat().st_size
