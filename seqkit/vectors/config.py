"""The options of training word vectors."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from seqkit.errors import ConfigError, choices

__all__ = ["VectorsConfig", "unused_training_options"]

Method = Literal["word2vec", "fasttext"]
Architecture = Literal["skipgram", "cbow"]
Objective = Literal["negative", "hierarchical"]
Scoring = Literal["default", "npmi"]

_CHOICES = {
    "method": get_args(Method),
    "architecture": get_args(Architecture),
    "objective": get_args(Objective),
    "phrase_scoring": get_args(Scoring),
}
_LEAST = {
    **{"negatives": 1, "dim": 1, "window": 1, "min_count": 1, "max_vocab": 1, "epochs": 1},
    **{"workers": 1, "minn": 1, "maxn": 1, "buckets": 1, "phrases": 0, "phrase_min_count": 1},
}
_MOST_BUCKETS = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class VectorsConfig:
    """How word vectors are trained."""

    method: Method = "word2vec"
    """word2vec, or fasttext: a word is the mean of itself and its character n-grams, so that words
    which training did not see have vectors too."""
    architecture: Architecture = "skipgram"
    """skipgram predicts each neighbour from a word, cbow a word from all its neighbours: several
    times faster, and often a little worse."""
    objective: Objective = "negative"
    """negative sampling, or hierarchical softmax over a Huffman tree."""
    negatives: int = 5
    """negative: words drawn for each one predicted."""
    ns_exponent: float = 0.75
    """negative: they are drawn by frequency to this power."""
    dim: int = 100
    """Numbers in a vector."""
    window: int = 5
    """Neighbours on each side at most; how many is drawn anew for each word."""
    min_count: int = 5
    """Words that come less often get no vector."""
    max_vocab: int | None = None
    """Only so many of the most frequent words get one."""
    sample: float = 1e-3
    """Of words more frequent than this, some are skipped; 0 skips none."""
    epochs: int = 5
    """Passes over the text."""
    lr: float = 0.025
    """Learning rate at the start."""
    min_lr: float = 1e-4
    """And at the end; it falls linearly."""
    workers: int | None = None
    """Threads; None is one for each processor. A small text is trained by fewer."""
    deterministic: bool = False
    """Train in one thread: the same text, options and seed give the same vectors, to the bit."""
    minn: int = 3
    """fasttext: characters of the shortest n-gram; the marks of a word's ends count."""
    maxn: int = 6
    """fasttext: characters of the longest."""
    buckets: int = 2_000_000
    """fasttext: rows that n-grams are hashed to, 4 * dim bytes each."""
    phrases: int = 0
    """Rounds of joining words that come together, as in new_york; two make phrases of up to four
    words."""
    phrase_threshold: float | None = None
    """Score from which a pair is joined; None is 10 for default, 0.5 for npmi, which ends at 1."""
    phrase_min_count: int = 5
    """Pairs that come less often are not joined."""
    phrase_scoring: Scoring = "default"
    """default (Mikolov et al. 2013), or npmi, which does not favour rare words."""

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            ConfigError: an unknown name, or a value out of range.
        """
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise ConfigError(choices(f"vectors.{name}", getattr(self, name), allowed))
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if value is not None and value < least:
                raise ConfigError(f"vectors.{name} {value}: must be {least} or more")
        if not 0 <= self.sample < 1:
            raise ConfigError(f"vectors.sample {self.sample}: must lie in [0, 1)")
        if not 0 < self.lr <= 1:
            raise ConfigError(f"vectors.lr {self.lr}: must lie in (0, 1]")
        if not 0 < self.min_lr <= self.lr:
            raise ConfigError(f"vectors.min_lr {self.min_lr}: must lie in (0, lr {self.lr}]")
        if self.maxn < self.minn:
            raise ConfigError(f"vectors.maxn {self.maxn}: must be minn {self.minn} or more")
        if self.buckets > _MOST_BUCKETS:
            raise ConfigError(f"vectors.buckets {self.buckets}: must be {_MOST_BUCKETS} or less")
        if self.phrase_scoring == "npmi" and not -1 <= (self.phrase_threshold or 0.0) <= 1:
            raise ConfigError(
                f"vectors.phrase_threshold {self.phrase_threshold}: npmi lies in [-1, 1]"
            )
        if self.phrase_scoring == "default" and (self.phrase_threshold or 1.0) <= 0:
            raise ConfigError(
                f"vectors.phrase_threshold {self.phrase_threshold}: must be more than 0"
            )
        if self.deterministic and (self.workers or 1) > 1:
            raise ConfigError(
                f"vectors.workers {self.workers} with vectors.deterministic: threads do not take "
                "turns the same way twice: give one of the two"
            )


def unused_training_options(config: VectorsConfig) -> Iterator[tuple[str, str]]:
    """Yield the options `vectors.*` that this configuration does not use, and why."""
    if config.objective != "negative":
        for name in ("negatives", "ns_exponent"):
            yield f"vectors.{name}", "without --vectors.objective negative"
    if config.method != "fasttext":
        for name in ("minn", "maxn", "buckets"):
            yield f"vectors.{name}", "without --vectors.method fasttext"
    if not config.phrases:
        for name in ("phrase_threshold", "phrase_min_count", "phrase_scoring"):
            yield f"vectors.{name}", "without --vectors.phrases"
