"""The report of word vectors for a person: Markdown, and a map beside it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqkit.files import write_bytes
from seqkit.train.costs import StepTimes, size_text
from seqkit.train.evaluation import format_table
from seqkit.train.markdown import inline, write_sections
from seqkit.train.vectors_map import vectors_map
from seqkit.vectors.analogies import AnalogyScores
from seqkit.vectors.frequent import frequent_neighbours
from seqkit.vectors.layout import lay_out
from seqkit.vectors.phrases import PhraseRound
from seqkit.vectors.similarity import SimilarityScores
from seqkit.vectors.word_vectors import WordVectors

__all__ = ["MeasuredVectors", "measured_rows", "vectors_headline", "write_vectors_report"]

_FEW_TOKENS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class MeasuredVectors:
    """How well vectors answer the questions that were given."""

    name: str
    words: int
    analogies: AnalogyScores | None
    similarity: SimilarityScores | None

    def metrics(self) -> dict[str, Any]:
        """Return the figures that there are, ready for JSON."""
        parts = {"analogies": self.analogies, "similarity": self.similarity}
        return {name: part.metrics() for name, part in parts.items() if part is not None}


def write_vectors_report(
    folder: Path,
    *,
    vectors: WordVectors,
    measured: Sequence[MeasuredVectors],
    text: Mapping[str, Any],
    rounds: Sequence[PhraseRound],
    times: StepTimes,
    disk: int,
    memory: int | None,
    notes: Sequence[str] = (),
    map_words: int = 1000,
    seed: int = 1,
) -> None:
    """Write `report.md` and `map.html` into the folder of a run.

    Args:
        folder: of the run.
        vectors: what was trained.
        measured: on analogies and similarity, the model first, baselines behind; none without such
            files.
        text: what it was trained on: lines, tokens, distinct, covered.
        rounds: what joining phrases found.
        times: of the steps of the run; that of the report and its map is added.
        disk: bytes of the model's files.
        memory: the most bytes that the process held, None where that is not known.
        notes: facts of the run, a sentence each.
        map_words: words on the map.
        seed: of the map.
    """
    with times("report and map"):
        layout = lay_out(vectors, count=map_words, seed=seed)
        about = f"{len(vectors):,} words, {vectors.dim} numbers each"
        write_bytes(folder / "map.html", vectors_map(layout, about=about))
        neighbours = [*_neighbour_rows(vectors)]
    sections = [
        "# Word vectors: report",
        vectors_headline(vectors, measured, text),
        *[f"- {note}" for note in notes],
        *_measured_sections(measured),
        "## Neighbours",
        "The nearest words of a few frequent ones, by the cosine.",
        format_table(neighbours, markdown=True),
        f"[A map](map.html) of the {len(layout.words):,} most frequent words.",
        "## The text",
        format_table([*_text_rows(text)], markdown=True),
        *_phrase_sections(rounds),
        "## Time and memory",
        format_table(
            [["step", "seconds"], *([step, f"{took:.2f}"] for step, took in times.seconds.items())],
            markdown=True,
        ),
        f"The model takes {size_text(disk)} on disk"
        + (f"; the process held {size_text(memory)} at most." if memory else "."),
    ]
    write_sections(folder / "report.md", sections)


def vectors_headline(
    vectors: WordVectors, measured: Sequence[MeasuredVectors], text: Mapping[str, Any]
) -> str:
    """Say how many words there are, and how well the vectors do beside the baseline."""
    said = (
        f"{len(vectors):,} words, which are {text['covered']:.1%} of the {text['tokens']:,} tokens."
    )
    if text["tokens"] < _FEW_TOKENS:
        said += " So little text makes rough vectors: a million tokens would be a start."
    if not measured:
        return f"{said} Nothing was measured: give --analogies or --similarity a file of questions."
    model, *others = measured
    said += f" {_sentence(model, 'Model')}"
    for other in others:
        said += f" {_sentence(other, other.name[0].upper() + other.name[1:])}"
    return said + _warning(measured)


def measured_rows(measured: Sequence[MeasuredVectors]) -> list[list[str]]:
    """Return a table of model and baselines; what was not measured has no columns."""
    heads = ["vectors", "words", "analogies", "questions known", "similarity", "pairs known"]
    rows = [heads]
    for each in measured:
        cells = ["", "", "", ""]
        if each.analogies is not None:
            cells[:2] = _accuracy(each.analogies), f"{each.analogies.total.coverage:.0%}"
        if each.similarity is not None:
            cells[2:] = _correlation(each.similarity), f"{each.similarity.coverage:.0%}"
        rows.append([each.name, f"{each.words:,}", *cells])
    filled = [column for column in zip(*rows, strict=True) if any(column[1:])]
    return [list(row) for row in zip(*filled, strict=True)]


def _sentence(measured: MeasuredVectors, name: str) -> str:
    parts = []
    if measured.analogies is not None:
        total = measured.analogies.total
        parts.append(
            f"{_accuracy(measured.analogies)} of the {total.answered:,} analogies whose words are "
            "known"
        )
    if measured.similarity is not None:
        parts.append(
            f"similarity {_correlation(measured.similarity)} on {measured.similarity.known:,} pairs"
        )
    return f"{name}: {', '.join(parts)}."


def _warning(measured: Sequence[MeasuredVectors]) -> str:
    """Say so where the baseline, last, beats the model's vectors of the same words, before it."""
    if len(measured) < 2:
        return ""
    ours, baseline = measured[-2:]
    if ours.analogies is not None and baseline.analogies is not None:
        least, most = baseline.analogies.total.interval[0], ours.analogies.total.interval[1]
        if baseline.analogies.total.answered and least > most:
            return (
                " Counting beats training here, as it does where there is little text: give more "
                "text, or more --vectors.epochs."
            )
    return ""


