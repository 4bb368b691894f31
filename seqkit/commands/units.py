"""`seqkit inspect MODEL --text FILE --units`: what the hidden units do while a text is read."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from seqkit.commands.loading import load_model
from seqkit.commands.reading import ReadingOptions, read_lines
from seqkit.commands.units_page import Page, render
from seqkit.errors import ConfigError, DataError
from seqkit.files import write_bytes
from seqkit.text import Vocab
from seqkit.text.tokenizer import Token

if TYPE_CHECKING:
    from seqkit.models.language_model import LanguageModel

__all__ = ["write_units"]

_BEST = 5  # units listed for each feature
_LAGS, _SEQUENCES = 100, 32  # of the gradient panel


@dataclass(frozen=True)
class _Text:
    """The beginning of a text, normalised and cut into tokens, line by line."""

    lines: list[str]
    spans: list[list[Token]]
    ids: list[list[int]]
    whole: bool
    """Whether it is all of the text."""


def write_units(
    model_folder: str,
    *,
    text: str,
    out: str,
    layer: int | None,
    max_tokens: int,
    device: str,
    as_json: bool,
) -> None:
    """Write the page, and print the units that follow features of the text best.

    Args:
        model_folder: a saved language model.
        text: what `read_text` takes; - is stdin.
        out: where the page goes.
        layer: from 1, the lowest; None takes all.
        max_tokens: read no more of the text than this.
        device: where the network runs.
        as_json: print the list as JSON.

    Raises:
        ConfigError: a layer that the model does not have, or an option out of range.
        DataError: no text.
    """
    if max_tokens < 2:
        raise ConfigError(f"inspect: --max-tokens {max_tokens}: must be 2 or more")
    model: LanguageModel = load_model("LanguageModel", model_folder, device)
    depth = len(model.network.layers)
    if layer is not None and not 1 <= layer <= depth:
        raise ConfigError(f"inspect: --layer {layer}: the model has the layers 1 to {depth}")
    read = _read(model, text, max_tokens)
    page = _page(model, read, layers=range(depth) if layer is None else [layer - 1])
    count = sum(map(len, read.ids))
    about = f"{model_folder} reading {'' if read.whole else 'the beginning of '}{text}"
    write_bytes(out, render(page, about=f"{about}, {count:,} tokens"))
    found = [
        {"feature": name, "units": [track._asdict() for track in tracks]}
        for name, tracks in page.tracks.items()
    ]
    if as_json:
        print(json.dumps({"page": out, "tokens": count, "features": found}))
        return
    print(f"{out}: {about}, {count:,} tokens; the units that follow it best, by correlation:")
    for name, tracks in page.tracks.items():
        best = "   ".join(f"{t.layer}:{t.unit} {t.correlation:+.2f}" for t in tracks[:3])
        print(f"  {name:22} {best or '-'}")


def _read(model: "LanguageModel", path: str, max_tokens: int) -> _Text:
    """Read lines until there are enough tokens, and cut the last line at a token."""
    pipeline = model.pipeline
    lines, spans, ids, left, whole = [], [], [], max_tokens, True
    source = read_lines(path, ReadingOptions())
    for line in source:
        normal = pipeline.normalizer(line)
        tokens = pipeline.tokenizer.spans(normal)
        if len(tokens) > left:
            tokens = tokens[:left]
            normal, whole = normal[: tokens[-1].end], False
        row = pipeline.vocab.encode(token.text for token in tokens)
        left -= len(row)
        if not model.sentences and left > 0:
            row.append(Vocab.EOS)
            left -= 1
        lines.append(normal)
        spans.append(tokens)
        ids.append(row)
        if left == 0:
            whole = whole and next(source, None) is None
            break
    if sum(map(len, ids)) < 2:
        raise DataError(f"{path}: fewer than 2 tokens: give a longer text")
    return _Text(lines, spans, ids, whole)


def _page(model: "LanguageModel", read: _Text, *, layers: Sequence[int]) -> Page:
    from seqkit.models.text_features import FEATURES, text_features
    from seqkit.models.units import Track, read_units, strongest

    whole = list(itertools.chain.from_iterable(read.ids))
    sequences = [row for row in read.ids if row] if model.sentences else [whole]
    reading = read_units(model.network, sequences, first=model.first)
    surprise = -reading.log_probs / np.log(2, dtype=np.float32)
    features = text_features(read.lines, read.spans, line_ends=not model.sentences)
    features = np.concatenate([features[:, : len(whole)], surprise[None]])  # the last line is cut
    chosen = [reading.layers[index] for index in layers]
    best = strongest(features, chosen, count=_BEST)
    tracks = {
        name: [Track(layers[t.layer] + 1, t.unit, t.correlation) for t in found]
        for name, found in zip([*FEATURES, "surprise"], best, strict=True)
    }
    return Page(
        lines=read.lines,
        spans=read.spans,
        ids=read.ids,
        layers={index + 1: units for index, units in zip(layers, chosen, strict=True)},
        surprise=surprise,
        tracks=tracks,
        lags=_lags(model, sequences),
    )


def _lags(model: "LanguageModel", sequences: Sequence[list[int]]) -> list[list[float]]:
    """Measure the gradient by lag on stretches of the text of equal length; [] if it is short."""
    import torch

    from seqkit.train.lags import gradient_by_lag

    size = min(_LAGS, int(np.quantile([len(ids) for ids in sequences], 0.75)))
    if size < 2:
        return []
    stretches: list[Any] = [
        [model.first, *ids][start : start + size + 1]
        for ids in sequences
        for start in range(0, len(ids) - size + 1, size)
    ]
    stretches = stretches[:: -(-len(stretches) // _SEQUENCES)]
    network = model.network
    ids = torch.tensor(stretches, device=network.embedding.weight.device)  # (B, size + 1)
    return gradient_by_lag(network, ids[:, :-1], ids[:, 1:], network.start(len(stretches)))
