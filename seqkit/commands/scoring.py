"""`seqkit score`: how likely a language model finds a text."""

import json
import math
import os
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from tyro.conf import Positional, UseAppendAction

from seqkit.commands.mixing import MixingOptions, check_mixing, load_language_model, shares_of
from seqkit.commands.reading import check_limit, read_lines
from seqkit.commands.refusal import refuse_unused
from seqkit.commands.scored_text import ScoredText, figures, finite
from seqkit.config import parse_command
from seqkit.errors import ConfigError, DataError
from seqkit.text import Vocab

if TYPE_CHECKING:
    from seqkit.language import AnyLanguageModel, Score

__all__ = ["score"]

_WIDTH = 100  # characters of a line in the table
_FEW_UNKNOWN = 0.01
_FLATTERED = "unknown tokens cost what any unknown one does: it looks likelier than it is"
_CACHE = "cache_theta cache_weight"
_DYNAMIC = "dynamic_lr dynamic_decay dynamic_window"


@dataclass(frozen=True, kw_only=True)
class ScoreOptions(MixingOptions):
    """Say how likely a language model finds a text.

    A model of running text reads the file as one text, a model of sentences line by line, as the
    recipe does with its test split.
    """

    model: Positional[str]
    """Folder of the saved model, or an ARPA file."""
    file: Positional[str | None] = None
    """Text to score (.txt .jsonl .csv .tsv, .gz .xz, bundled:NAME); without it, or as -, stdin."""
    text: UseAppendAction[tuple[str, ...]] = ()
    """Score this text instead, for itself; with several, say which is likelier."""
    by_line: bool = False
    """Print a row for each line, before the totals."""
    surprising: int = 0
    """List so many of the tokens that the model found least likely, with their lines."""
    fit: str | None = None
    """--interpolate: choose the shares that find this text the likeliest, which should be neither
    what the models were trained on nor what is scored."""
    cache: int = 0
    """Mix in a continuous cache of so many positions (Grave et al. 2017). It reads the text being
    scored as it goes: compare the figure only with others that do."""
    cache_theta: float = 0.3
    """How sharply the cache prefers similar positions."""
    cache_weight: float = 0.1
    """Share of the cache in the mixture."""
    dynamic: bool = False
    """Train on each window once it is scored (dynamic evaluation, Krause et al. 2018). It learns
    from the text being scored: compare the figure only with others that do."""
    dynamic_lr: float = 0.05
    """Learning rate of dynamic evaluation, for gradients as they are. The recipe's
    --adapt.dynamic-lr is for gradients scaled by their size on its training text, which a saved
    model does not have: values that are good there are far too small here."""
    dynamic_decay: float = 0.005
    """Share of the way back to the saved weights that each step takes."""
    dynamic_window: int = 5
    """Tokens that dynamic evaluation learns from at a time."""
    device: str = "cpu"
    """Where the network runs: cpu, cuda or auto."""
    json: bool = False
    """Print all figures as one JSON object."""


def score(args: Sequence[str]) -> None:
    """Run `seqkit score`."""
    options = parse_command(ScoreOptions, args, "score")
    _check(options)
    model = load_language_model(options.model, options, device=options.device)
    if options.fit is not None:
        model = model.fit(read_lines(options.fit, options))
    shares = shares_of(model, options.model, options)
    if not options.json:
        for share in shares:
            print(f"{'weight':34} {share['weight']:.4f}  {share['model']}")
    if options.text:
        _score_texts(model, options, shares)
    else:
        _score_file(model, options, shares)


