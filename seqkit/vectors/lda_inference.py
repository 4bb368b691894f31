"""What a document is about, by a topic model that is trained: variational inference, in numpy.

Blei, Ng and Jordan, Latent Dirichlet allocation, JMLR 2003; Hoffman, Blei and Bach, Online learning
for latent Dirichlet allocation, NIPS 2010.
"""

import math
from functools import cached_property

import numpy as np
import numpy.typing as npt

__all__ = ["LdaInference", "digamma"]

_ITERATIONS = 100
_THRESHOLD = 1e-3  # mean change of gamma, in words, below which it has settled
_LEAST = 1e-30  # of a word that no topic knows: nothing is divided by 0
_BLOCK = 4096  # words whose expectations are computed at a time
_UP = np.arange(6.0)


class LdaInference:
    """The posterior of the topics of a document, given its bag of words."""

    def __init__(
        self,
        parameters: npt.NDArray[np.float32],
        alpha: npt.NDArray[np.float64],
        *,
        iterations: int = _ITERATIONS,
        threshold: float = _THRESHOLD,
    ) -> None:
        """Take a trained model.

        Args:
            parameters: (V, K), of the Dirichlet posterior of each topic over the words: lambda.
            alpha: (K,), of the Dirichlet prior of a document over the topics.
            iterations: of one document at most.
            threshold: mean change of gamma below which no more are made.
        """
        self.parameters, self.alpha = parameters, alpha
        self.iterations, self.threshold = iterations, threshold
        self.totals = parameters.sum(axis=0, dtype=np.float64)  # (K,)

    @cached_property
    def _weights(self) -> npt.NDArray[np.float32]:
        """exp E[log beta], (V, K)."""
        weights = np.empty(self.parameters.shape, np.float32)
        total = digamma(self.totals)
        for start in range(0, len(weights), _BLOCK):
            part = np.asarray(self.parameters[start : start + _BLOCK], np.float64)
            weights[start : start + _BLOCK] = np.exp(digamma(part) - total)
        return weights

    def gamma(
        self, ids: npt.NDArray[np.integer], counts: npt.NDArray[np.integer]
    ) -> npt.NDArray[np.float64]:
        """Return the Dirichlet posterior of one document over the topics, (K,).

        Coordinate ascent (Hoffman et al., algorithm 2, lines 5 to 9) from the same start for every
        document: the result depends on nothing but the bag. gamma / gamma.sum() are the shares of
        the topics; an empty bag has those of the prior.

        Args:
            ids: (n,) distinct words.
            counts: (n,) how often each is there.
        """
        if not len(ids):
            return self.alpha.copy()
        weights = self._weights[ids].astype(np.float64)  # (n, K)
        gamma = np.ones(len(self.alpha))
        for _ in range(self.iterations):
            theta = np.exp(digamma(gamma))  # exp E[log theta] but for a factor that cancels, (K,)
            norms = weights @ theta + _LEAST  # (n,)
            before, gamma = gamma, self.alpha + theta * ((counts / norms) @ weights)
            if np.abs(gamma - before).mean() < self.threshold:
                break
        return gamma

    def bound(
        self,
        ids: npt.NDArray[np.integer],
        counts: npt.NDArray[np.integer],
        gamma: npt.NDArray[np.float64],
    ) -> float:
        """Return a lower bound of the log-likelihood of a document, in nats.

        E_q[log p(words, theta, z | alpha, beta)] - E_q[log q(theta, z)] (Hoffman et al., equation
        1), with each topic at the mean of its posterior, beta = lambda / its sum, and the best z
        for this gamma. So exp(-sum of bounds / tokens) is no lower than the perplexity.
        """
        alpha = self.alpha
        logs = digamma(gamma) - digamma(gamma.sum())  # E[log theta], (K,)
        beta = self.parameters[ids] / self.totals  # (n, K)
        words = float(counts @ np.log(beta @ np.exp(logs) + _LEAST))
        prior = math.lgamma(alpha.sum()) - sum(map(math.lgamma, alpha.tolist()))
        posterior = math.lgamma(gamma.sum()) - sum(map(math.lgamma, gamma.tolist()))
        return words + prior - posterior + float((alpha - gamma) @ logs)


def digamma(x: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the derivative of log Gamma of positive numbers, to about 12 digits.

    The recurrence lifts each number by 6 (Abramowitz and Stegun 6.3.5), where the asymptotic series
    6.3.18 holds.

    >>> print(f"{digamma(1.0):.9f}")  # - Euler's constant
    -0.577215665
    """
    x = np.asarray(x, np.float64)
    lifted = x + 6.0
    inverse = 1.0 / (lifted * lifted)
    series = inverse * (
        1 / 12
        - inverse * (1 / 120 - inverse * (1 / 252 - inverse * (1 / 240 - inverse * (1 / 132))))
    )
    steps = (1.0 / (x[..., None] + _UP)).sum(axis=-1)
    return np.log(lifted) - 0.5 / lifted - series - steps
