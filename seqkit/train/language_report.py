"""The report of a language model for a person: Markdown with its pictures beside it."""

import heapq
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from seqkit import metrics
from seqkit.errors import DataError
from seqkit.train.evaluation import format_table
from seqkit.train.language_result import (
    LanguageResult,
    Surprise,
    compare_language,
    language_rows,
)
from seqkit.train.markdown import inline, p_value, without_pictures, write_sections

__all__ = ["language_headline", "write_language_report"]

_FEW = 50_000  # characters of test, about 10,000 words
_LINES = 10  # most surprising lines
_SHORT = 5  # tokens of a line that one odd word decides on
_LAGS = (5, 10, 20, 35, 70)


def write_language_report(
    folder: Path,
    *,
    rows: Sequence[LanguageResult],
    log: Sequence[Mapping[str, Any]],
    audit_lines: Sequence[str],
    warnings: Sequence[str],
    notes: Sequence[str] = (),
    facts: Sequence[str] = (),
    lost: Sequence[str] = (),
    samples: Sequence[tuple[str, str]] = (),
    lags: Mapping[str, Sequence[Sequence[float]]] | None = None,
    surprises: Sequence[Surprise] = (),
    lines: Iterable[str] = (),
) -> None:
    """Write `report.md` and its pictures into the folder of a run.

    Args:
        folder: of the run.
        rows: on each split the model's result first, then the same model adapted, then baselines;
            the split "test" leads the report.
        log: rows of the run's log.
        audit_lines: of the audit, as Markdown.
        warnings: what to know before trusting a figure, a sentence each without its full stop.
        notes: facts of the run, a sentence each.
        facts: what else there is to tell of the model, sections of Markdown with their pictures.
        lost: what of the text its tokens do not tell, `TextPipeline.lost`.
        samples: prompts and how the model continued them.
        lags: when it was measured, and what `gradient_by_lag` found then.
        surprises: tokens of the test split that the model did not expect.
        lines: of the test split, to show those that surprised the model most; read once.

    Raises:
        DataError: no result on the split "test".
    """
    test = [row for row in rows if row.split == "test"]
    if not test:
        raise DataError("write_language_report: no result on the split 'test'")
    doubts = [*warnings, *_doubts(test, lost)]
    sections = [
        "# Language model: report",
        language_headline(test),
        *[f"**Before you trust this:** {inline(line)}." for line in doubts],
        *[f"- {note}" for note in notes],
        "## On the test split",
        _table(test),
        "In brackets: 95% intervals, bootstrapped over blocks of consecutive lines. p: paired "
        "bootstrap of equal perplexity, where both count the same tokens. Bits per character and "
        "per byte are of the text as the tokens tell it, and can be compared whatever the tokens "
        "are, as far as they tell the same text and none is unknown. Each line end counts as one "
        "token.",
        *_other_splits(rows, log),
        "## The data",
        "\n".join(audit_lines),
        *facts,
        *_training(log, lags or {}),
        *_pictures(folder, log, lags or {}),
        *_samples(samples),
        *_surprises(test[0], surprises, lines),
    ]
    write_sections(folder / "report.md", sections)


def language_headline(test: Sequence[LanguageResult]) -> str:
    """Say how the model, first of the results, compares with the best baseline."""
    model, *others = test
    said = (
        f"On {model.tokens:,} test tokens, line ends included, {model.unknown:,} of them unknown, "
        f"the model has {_figures(model)}"
    )
    if model.characters < _FEW:
        said += f" ({model.characters:,} characters of test say little: {_FEW:,} would be a start)"
    baselines = [row for row in others if not (row.adapted or row.mixed)]
    more = [f" {row.label}: {_perplexity(row)}." for row in others if row.mixed and not row.adapted]
    more += [
        f" {row.label}: {_perplexity(row)}, to be compared only with others that do."
        for row in others
        if row.adapted
    ]
    return f"{said}{_versus(model, baselines)}{''.join(more)}"


def _versus(model: LanguageResult, baselines: Sequence[LanguageResult]) -> str:
    if not baselines:
        return ". No baseline was run: do not trust a figure without one."
    best = min(baselines, key=lambda row: row.nats / row.characters)
    paired = compare_language(model, best)
    if paired is None:
        bits = metrics.bits_per(best.nats, best.characters)
        return f"; the best baseline, {best.name}, {bits:.3f} bits per character."
    if paired.p >= 0.05:
        verdict = "no difference beyond chance"
    elif paired.difference < 0:
        verdict = "the model is better"
    else:
        verdict = "the model is worse, take the baseline"
    return (
        f"; the best baseline, {best.name}, {_perplexity(best)}: {verdict} (difference "
        f"{paired.difference:+.2f}, 95% interval {paired.low:+.2f} to {paired.high:+.2f}, "
        f"p {'' if paired.p < 0.001 else '= '}{p_value(paired.p)})."
    )


def _figures(model: LanguageResult) -> str:
    """Say what the perplexity is, or what stands in the way of one."""
    if model.impossible:
        return (
            f"no finite perplexity, for it gives {model.impossible:,} of them no probability at "
            f"all; {model.possible.perplexity:.2f} is that of the others"
        )
    known = ""
    if model.known is not None and model.unknown:
        known = f" ({model.known.perplexity:.2f} without the unknown ones)"
    bits = metrics.bits_per(model.nats, model.characters)
    return f"a perplexity of {_perplexity(model)}{known}, {bits:.3f} bits per character"


