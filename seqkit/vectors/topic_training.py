"""Train topics through gensim: online variational Bayes for latent Dirichlet allocation.

Hoffman, Blei and Bach, Online learning for latent Dirichlet allocation, NIPS 2010; the priors:
Wallach, Mimno and McCallum, Rethinking LDA: why priors matter, NIPS 2009.
"""

import contextlib
import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import pairwise
from multiprocessing import get_context
from types import SimpleNamespace
from typing import Any, Literal, get_args

import numpy as np

from seqkit.errors import ConfigError, DataError, choices, require
from seqkit.text import TextPipeline
from seqkit.vectors.bags import Bags
from seqkit.vectors.topics import TopicModel

__all__ = ["LdaConfig", "check_documents", "train_topics"]

logger = logging.getLogger(__name__)

Alpha = Literal["symmetric", "asymmetric", "auto"]

_FEW = 10  # updates of the topics, below which they have hardly moved
_CHUNK, _UPDATES = 2000, 5  # documents at most, updates of a pass at least
_ETA = (1e-6, 1e6)  # gensim computes in single precision
_PURPOSE = "training topics"


@dataclass(frozen=True, kw_only=True)
class LdaConfig:
    """How topics are trained."""

    topics: int = 20
    """How many."""
    passes: int = 10
    """Over the documents."""
    alpha: Alpha = "symmetric"
    """Prior of the topics of a document: symmetric, each 1 / topics; asymmetric, falling, so that
    there are a few large topics; auto, learnt."""
    eta: float = 0.5
    """Prior of the words of a topic: less makes topics of fewer words."""
    chunk: int | None = None
    """Documents between two updates of the topics; None is 2000, of less than 10,000 documents a
    fifth of them."""
    decay: float = 0.5
    """How fast updates lose weight: from 0.5 to 1 (kappa of the paper)."""
    offset: float = 1.0
    """What slows the first updates down (tau 0 of the paper)."""
    iterations: int = 50
    """Of one document at most, in each pass."""
    workers: int = 1
    """Processes. Results do not depend on them but for rounding."""

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            ConfigError: an unknown name, or a value out of range.
        """
        if self.alpha not in get_args(Alpha):
            raise ConfigError(choices("lda.alpha", self.alpha, get_args(Alpha)))
        least = {"topics": 2, "passes": 1, "chunk": 1, "iterations": 1, "workers": 1}
        for name, value in least.items():
            got = getattr(self, name)
            if got is not None and got < value:
                raise ConfigError(f"lda.{name} {got}: must be {value} or more")
        if not _ETA[0] <= self.eta <= _ETA[1]:
            raise ConfigError(f"lda.eta {self.eta}: must lie in [{_ETA[0]:g}, {_ETA[1]:g}]")
        if not 0.5 <= self.decay <= 1:
            raise ConfigError(f"lda.decay {self.decay}: must lie in [0.5, 1]")
        if self.offset <= 0:
            raise ConfigError(f"lda.offset {self.offset}: must be more than 0")


def check_documents(bags: Bags, config: LdaConfig) -> None:
    """Check that there are enough documents to train on.

    Raises:
        DataError: fewer documents than topics.
    """
    if len(bags) < config.topics:
        raise DataError(
            f"{len(bags):,} documents hold a word of the vocabulary, fewer than the "
            f"{config.topics} topics: lower --lda.topics, or give more documents"
        )


def train_topics(
    bags: Bags,
    pipeline: TextPipeline,
    config: LdaConfig = LdaConfig(),
    *,
    seed: int = 1,
    progress: Callable[[int], None] = lambda passes: None,
) -> TopicModel:
    """Train topics on bags of words; the largest topic gets the number 0.

    The same bags, options and seed give the same model, to the bit, on the same machine. A script
    that asks for several processes begins with `if __name__ == "__main__":`, for each reads it.

    Args:
        bags: the documents, none of them empty, over the words of the vocabulary.
        pipeline: what makes a text of such words; kept with the model.
        config: the options.
        seed: of the first topics and of where each document begins.
        progress: called for each document that was read, with the number of the pass, from 1.

    Raises:
        ConfigError: gensim is not installed.
        DataError: fewer documents than topics.
    """
    gensim = require("gensim", extra="vectors", purpose=_PURPOSE)
    lda = require("gensim.models.ldamodel", extra="vectors", purpose=_PURPOSE)
    check_documents(bags, config)
    chunk = config.chunk or min(_CHUNK, -(-len(bags) // _UPDATES))
    updates = -(-len(bags) // chunk) * config.passes
    if updates < _FEW:
        logger.warning(
            "the topics are updated %d times, which is little: raise --lda.passes, or lower "
            "--lda.chunk",
            updates,
        )
    with _silence("gensim.models.ldamodel"), contextlib.ExitStack() as stack:
        model = lda.LdaModel(
            num_topics=config.topics,
            id2word=dict(enumerate(bags.words)),
            chunksize=chunk,
            passes=config.passes,
            alpha=config.alpha,
            eta=config.eta,
            decay=config.decay,
            offset=config.offset,
            eval_every=None,
            iterations=config.iterations,
            random_state=seed,
        )
        if config.workers > 1:
            pool = stack.enter_context(
                ProcessPoolExecutor(config.workers, get_context("spawn"), _ignore_interrupts)
            )
            model.do_estep = _ParallelStep(model, pool, config.workers)
        model.update(_Corpus(bags, progress))
    table = model.state.get_lambda().astype(np.float32)  # (K, V)
    order = np.argsort(-table.sum(axis=1, dtype=np.float64), kind="stable")
    facts = {**asdict(config), "chunk": chunk, "seed": seed, "documents": len(bags)}
    return TopicModel(
        np.ascontiguousarray(table[order].T),
        pipeline,
        alpha=model.alpha[order],
        eta=config.eta,
        facts={**facts, "gensim": gensim.__version__},
    )


class _Corpus:
    """The bags as gensim reads them, once in each pass."""

    def __init__(self, bags: Bags, progress: Callable[[int], None]) -> None:
        self.bags, self.progress, self.passes = bags, progress, 0

    def __len__(self) -> int:
        return len(self.bags)

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        self.passes += 1
        for ids, counts in self.bags:
            yield [*zip(ids.tolist(), counts.tolist(), strict=True)]
            self.progress(self.passes)


class _ParallelStep:
    """gensim's E-step, the documents of a chunk dealt to processes.

    gensim's own LdaMulticore adds up what comes first, so that no two runs are the same, cannot
    learn alpha, and waits forever after a Ctrl-C.
    """

    def __init__(self, model: Any, pool: ProcessPoolExecutor, workers: int) -> None:
        self.model, self.pool, self.workers = model, pool, workers

    def __call__(self, chunk: Sequence[Any], state: Any) -> Any:
        """Add the statistics of a chunk to `state`; returns gamma, (len(chunk), K)."""
        model = self.model
        # drawn as gensim would: results do not depend on the number of workers
        shape = (len(chunk), model.num_topics)
        starts = model.random_state.gamma(100.0, 1.0 / 100.0, shape)
        cuts = [len(chunk) * part // self.workers for part in range(self.workers + 1)]
        names = ("dtype", "num_topics", "expElogbeta", "alpha", "iterations", "gamma_threshold")
        settings = {name: getattr(model, name) for name in names}
        jobs = [
            self.pool.submit(_infer, chunk[start:stop], starts[start:stop], settings)
            for start, stop in pairwise(cuts)
            if stop > start
        ]
        done = [job.result() for job in jobs]
        for _, statistics in done:
            state.sstats += statistics
        state.numdocs += len(chunk)
        return np.concatenate([gamma for gamma, _ in done])


def _infer(chunk: Sequence[Any], starts: Any, settings: dict[str, Any]) -> Any:
    """Run gensim's inference in a process, on a part of a chunk; returns gamma and statistics."""
    lda = require("gensim.models.ldamodel", extra="vectors", purpose=_PURPOSE)
    given = SimpleNamespace(gamma=lambda *drawn: starts)
    return lda.LdaModel.inference(SimpleNamespace(**settings, random_state=given), chunk, True)


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the process that waits for this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextlib.contextmanager
def _silence(name: str) -> Iterator[None]:
    """Keep the warnings of a library back, which name options that are not ours."""
    theirs = logging.getLogger(name)
    level = theirs.level
    theirs.setLevel(logging.ERROR)
    try:
        yield
    finally:
        theirs.setLevel(level)
