"""Edit distance, and the error rates made of it: of words, phones, characters, whole sequences."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seqkit.errors import DataError
from seqkit.metrics.corpus import CorpusFigure
from seqkit.metrics.proportions import wilson

__all__ = ["ErrorRate", "edit_distance", "error_rate"]


def edit_distance(a: Sequence[Hashable], b: Sequence[Hashable]) -> int:
    """Return the fewest insertions, deletions and substitutions that turn a into b.

    Levenshtein 1966, found by the bit-vectors of Myers 1999 in the form of Hyyrö 2003: a column of
    the table of distances is two whole numbers, with a bit where a cell is one more, or one less,
    than the cell above.

    >>> edit_distance("kitten", "sitting"), edit_distance(["P", "R", "OW"], ["P", "R"])
    (3, 1)
    """
    if not a or not b:
        return len(a) + len(b)
    places: dict[Hashable, int] = {}
    for row, token in enumerate(a):
        places[token] = places.get(token, 0) | 1 << row
    every, last = (1 << len(a)) - 1, 1 << (len(a) - 1)
    more, less, distance = every, 0, len(a)
    for token in b:
        equal = places.get(token, 0)
        diagonal = (((equal & more) + more) ^ more) | equal | less
        rises = less | ~(diagonal | more) & every  # the cell is one more than its left neighbour
        falls = more & diagonal
        distance += bool(rises & last) - bool(falls & last)
        rises, falls = rises << 1 | 1, falls << 1
        vertical = equal | less
        more, less = (falls | ~(vertical | rises)) & every, rises & vertical & every
    return distance


@dataclass(frozen=True, eq=False)
class ErrorRate:
    """How far N sequences are from their references, the nearest of each counting."""

    edits: npt.NDArray[np.int64]
    """(N,) edits to the nearest reference."""
    tokens: npt.NDArray[np.int64]
    """(N,) tokens of that reference."""
    nearest: npt.NDArray[np.int64]
    """(N,) its index."""

    @property
    def sequence(self) -> float:
        """Share of the sequences that equal none of their references (the WER of g2p)."""
        return self.sequence_figure.value

    @property
    def token(self) -> float:
        """Edits for each token of the references: PER of phones, WER of the words of texts."""
        return self.token_figure.value

    @property
    def sequence_figure(self) -> CorpusFigure:
        """`sequence` with what each one adds, to be compared with that of another system."""
        wrong = (self.edits > 0).astype(np.int64)
        return CorpusFigure(np.stack([wrong, np.ones_like(wrong)], 1), _ratio)

    @property
    def token_figure(self) -> CorpusFigure:
        """`token` with what each sequence adds."""
        return CorpusFigure(np.stack([self.edits, self.tokens], 1), _ratio)

    def intervals(
        self, *, samples: int = 1000, level: float = 0.95, seed: int = 0
    ) -> dict[str, tuple[float, float]]:
        """Return the intervals of `sequence` and `token`, bootstrapped over sequences.

        No resample shows errors that are not there. Where none, or all, of the sequences are wrong
        that of `sequence` is Wilson's; without any error that of `token` goes up to what it would
        be with one edit in each of as many sequences as Wilson's interval allows.

        Raises:
            ConfigError: fewer than one sample, level outside (0, 1).
        """
        figures = {"sequence": self.sequence_figure, "token": self.token_figure}
        found = {
            name: figure.interval(samples=samples, level=level, seed=seed)
            for name, figure in figures.items()
        }
        count, wrong = len(self.edits), int((self.edits > 0).sum())
        if wrong in (0, count):
            found["sequence"] = wilson(wrong, count, level=level)
        if not wrong:
            found["token"] = 0.0, found["sequence"][1] * count / int(self.tokens.sum())
        return found


def error_rate(
    hypotheses: Sequence[Sequence[Hashable]],
    references: Sequence[Sequence[Sequence[Hashable]]],
) -> ErrorRate:
    """Compare sequences of tokens with their references.

    Args:
        hypotheses: N sequences of tokens.
        references: for each of them its alternatives, one or more. The one with the fewest edits
            counts; of equally near ones, the first.

    Raises:
        DataError: nothing to compare, lengths that differ, a sequence without a reference, or
            references without one token.

    >>> rate = error_rate(["abc", "xy"], [["abd", "abc"], ["xyz"]])
    >>> rate.sequence, round(rate.token, 3)
    (0.5, 0.167)
    """
    if len(hypotheses) != len(references) or not len(hypotheses):
        raise DataError(
            f"error_rate: {len(hypotheses)} hypotheses, references of {len(references)}: expected "
            "as many, one or more"
        )
    rows = []
    for number, (hypothesis, alternatives) in enumerate(zip(hypotheses, references, strict=True)):
        if not alternatives:
            raise DataError(f"error_rate: sequence {number} has no reference, expected one or more")
        distances = [edit_distance(reference, hypothesis) for reference in alternatives]
        best = distances.index(min(distances))
        rows.append((distances[best], len(alternatives[best]), best))
    edits, tokens, nearest = np.array(rows, np.int64).T
    if not tokens.sum():
        raise DataError("error_rate: no token in any reference, expected one or more")
    return ErrorRate(edits, tokens, nearest)


def _ratio(sums: npt.NDArray[np.number]) -> npt.NDArray[np.float64]:
    """Divide the first of two sums by the second; a resample without a token has no errors."""
    return sums[:, 0] / np.maximum(sums[:, 1], 1)
