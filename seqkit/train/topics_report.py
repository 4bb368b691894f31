"""The report of topics for a person: Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from seqkit.train.costs import size_text
from seqkit.train.evaluation import format_table
from seqkit.train.markdown import inline, p_value, write_sections
from seqkit.vectors.topic_scores import TopicScores
from seqkit.vectors.topics import TopicModel

__all__ = ["MeasuredTopics", "topic_rows", "topics_headline", "write_topics_report"]

_WORDS = 10  # of a topic
_EMPTY = 0.001  # share of a topic that tells nothing


@dataclass(frozen=True, eq=False)
class MeasuredTopics:
    """What was measured of topics."""

    model: TopicScores
    """On the documents that were held out; the bound."""
    unigram: TopicScores
    coherence: npt.NDArray[np.float64]
    """(K,) NPMI of the likeliest words of each topic, in the training documents."""
    shares: npt.NDArray[np.float64]
    """(K,) of the training tokens; they weigh the mean, in which a topic of nothing counts
    nothing."""
    frequent: float
    """The same of the most frequent words, which are no topic."""
    seed: int = 0
    """Of the intervals."""

    @property
    def npmi(self) -> float:
        """The mean of the coherence by the shares of the topics."""
        return float(np.average(self.coherence, weights=self.shares))

    @property
    def empty(self) -> int:
        """How many topics have less than a thousandth of the tokens."""
        return int((self.shares < _EMPTY).sum())

    def metrics(self) -> dict[str, Any]:
        """Return the figures, ready for JSON."""
        return {
            "test": self.model.metrics(seed=self.seed),
            "coherence": {
                "npmi": self.npmi,
                "topics": self.coherence.tolist(),
                "frequent_words": self.frequent,
            },
        }


def write_topics_report(
    folder: Path,
    *,
    model: TopicModel,
    measured: MeasuredTopics,
    typical: Sequence[Sequence[tuple[str, float]]],
    text: Mapping[str, Any],
    seconds: Mapping[str, float],
    disk: int,
    memory: int | None,
    notes: Sequence[str] = (),
    warnings: Sequence[str] = (),
) -> None:
    """Write `report.md` into the folder of a run.

    Args:
        folder: of the run.
        model: what was trained.
        measured: its figures and those of the baseline.
        typical: of each topic the documents with the largest share of it, and that share.
        text: what it was trained on, by the names of the recipe's metrics.
        seconds: of each step of the run.
        disk: bytes of the model's files.
        memory: the most bytes that the process held, None where that is not known.
        notes: facts of the run, a sentence each.
        warnings: what to know before trusting the figures.
    """
    sections = [
        "# Topics: report",
        topics_headline(model, measured, text),
        *[f"**Before you trust this:** {inline(line)}." for line in warnings],
        *[f"- {note}" for note in notes],
        "## The topics",
        format_table(topic_rows(model, measured, safe=True), markdown=True),
        "Share: of the training tokens. NPMI: whether the words come in the same training "
        "documents more often than chance would have it, from -1 to 1; their mean by "
        f"share is {measured.npmi:.3f}, that of the most frequent words, which are no topic, "
        f"{measured.frequent:.3f}.",
        "## Topic by topic",
        *_topic_sections(model, typical),
        "## On documents that were held out",
        format_table([*_held_out_rows(measured)], markdown=True),
        "Perplexity of the words of the vocabulary alone, others are passed over; that of the "
        "topics is a bound, the true one is no higher (Hoffman et al. 2010). In brackets: 95% "
        "intervals over the documents. The unigram model knows how frequent each word is, and "
        "nothing of the document.",
        "## The text",
        format_table([*_text_rows(text)], markdown=True),
        "## Time and memory",
        format_table(
            [["step", "seconds"], *([step, f"{took:.2f}"] for step, took in seconds.items())],
            markdown=True,
        ),
        f"The model takes {size_text(disk)} on disk"
        + (f"; the process held {size_text(memory)} at most." if memory else "."),
    ]
    write_sections(folder / "report.md", sections)


def topics_headline(model: TopicModel, measured: MeasuredTopics, text: Mapping[str, Any]) -> str:
    """Say how many topics of how many documents, and whether they foretell others."""
    gap = measured.model.against(measured.unigram, seed=measured.seed)
    said = (
        f"{len(model)} topics of {text['with_words']:,} documents and {text['vocabulary']:,} words."
        f" Perplexity of {text['test_with_words']:,} held-out documents: at most "
        f"{_figure(measured.model, measured.seed)}; of word frequencies alone "
        f"{_figure(measured.unigram, measured.seed)}, p {p_value(gap.p)}."
        f" Coherence (NPMI) {measured.npmi:.3f}."
    )
    if measured.empty:
        said += (
            f" {measured.empty} of the topics have next to no tokens and tell nothing: fewer "
            "--lda.topics would do."
        )
    if gap.difference >= 0:
        said += (
            " The bound does not show that topics foretell documents better than frequencies do: "
            "give longer or more documents, fewer --lda.topics, or a larger --lda.eta."
        )
    return said


def topic_rows(
    model: TopicModel, measured: MeasuredTopics, *, safe: bool = False
) -> list[list[str]]:
    """Return a table of the topics; `safe` for Markdown."""
    rows = [["topic", "share", "NPMI", "likeliest words"]]
    for topic, npmi in zip(model.topics(_WORDS), measured.coherence.tolist(), strict=True):
        words = " ".join(inline(word) if safe else word for word, _ in topic.words)
        rows.append([str(topic.number), f"{topic.share:.1%}", f"{npmi:.2f}", words])
    return rows


def _topic_sections(
    model: TopicModel, typical: Sequence[Sequence[tuple[str, float]]]
) -> Iterator[str]:
    for topic, found in zip(model.topics(_WORDS), typical, strict=True):
        yield f"### Topic {topic.number}"
        yield ", ".join(f"{inline(word)} {weight:.3f}" for word, weight in topic.words)
        rows = [[f"{share:.0%}", inline(document)] for document, share in found]
        heading = ["share", "documents with the largest share of it"]
        yield format_table([heading, *rows], markdown=True)


def _held_out_rows(measured: MeasuredTopics) -> Iterator[list[str]]:
    yield ["", "perplexity", "tokens", "documents"]
    for each in (measured.model, measured.unigram):
        name = f"{each.name}, at most" if each is measured.model else each.name
        tokens = int(each.tokens.sum())
        yield [name, _figure(each, measured.seed), f"{tokens:,}", f"{len(each.tokens):,}"]


def _figure(scores: TopicScores, seed: int) -> str:
    low, high = scores.interval(seed=seed)
    return f"{scores.perplexity:,.1f} ({low:,.1f} to {high:,.1f})"


def _text_rows(text: Mapping[str, Any]) -> Iterator[list[str]]:
    yield ["", ""]
    yield ["documents to train on", f"{text['documents']:,}"]
    yield ["of them with a word of the vocabulary", f"{text['with_words']:,}"]
    yield ["held-out documents", f"{text['test_documents']:,}"]
    yield ["of them with a word of the vocabulary", f"{text['test_with_words']:,}"]
    yield ["tokens to train on", f"{text['tokens']:,}"]
    yield ["distinct, held-out ones too", f"{text['distinct']:,}"]
    yield ["words of the vocabulary", f"{text['vocabulary']:,}"]
    yield ["their share of the tokens", f"{text['covered']:.2%}"]