def _accuracy(scores: AnalogyScores) -> str:
    total = scores.total
    if total.accuracy is None:
        return "-"
    low, high = total.interval
    return f"{total.accuracy:.1%} ({low:.1%} to {high:.1%})"


def _correlation(scores: SimilarityScores) -> str:
    if scores.spearman is None:
        return "-"
    if scores.spearman_interval is None:
        return f"{scores.spearman:.3f}"
    low, high = scores.spearman_interval
    return f"{scores.spearman:.3f} ({low:.3f} to {high:.3f})"


def _measured_sections(measured: Sequence[MeasuredVectors]) -> Iterator[str]:
    if not measured:
        return
    yield "## Measured"
    yield format_table(measured_rows(measured), markdown=True)
    yield (
        "Analogies: the share of right answers among the questions whose four words are known; "
        "similarity: Spearman's rank correlation with the scores of people. In brackets: 95% "
        "intervals. PPMI-SVD counts neighbours and reduces them (Levy and Goldberg 2014), for the "
        "most frequent words alone: compare it with the row of the model's vectors of the same "
        "words, which face the same questions."
    )
    model = measured[0]
    if model.analogies is not None:
        yield "### Analogies by section"
        yield format_table(_safe(model.analogies.rows()), markdown=True)
    if model.similarity is not None:
        yield "### Similarity"
        yield format_table(_safe(model.similarity.rows()), markdown=True)
        if model.similarity.unknown:
            yield f"Unknown: {inline(', '.join(model.similarity.unknown))}."


def _neighbour_rows(vectors: WordVectors) -> Iterator[list[str]]:
    yield ["word", "neighbours"]
    for word, nearest in frequent_neighbours(vectors):
        yield [
            inline(word),
            ", ".join(f"{inline(each.word)} {each.score:.2f}" for each in nearest),
        ]


def _text_rows(text: Mapping[str, Any]) -> Iterator[list[str]]:
    yield ["", ""]
    yield ["lines with a token", f"{text['lines']:,}"]
    yield ["tokens", f"{text['tokens']:,}"]
    yield ["distinct", f"{text['distinct']:,}"]
    yield ["with a vector", f"{text['vocabulary']:,}"]
    yield ["share of the tokens with a vector", f"{text['covered']:.2%}"]


def _phrase_sections(rounds: Sequence[PhraseRound]) -> Iterator[str]:
    for number, found in enumerate(rounds, start=1):
        yield f"## Phrases, round {number}"
        passing = "1 pair passes" if found.phrases == 1 else f"{found.phrases:,} pairs pass"
        yield f"{passing} the threshold. The most frequent:"
        rows = [[inline(phrase), f"{count:,}"] for phrase, count in found.frequent]
        yield format_table([["phrase", "times"], *rows], markdown=True)


def _safe(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [[inline(cell) for cell in row] for row in rows]
