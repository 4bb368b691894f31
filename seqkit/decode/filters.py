"""Which tokens may follow, and with what weight: repetition penalty, banned ids, top-k, nucleus."""

from collections.abc import Iterable, Sequence

import torch

__all__ = ["RepetitionPenalty", "forbid", "nucleus", "top_k"]

_ONE = 0x3F800000  # the bits of 1.0
_LARGEST = 0x7FFFFFFF  # of int32
_SHIFT = 19  # drops the last 19 of the 23 bits of a fraction: 16 bins from 0.5 to 1
_BINS = (_ONE >> _SHIFT) + 1


class RepetitionPenalty:
    """Makes each token that a sequence holds already less likely (Keskar et al. 2019, section 4.1).

    A log-probability is never above 0, so it is multiplied by the penalty, whatever the number of
    times that the token came. Those of the prompt count.
    """

    def __init__(
        self,
        penalty: float,
        prompts: Iterable[Sequence[int]],
        *,
        vocabulary: int,
        spared: Sequence[int] = (),
        device: torch.device | None = None,
    ) -> None:
        """Take the tokens of the prompts, one for each of B rows.

        Args:
            penalty: 1 or more.
            prompts: ids.
            vocabulary: V.
            spared: ids that may come again and again, such as a line break.
            device: where the log-probabilities will lie.
        """
        self.penalty = penalty
        self.spared = torch.tensor(list(spared), dtype=torch.long, device=device)
        rows = [list(set(prompt)) for prompt in prompts]
        self.factors = torch.ones(len(rows), vocabulary, device=device)  # (B, V)
        for row, ids in enumerate(rows):
            self.factors[row, torch.tensor(ids, dtype=torch.long, device=device)] = penalty
        self.factors.index_fill_(1, self.spared, 1.0)

    def __call__(self, log_probs: torch.Tensor, rows: torch.Tensor | None = None) -> torch.Tensor:
        """Return the penalised log-probabilities (B, V), or (B', V) of some rows."""
        return log_probs * (self.factors if rows is None else self.factors[rows])

    def add(self, tokens: torch.Tensor) -> None:
        """Count the tokens (B,) int64 that each row was fed."""
        self.factors.scatter_(1, tokens[:, None], self.penalty)
        self.factors.index_fill_(1, self.spared, 1.0)

    def select(self, rows: torch.Tensor) -> None:
        """Go on with these rows, (B',) int64, in that order."""
        self.factors = self.factors[rows]


def forbid(log_probs: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    """Return a copy of the log-probabilities (B, V) with those of `ids` (K,) int64 at -inf."""
    return log_probs.index_fill(1, ids, -torch.inf)


def top_k(scores: torch.Tensor, k: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Keep the k likeliest tokens.

    Args:
        scores: (B, V) log-probabilities, normalised or not.
        k: 1 or more; all of V where there are fewer.

    Returns:
        Their probabilities (B, k), renormalised, falling, and their ids (B, k) int64.

    >>> top_k(torch.tensor([[0.1, 0.3, 0.6]]).log(), 2)
    (tensor([[0.6667, 0.3333]]), tensor([[2, 1]]))
    """
    kept, ids = scores.topk(min(k, scores.shape[1]), dim=-1)
    return kept.softmax(-1), ids


def nucleus(weights: torch.Tensor, mass: float) -> torch.Tensor:
    """Keep the fewest tokens whose probabilities reach `mass` (Holtzman et al. 2020, section 3.1).

    Sorting 10,000 words would take longer than all the rest. So the probabilities go into bins a
    few percent wide, and only those of the bin in which the mass is reached are sorted. (The bits
    of a float that is not negative, read as an integer, are in the order of the floats.)

    Args:
        weights: (B, V) float32 probabilities, each row summing to 1.
        mass: in (0, 1].

    Returns:
        The weights (B, V), not renormalised, 0 outside the nucleus; of equal ones the first stay.

    >>> nucleus(torch.tensor([[0.125, 0.25, 0.625]]), 0.75)
    tensor([[0.0000, 0.2500, 0.6250]])
    """
    codes = weights.view(torch.int32)
    bins = (codes >> _SHIFT).clamp_(0, _BINS - 1)  # (B, V), likely ones high; clamped for NaN
    sums = weights.new_zeros(len(bins), _BINS).scatter_add_(1, bins.long(), weights)
    reached = sums.flip(1).cumsum(1)  # by the first bins, the likeliest
    count = (reached < mass).sum(1, keepdim=True).clamp_(max=_BINS - 1)  # (B, 1), that fall short
    edge = (_BINS - 1 - count).int()
    rows, places = (bins == edge).nonzero(as_tuple=True)  # (N,), the few to sort
    order = (rows << 32 | _LARGEST - codes[rows, places]).argsort(stable=True)
    rows, places = rows[order], places[order]
    tokens = weights[rows, places].double()
    before = tokens.cumsum(0) - tokens
    before -= before[torch.searchsorted(rows, rows)]  # what comes before it in its own row
    before += torch.nn.functional.pad(reached, (1, 0)).gather(1, count)[rows, 0]
    kept = edge - 1 - bins  # negative, and after the shift all ones, where the bin is high enough
    kept >>= 31
    kept &= codes  # bits, for to choose by bool takes several times as long
    kept = kept.view(torch.float32)
    outside = before >= mass
    kept[rows[outside], places[outside]] = 0
    return kept