def _perplexity(result: LanguageResult) -> str:
    spread = ""
    if result.interval:
        spread = " (95% interval {:.2f} to {:.2f})".format(*result.interval)
    return f"{result.perplexity:.2f}{spread}"


def _doubts(test: Sequence[LanguageResult], lost: Sequence[str]) -> Iterator[str]:
    """Say where the rows of a table are not of the same thing, or not of the text as it stands."""
    if lost:
        yield (
            f"the tokens tell the text without its {_listed(lost)}: its bits per character and "
            "byte compare only with those of models that leave out the same"
        )
    unknown = [row.unknown for row in test]
    if len(set(unknown)) > 1:
        yield (
            f"the rows do not know the same words ({min(unknown):,} to {max(unknown):,} unknown "
            "test tokens): an unknown word is cheap, so a row with more of them looks better"
        )
    elif unknown[0] > 0.05 * test[0].tokens:
        yield (
            f"{unknown[0] / test[0].tokens:.1%} of the test tokens are unknown words, which are "
            "cheap, so that every figure flatters: lower --text.min-count, raise "
            "--text.max-vocab, or take subwords"
        )


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _table(results: Sequence[LanguageResult]) -> str:
    cells = [[inline(cell) for cell in row] for row in language_rows(results)]
    return format_table(cells, markdown=True)


def _other_splits(
    rows: Sequence[LanguageResult], log: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    for split in dict.fromkeys(row.split for row in rows if row.split != "test"):
        yield f"## On the {'validation' if split == 'valid' else split} split"
        yield _table([row for row in rows if row.split == split])
        if split == "valid" and any(row["event"] == "epoch" for row in log):
            yield "Here the best epoch was chosen, so these figures flatter the model."


def _training(
    log: Sequence[Mapping[str, Any]], lags: Mapping[str, Sequence[Sequence[float]]]
) -> Iterator[str]:
    steps = [row for row in log if row["event"] == "step"]
    if steps or lags:
        yield "## Training"
    for name, what in (
        ("clipped", "had their gradient clipped"),
        ("skipped", "were skipped, for fp16 overflowed"),
    ):
        shares = [row[name] for row in steps if name in row]
        if shares:
            yield f"{sum(shares) / len(shares):.1%} of the updates {what}."
    for when, layers in list(lags.items())[-1:]:
        for number, norms in enumerate(layers, 1):
            shares = [
                f"{norms[lag] / norms[1]:.2%} {lag} tokens back"
                for lag in _LAGS
                if lag < len(norms) and norms[1] > 0
            ]
            if shares:
                yield (
                    f"- {when}, layer {number}: of the gradient at the state one token back there "
                    f"are left {', '.join(shares)}."
                )


def _pictures(
    folder: Path,
    log: Sequence[Mapping[str, Any]],
    lags: Mapping[str, Sequence[Sequence[float]]],
) -> list[str]:
    """Draw what can be drawn; without matplotlib say what would install it."""
    if missing := without_pictures():
        return missing
    from seqkit.train.plots import plot_curves, plot_lags

    drawn = []
    if any(row["event"] == "epoch" for row in log):
        plot_curves(log, folder / "curves.png")
        drawn += ["![curves](curves.png)"]
    if lags:
        plot_lags(lags, folder / "lags.png")
        drawn += ["![gradient by lag](lags.png)"]
    return drawn


def _samples(samples: Sequence[tuple[str, str]]) -> Iterator[str]:
    if samples:
        yield "## Samples"
        yield "Each begins with its prompt."
    for prompt, text in samples:
        yield f"From “{inline(prompt)}”:" if prompt else "From nothing:"
        whole = prompt + text
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", whole)), default=0))
        yield f"{fence}text\n{whole}\n{fence}"


def _surprises(
    model: LanguageResult, surprises: Sequence[Surprise], lines: Iterable[str]
) -> Iterator[str]:
    if surprises:
        yield "## Most surprising tokens of the test split"
        rows = [["token", "probability", "line", "after"]]
        for each in surprises:
            # as literals: a blank or a line end must be seen
            token, before = inline(repr(each.token)), inline(repr(each.before))
            rows.append([token, f"e^{each.log_prob:.1f}", str(each.line), before])
        yield format_table(rows, markdown=True)
    table = [["nats a token", "tokens", "line", "text"]]
    numbered = enumerate(zip(model.nats_by_line, model.tokens_by_line, lines, strict=False), 1)
    ranked = (
        (nats / tokens, -number, int(tokens), text)
        for number, (nats, tokens, text) in numbered
        if tokens >= _SHORT
    )
    for mean, number, tokens, text in heapq.nlargest(_LINES, ranked):
        table.append([f"{mean:.2f}", str(tokens), str(-number), inline(text)])
    if table[1:]:
        yield "## Most surprising lines of the test split"
        yield f"Of those with {_SHORT} tokens or more."
        yield format_table(table, markdown=True)
