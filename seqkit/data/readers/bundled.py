"""The sets that travel with seqkit -> labelled texts, pairs or lines: `bundled:NAME[:SPLIT]`."""

from collections.abc import Iterator

from seqkit.data.catalogue import BUNDLED, BundledSet, SetKind, bundled_path, bundled_set
from seqkit.data.readers.columns import Columns
from seqkit.data.readers.lines import Decoding, read_lines
from seqkit.data.readers.tables import Row, read_table
from seqkit.data.records import LabeledText
from seqkit.errors import ConfigError

__all__ = ["read_bundled", "read_bundled_pairs", "read_bundled_text", "sentiment_label"]

_CLEAR = 0.5
_CALLED: dict[SetKind, str] = {
    "labeled": "labelled texts",
    "parallel": "parallel text",
    "retrieval": "a search collection",
    "text": "running text",
}


def read_bundled(path: str, decoding: Decoding) -> Iterator[LabeledText]:
    """Return the labelled texts of a bundled set.

    `spam` has its labels in the file. `sentiment` holds the mean of 20 ratings from -4 to 4, which
    `sentiment_label` turns into a label; the 768 messages near zero are left out, 3,432 remain.

    Raises:
        ConfigError: no set of that name, or split of that set, travels with seqkit; or it has no
            labels.
    """
    described, file = _find(path)
    if described.kind != "labeled":
        what = f"{_CALLED[described.kind]}, without labels"
        raise ConfigError(f"{path}: {what}: choose {_sets_of('labeled')}")
    return _read_labeled(path, file, decoding, rated=described.name == "sentiment")


def read_bundled_pairs(path: str, columns: Columns, decoding: Decoding) -> Iterator[Row]:
    """Return the two sides of the pairs of a bundled set, whose header calls them so.

    Raises:
        ConfigError: no set of that name, or split of that set, travels with seqkit; or it is no
            parallel text.
    """
    described, file = _find(path)
    if described.kind != "parallel":
        what = f"{_CALLED[described.kind]}, not pairs"
        raise ConfigError(f"{path}: {what}: choose {_sets_of('parallel')}")
    return read_table(file, columns, decoding)


def read_bundled_text(path: str, decoding: Decoding) -> Iterator[str]:
    """Return the lines of a bundled running text, or the texts of another set: sources of pairs.

    Raises:
        ConfigError: no set of that name, or split of that set, travels with seqkit.
    """
    described, file = _find(path)
    if described.kind == "labeled":
        return (record.text for record in read_bundled(path, decoding))
    if described.kind == "parallel":
        columns = Columns(roles=("source",), chosen=(None,), widths=(2,))
        return (text for _, (text,) in read_table(file, columns, decoding))
    if described.kind == "retrieval":
        columns = Columns(roles=("id", "text"), chosen=(None, None), widths=(2,))
        return (text for _, (_, text) in read_table(file, columns, decoding))
    return (line for _, line in read_lines(file, decoding))


def _find(path: str) -> tuple[BundledSet, str]:
    """Return the set that a path names, and the file of its split."""
    name, _, split = path.removeprefix("bundled:").partition(":")
    return bundled_set(name), str(bundled_path(name, split or "train"))


def _sets_of(kind: SetKind) -> str:
    return " or ".join(f"bundled:{name}" for name, each in BUNDLED.items() if each.kind == kind)


def _read_labeled(
    path: str, file: str, decoding: Decoding, *, rated: bool
) -> Iterator[LabeledText]:
    columns = Columns(
        roles=("label", "text"), chosen=("score" if rated else None, None), widths=(2,)
    )
    for line, (value, text) in read_table(file, columns, decoding):
        label = sentiment_label(float(value)) if rated else value
        if label is not None:
            yield LabeledText(text, label, path, line)


def sentiment_label(score: float) -> str | None:
    """Name the sentiment of a mean rating: None where the raters did not lean to a side.

    >>> sentiment_label(0.5), sentiment_label(-0.5), sentiment_label(0.49)
    ('positive', 'negative', None)
    """
    if score >= _CLEAR:
        return "positive"
    return "negative" if score <= -_CLEAR else None
