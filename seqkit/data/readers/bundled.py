"""The sets that travel with seqkit -> labelled texts: `bundled:NAME`."""

from collections.abc import Iterator

from seqkit.data.catalogue import bundled_path, bundled_set
from seqkit.data.readers.columns import Columns
from seqkit.data.readers.lines import Decoding
from seqkit.data.readers.tables import read_table
from seqkit.data.records import LabeledText

__all__ = ["read_bundled", "sentiment_label"]

_CLEAR = 0.5


def read_bundled(path: str, decoding: Decoding) -> Iterator[LabeledText]:
    """Yield the labelled texts of a bundled set.

    `spam` has its labels in the file. `sentiment` holds the mean of 20 ratings from -4 to 4, which
    `sentiment_label` turns into a label; the 768 messages near zero are left out, 3,432 remain.

    Raises:
        ConfigError: no set of that name travels with seqkit.
    """
    name = bundled_set(path.removeprefix("bundled:")).name
    rated = name == "sentiment"
    columns = Columns(
        roles=("label", "text"), chosen=("score" if rated else None, None), widths=(2,)
    )
    for line, (value, text) in read_table(str(bundled_path(name)), columns, decoding):
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
