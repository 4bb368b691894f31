"""Ask again with the words of the best documents: pseudo-relevance feedback."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqkit.errors import ConfigError
from seqkit.search.query import Bool, Query, Term, Words

if TYPE_CHECKING:
    from seqkit.search.index import SearchIndex
    from seqkit.search.scorers import Scorer

__all__ = ["RM3"]


@dataclass(frozen=True, kw_only=True)
class RM3:
    """Mix a query with the relevance model of the documents that it finds first.

    The relevance model RM1 (Lavrenko and Croft 2001, eq. 9) gives a term w the probability
    sum over documents D of P(w | D) P(D | query), where P(w | D) is tf / length and P(D | query)
    the share of the score of D in the sum of their scores. RM3 (Abdul-Jaleel et al. 2004) keeps the
    best terms, scaled to sum to 1, and adds them to those of the query:
    weight * P(w | query) + (1 - weight) * P(w | RM1).

    Best are the terms with most of P(w | RM1) log(P(w | RM1) / P(w | collection)), so that words
    which are frequent everywhere are not among them, in an index without stop words as well.
    """

    documents: int = 10
    """How many of the first documents are believed."""
    terms: int = 10
    """How many of their terms are taken."""
    weight: float = 0.5
    """What share the query itself keeps, between 0 and 1."""

    def __post_init__(self) -> None:
        """Check the options.

        Raises:
            ConfigError: a number below 1, or a weight outside [0, 1].
        """
        for name in ("documents", "terms"):
            if getattr(self, name) < 1:
                raise ConfigError(f"RM3: {name} {getattr(self, name)}: must be 1 or more")
        if not 0 <= self.weight <= 1:
            raise ConfigError(f"RM3: weight {self.weight}: expected between 0 and 1")

    def expand(self, index: "SearchIndex", text: str, *, scorer: "Scorer | None" = None) -> Query:
        """Return the query that asks for the terms of a plain text and for those found with them.

        A term is written as a word that stood in the texts, so the analysis of the index makes the
        same of it again.

        Args:
            index: one that stores its texts.
            text: plain text, without syntax.
            scorer: finds the first documents.

        Raises:
            ConfigError: the index does not store texts.
        """
        if not index.config.store:
            raise ConfigError(
                f"{index.folder}: feedback reads the texts of documents, which this index does not "
                "store: create it with store=True"
            )
        found = [
            (max(hit.score, 0.0), [hit.fields.get(name, "") for name in index.config.fields])
            for hit in index.search(Words(text), k=self.documents, scorer=scorer)
        ]
        surfaces: dict[str, str] = {}
        asked = _shares(_count(index, [text], surfaces))
        total = math.fsum(score for score, _ in found)
        model: Counter[str] = Counter()
        for score, texts in found:
            believed = score / total if total > 0 else 1 / len(found)
            for term, share in _shares(_count(index, texts, surfaces)).items():
                model[term] += believed * share  # type: ignore[assignment]
        weights = {term: self.weight * share for term, share in asked.items()}
        for term, share in self._best(index, model).items():
            weights[term] = weights.get(term, 0) + (1 - self.weight) * share
        if not found or not weights:
            return Words(text)
        ordered = sorted(weights, key=lambda term: (-weights[term], term))
        return Bool(
            should=tuple(Term(surfaces[t], boost=weights[t]) for t in ordered if weights[t] > 0)
        )

    def _best(self, index: "SearchIndex", model: Mapping[str, float]) -> dict[str, float]:
        """Return the terms that tell most, with probabilities that sum to 1."""
        statistics = index.statistics(model)
        gains = {}
        for (term, share), cf in zip(model.items(), statistics.cf, strict=True):
            gains[term] = share * math.log(share * statistics.total_length / max(cf, 1))
        best = sorted(gains, key=lambda term: (-gains[term], term))[: self.terms]
        return _shares({term: model[term] for term in best})


def _count(index: "SearchIndex", texts: Iterable[str], surfaces: dict[str, str]) -> Counter[str]:
    """Count terms, and note for each new one a word that becomes it."""
    counts: Counter[str] = Counter()
    for text in texts:
        before = 0
        for term, start, end in index.analyzer.spans(text):
            if term is not None and end > before:  # else the end of a pair of characters
                counts[term] += 1
                surfaces.setdefault(term, text[start:end])
            before = end
    return counts


def _shares(counts: Mapping[str, float]) -> dict[str, float]:
    total = math.fsum(counts.values())
    return {term: count / total for term, count in counts.items()}