def _check(options: ScoreOptions) -> None:
    check_limit("score", options)
    check_mixing(options)
    if not options.interpolate:
        refuse_unused(options, "fit", "without --interpolate")
    else:
        reason = "with --interpolate: adaptation is of a single model"
        refuse_unused(options, "cache dynamic", reason)
    if options.weight:
        refuse_unused(options, "fit", "with --weight, which says what it would find")
    if options.surprising < 0 or options.cache < 0:
        name = "surprising" if options.surprising < 0 else "cache"
        raise ConfigError(f"score: --{name} {getattr(options, name)}: must be 0 or more")
    if options.text:
        if options.file is not None:
            raise ConfigError("score: give a file or --text, not both")
        names = "text_column encoding_errors max_chars by_line surprising cache dynamic"
        refuse_unused(options, names, "with --text")
    elif options.file and " " in options.file and not os.path.exists(options.file):
        raise DataError(f"{options.file:.80}: no such file; --text scores a text itself")
    if not options.cache:
        refuse_unused(options, _CACHE, "without --cache")
    if not options.dynamic:
        refuse_unused(options, _DYNAMIC, "without --dynamic")


def _score_file(
    model: "AnyLanguageModel", options: ScoreOptions, shares: list[dict[str, Any]]
) -> None:
    scored = _read(model, options)
    adaptation = _adaptation(options)
    if options.json:
        found: dict[str, Any] = {"reads_the_text": adaptation or None, **scored.total()}
        if shares:
            found["weights"] = shares
        if options.by_line:
            found["lines"] = list(scored.rows())
        if options.surprising:
            found["surprising"] = scored.surprising(options.surprising)
        print(json.dumps(finite(found)))
        return
    if options.by_line:
        print("  line  log-prob  tokens unknown  perplexity  text")
        for row in scored.rows():
            print(
                "{line:6} {log_prob:9.2f} {tokens:7} {unknown:7} {perplexity:11,.2f}".format(**row),
                f" {_plain(textwrap.shorten(row['text'], _WIDTH, placeholder=' ...'))}",
            )
        print()
    if options.surprising:
        print("  line  log-prob  the token in its place")
        for row in scored.surprising(options.surprising):
            place = f"{row['before']}»{row['token']}«{row['after']}"
            unknown = " (unknown)" if row["unknown"] else ""
            print(f"{row['line']:6} {row['log_prob']:9.2f}  {_plain(place)}{unknown}")
        print()
    _print_total(scored.total(), adaptation)


def _read(model: "AnyLanguageModel", options: ScoreOptions) -> ScoredText:
    """Score the file as the model was trained: as one text, or line by line."""
    lines = list(read_lines(options.file or "-", options))
    if not lines:
        raise DataError(f"{options.file or 'stdin'}: no lines in it")
    ids = [[*row, Vocab.EOS] for row in model.pipeline.encode_many(lines)]
    if options.cache or options.dynamic:
        log_probs = _adapted(model, ids, options)
    else:
        log_probs = model.line_log_probs(lines)
    return ScoredText(model, lines, ids, log_probs)


def _adapted(
    model: "AnyLanguageModel", ids: Sequence[Sequence[int]], options: ScoreOptions
) -> list[npt.NDArray[np.float64]]:
    """Score lines of ids as one text that the model adapts to: the log-probabilities of each."""
    from seqkit.models.language_model import LanguageModel
    from seqkit.models.lm_cache import Cache
    from seqkit.models.lm_dynamic import DynamicEvaluation, adapted_log_probs

    if not isinstance(model, LanguageModel):
        raise ConfigError(
            f"{options.model} counts n-grams and learns nothing from what it reads: --cache and "
            "--dynamic are for recurrent models"
        )
    if model.sentences:
        raise ConfigError(
            f"{options.model} reads each line for itself: --cache and --dynamic are for models of "
            "running text"
        )
    cache = dynamic = None
    if options.cache:
        theta, weight = options.cache_theta, options.cache_weight
        cache = Cache(size=options.cache, theta=theta, weight=weight)
    if options.dynamic:
        dynamic = DynamicEvaluation(
            lr=options.dynamic_lr, decay=options.dynamic_decay, window=options.dynamic_window
        )
    log_probs = adapted_log_probs(
        model.network, np.concatenate(ids), first=model.first, cache=cache, dynamic=dynamic
    )
    return np.split(log_probs, np.cumsum([len(row) for row in ids])[:-1])


