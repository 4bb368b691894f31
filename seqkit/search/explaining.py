"""Why a document has its score: what each clause of a query adds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqkit.search.contributions import SCALE, contribution
from seqkit.search.live import Snapshot
from seqkit.search.prepared import prepare
from seqkit.search.ranking import Clause, Weighed, weigh
from seqkit.search.scorers import Scorer

__all__ = ["Explanation", "Share", "explain"]


@dataclass(frozen=True)
class Share:
    """What one clause adds to the score of a document."""

    name: str
    """The term, or how the caller names the clause."""
    boost: float
    df: int
    """Live documents with it."""
    cf: int
    """How often it is in them."""
    weight: float
    """What a tf is multiplied by: see the scorer."""
    tf: int
    """How often it is in this document."""
    score: float


@dataclass(frozen=True)
class Explanation:
    """The score of a document, and its shares, which sum to it."""

    score: float
    """0.0 for a document that matches nothing."""
    length: int
    """Of the document, in terms."""
    average_length: float
    documents: int
    """N, all live documents."""
    shares: tuple[Share, ...]

    def __str__(self) -> str:
        """Show it as a table.

        >>> share = Share(name="jet", boost=1.0, df=3, cf=9, weight=0.5, tf=2, score=0.25)
        >>> print(Explanation(0.25, 10, 8.0, 5, (share,)))
        0.2500  length 10 (average 8.0), 5 documents
        0.2500  jet  tf 2, weight 0.5000, df 3, cf 9
        """
        documents = "document" if self.documents == 1 else "documents"
        lines = [
            f"{self.score:.4f}  length {self.length:,} (average {self.average_length:.1f}), "
            f"{self.documents:,} {documents}"
        ]
        for share in self.shares:
            boost = "" if share.boost == 1 else f", boost {share.boost:g}"
            lines.append(
                f"{share.score:.4f}  {share.name}  tf {share.tf}, weight {share.weight:.4f}, "
                f"df {share.df:,}, cf {share.cf:,}{boost}"
            )
        return "\n".join(lines)


def explain(
    snapshot: Snapshot,
    clauses: Sequence[Clause],
    place: tuple[int, int],
    *,
    scorer: Scorer,
) -> Explanation:
    """Say what each clause adds to the score that `top_documents` gives a document.

    Args:
        snapshot: the commit.
        clauses: as there; those that no document has are left out.
        place: number of the segment, and of the document in it.
        scorer: as there.
    """
    number, doc = place
    segment = snapshot.segments[number].segment
    ready = prepare(segment, scorer, snapshot.documents, snapshot.total_length)
    norm, matched, total, shares = float(ready.norms[doc]), False, 0, []
    for each in weigh(snapshot, clauses, scorer):
        weight, slope, absent = each.factors
        tf, score = _tf(snapshot, each, place), round(absent * SCALE)
        if tf:
            score += int(contribution(scorer.form, float(weight), float(slope), float(tf), norm))
        matched |= tf > 0
        total += score
        shares.append(
            Share(
                name=each.clause.name or each.clause.term or "",
                boost=each.counts.boost,
                df=each.counts.df,
                cf=each.counts.cf,
                weight=weight,
                tf=tf,
                score=score / SCALE,
            )
        )
    return Explanation(
        score=total / SCALE if matched else 0.0,
        length=int(segment.lengths[doc]),
        average_length=snapshot.total_length / max(snapshot.documents, 1),
        documents=snapshot.documents,
        shares=tuple(shares),
    )


def _tf(snapshot: Snapshot, weighed: Weighed, place: tuple[int, int]) -> int:
    """Count how often a document has what a clause looks for."""
    number, doc = place
    if weighed.clause.matches is not None:
        docs, tfs = weighed.clause.matches[number]
    elif (term := weighed.numbers[number]) >= 0:
        docs, tfs = snapshot.segments[number].segment.postings(term)
    else:
        return 0
    at = int(np.searchsorted(docs, doc))
    return int(tfs[at]) if at < len(docs) and docs[at] == doc else 0