def _adaptation(options: ScoreOptions) -> str:
    """Name what makes use of the text being scored; empty if nothing does."""
    parts = [f"cache of {options.cache}"] if options.cache else []
    return " and ".join([*parts, *(["dynamic evaluation"] if options.dynamic else [])])


def _print_total(total: dict[str, Any], adaptation: str) -> None:
    """Print the figures; those that an adaptation has changed say so, each in its row."""
    mark = f"  (with {adaptation}: reads the text being scored)" if adaptation else ""
    rows = [
        ("log-probability", f"{total['log_prob']:,.2f} nats, {total['log10_prob']:,.2f} log10"),
        ("perplexity", f"{total['perplexity']:,.2f}"),
        ("perplexity without unknown tokens", f"{total['perplexity_known']:,.2f}"),
        ("bits per character", f"{total['bits_per_character']:.4f}"),
        ("bits per byte", f"{total['bits_per_byte']:.4f}"),
    ]
    print(f"{'tokens':34} {total['tokens']:,} with line ends, {total['unknown']:,} unknown")
    if total["unknown"] > _FEW_UNKNOWN * total["tokens"]:
        print(f"{'':34} {_FLATTERED}")
    if total["impossible"]:
        print(f"{'impossible tokens':34} {total['impossible']:,}, of no probability at all")
    for name, value in rows:
        print(f"{name:34} {value}{mark}")


def _plain(text: str) -> str:
    """Show a text on one line of a terminal, whatever it has in it."""
    return "".join(char if char.isprintable() else "\u00b7" for char in text)


def _score_texts(
    model: "AnyLanguageModel", options: ScoreOptions, shares: list[dict[str, Any]]
) -> None:
    scores = model.score_many(options.text)
    rows = [
        {"text": text, **figures(score)} for text, score in zip(options.text, scores, strict=True)
    ]
    if options.json:
        weights = {"weights": shares} if shares else {}
        print(json.dumps(finite({"texts": rows, **_verdict(scores), **weights})))
        return
    print("  text  log-prob  tokens unknown  per token  perplexity")
    for number, (row, score) in enumerate(zip(rows, scores, strict=True), start=1):
        print(
            "{:6} {log_prob:9.2f} {tokens:7} {unknown:7}".format(number, **row),
            f"{_each(score):10.3f} {score.perplexity:11,.2f}  {_plain(row['text'])}",
        )
    if len(scores) > 1:
        for name, verdict in _verdict(scores).items():
            best, times = verdict["likelier"] + 1, _times(verdict["ahead"])
            print(f"likelier {name.replace('_', ' ')}: text {best}, {times} the next")
        unknown = [str(number) for number, score in enumerate(scores, start=1) if score.unknown]
        if unknown:
            print(f"text {', '.join(unknown)}: {_FLATTERED}")


def _verdict(scores: "Sequence[Score]") -> dict[str, Any]:
    """Say which of several texts is likeliest, and by how many nats before the next.

    Nothing is said of texts that are all impossible.
    """
    found = {}
    if len(scores) > 1 and any(score.log_prob > -math.inf for score in scores):
        for name, values in (
            ("in_all", [score.log_prob for score in scores]),
            ("per_token", list(map(_each, scores))),
        ):
            first, second = sorted(values, reverse=True)[:2]
            found[name] = {"likelier": values.index(first), "ahead": first - second}
    return found


def _each(score: "Score") -> float:
    return score.log_prob / score.tokens


def _times(nats: float) -> str:
    """Say how many times likelier something is that is so many nats ahead."""
    if nats == math.inf:
        return "infinitely more likely than"
    if nats < math.log(1e4):
        return f"{math.exp(nats):,.2f} times as likely as"
    return f"10^{nats / math.log(10):.1f} times as likely as"
